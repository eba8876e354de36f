// Wavelet transforms: CDF 5/3 and Haar, float and reversible.
#pragma once

#include <cstdint>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct WaveletOptions {
  std::int64_t levels = 4;  ///< 0…32; clamped, with a note in the trace, where a plane is too small
};

/// (C, h, w) → WaveletPyr (C, h·w) of the same type. f32: lifting with scaling √2, 1/√2 per direction and level, so
/// that coefficients equal PyWavelets' bior2.2 (signs of high bands aside). i16, i32: the reversible 5/3 of JPEG 2000
/// (ISO/IEC 15444-1 annex F), bit-exact under its inverse. Whole-sample symmetric borders.
[[nodiscard]] SystemPtr WaveletCDF53(const WaveletOptions& options = {});
/// WaveletPyr → what the forward step consumed. levels = −1 (the default here) means: as the stream says.
[[nodiscard]] SystemPtr WaveletCDF53Inverse(const WaveletOptions& options = {.levels = -1});

/// As above with the Haar wavelet (f32: orthonormal; integers: the S-transform).
[[nodiscard]] SystemPtr WaveletHaar(const WaveletOptions& options = {});
[[nodiscard]] SystemPtr WaveletHaarInverse(const WaveletOptions& options = {.levels = -1});

}  // namespace vaerans
