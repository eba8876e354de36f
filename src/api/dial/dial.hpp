// The dial: which coder a request gets, and the wavelet coder's chain, steps and searches.
#pragma once

#include <cstdint>
#include <functional>

#include "vaerans/api.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {

/// dial: the wavelet, or the model where that looks better at no more bytes, picture by picture.
enum class Mode : std::uint8_t { model, wavelet, pixel, dial };

/// What CompressOptions::mode asks for.
/// Throws Error(bad_parameter) for a mode that does not exist or does not go with the other options.
[[nodiscard]] Mode mode_of(const CompressOptions& options);
/// The model that is meant where none is named.
[[nodiscard]] std::string model_of(const CompressOptions& options);

/// Where no option names a rate or a quality.
inline constexpr double kDefaultQuality = 75;

/// Whether the options name a quality that is measured, which only the wavelet coder meets.
[[nodiscard]] bool names_measured_quality(const CompressOptions& options);
/// Whether they name that, or a size: both take a search over files.
[[nodiscard]] bool is_searched_for(const CompressOptions& options);
/// The size that they name, by target_bytes or bpp, for a picture (H, W, C).
[[nodiscard]] std::uint64_t wanted_bytes(const CompressOptions& options, const Shape& picture);

/// The inverse of step_of_quality().
[[nodiscard]] double quality_of_step(double step, double latent_std);

/// Levels of the wavelet coder's transform where its tiles have that side. With five instead of six a region looks half
/// as far beyond its borders, so that it needs four of the smaller tiles at most and not nine, for .1 to .4 % more
/// bytes.
[[nodiscard]] constexpr std::uint32_t band_levels(std::int64_t tile) { return tile == 512 ? 5 : 6; }
/// The side of the tiles that the wavelet coder's chain has for a picture, twice that of the pixel coder; 0: it is not
/// cut. They cost little (-2.6 to 2.7 % bytes, as much for those of the largest pictures), and go to as many threads as
/// there are.
[[nodiscard]] std::int64_t band_tile(std::uint64_t height, std::uint64_t width);
/// Its quantiser for a picture, with the usual step: with visual steps, or with those for PSNR.
[[nodiscard]] QuantizeBandsOptions band_options(bool visual, std::int64_t effort, std::int64_t tile);
/// The wavelet coder's chain.
[[nodiscard]] Pipeline band_pipeline(const QuantizeBandsOptions& bands);
/// The step that a quality stands for where the picture is not looked at; it halves every 15 points.
[[nodiscard]] double band_step_of_quality(double quality);
/// The SSIMULACRA2 that a quality below 100 stands for: itself up to 85, then slower, to what nobody sees.
[[nodiscard]] double score_of_quality(double quality);

/// Steps that searches try: kStepTrials of them, from the coarsest, 64 an octave.
inline constexpr int kStepTrials = 689;
[[nodiscard]] double step_of_trial(int trial);

/// The last of the trials 0, 1, …, most that does not exceed its target, or -1. excess(trial) says by how many octaves
/// it does; it grows with the trial, about one in 64, which makes few calls enough.
[[nodiscard]] int last_within(int most, const std::function<double(int)>& excess);

/// Steps at whole octaves, from 2^finest to 2^coarsest, and the line of scores between two of them, which are D apart:
/// straight, or above that by `bend` D in the middle (less than a quarter).
struct Octaves {
  int finest = 1, coarsest = 8;
  double bend = 0;
};
/// The step that has `score` on these lines. Scores are asked for at whole octaves around `near` only; the same lines
/// for every score, so a higher score never gets a larger step.
[[nodiscard]] double step_of_score(double score, double near, const std::function<double(double)>& score_at,
                                   Octaves octaves = {});

}  // namespace vaerans
