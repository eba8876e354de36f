// The dial: which coder a request gets, and the wavelet coder's chain, steps and searches.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "vaerans/api.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

enum class Mode : std::uint8_t { model, wavelet, pixel };

/// What CompressOptions::mode asks for, "auto" decided: `least_bpp` is the tightest target of the pictures, if there is
/// one.
/// Throws Error(bad_parameter) for a mode that does not exist or does not go with the other options.
[[nodiscard]] Mode mode_of(const CompressOptions& options, std::optional<double> least_bpp);

/// The wavelet coder's chain, and the step that a quality stands for: it halves every 15 points.
[[nodiscard]] Pipeline band_pipeline();
[[nodiscard]] double band_step_of_quality(double quality);
/// The model's own quality for a quality of the dial below the wavelet coder's.
[[nodiscard]] double model_quality_of(double quality);

/// Steps that searches try: kStepTrials of them, from the coarsest, 64 an octave.
inline constexpr int kStepTrials = 689;
[[nodiscard]] double step_of_trial(int trial);

/// The last of the trials 0, 1, …, most that does not exceed its target, or -1. excess(trial) says by how many octaves
/// it does; it grows with the trial, about one in 64, which makes few calls enough.
[[nodiscard]] int last_within(int most, const std::function<double(int)>& excess);

}  // namespace vaerans
