// Wavelet transforms: CDF 5/3 and Haar, float and reversible, and CDF 9/7.
// Parameters, shapes and errors: docs/reference/systems.md.
#pragma once

#include <cstdint>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct WaveletOptions {
  std::int64_t levels = 4;
};
struct WaveletInverseOptions {
  std::int64_t levels = -1;  ///< as the stream says
};

/// Planes (C, h, w) → WaveletPyr (C, h·w) of the same type.
[[nodiscard]] SystemPtr WaveletCDF53(const WaveletOptions& options = {});
/// WaveletPyr → what the forward step consumed.
[[nodiscard]] SystemPtr WaveletCDF53Inverse(const WaveletInverseOptions& options = {});

/// As above with the Haar wavelet.
[[nodiscard]] SystemPtr WaveletHaar(const WaveletOptions& options = {});
[[nodiscard]] SystemPtr WaveletHaarInverse(const WaveletInverseOptions& options = {});

/// The 9/7 of JPEG 2000, for f32 planes alone.
[[nodiscard]] SystemPtr WaveletCDF97(const WaveletOptions& options = {});
[[nodiscard]] SystemPtr WaveletCDF97Inverse(const WaveletInverseOptions& options = {});

}  // namespace vaerans
