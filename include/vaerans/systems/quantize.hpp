// Quantisers: coefficients to symbols and back.
#pragma once

#include <cstdint>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct QuantizeU8Options {
  bool per_band = true;  ///< scale and zero for each channel and band; false: one pair for the whole item
};
struct QuantizeOptions {
  std::int64_t bits = 0;  ///< 2…16: affine over each subband's range with 2^bits levels; 0: use `step`
  double step = 1.0;      ///< > 0: uniform step, the same in all subbands; an integer ≥ 1 for integer coefficients
  double deadzone = 0.5;  ///< in [0.5, 1): |x| below deadzone·step becomes 0; 0.5 is plain rounding
  /// Rate–distortion optimisation: an index goes one nearer to zero where that lowers (error/step)² + rdo · bits under
  /// the context coder's costs; 0: plain rounding; 0.1 is a good start. Needs wavelet bands of a model with a context
  /// prior, and rounds without one. Affects encoding only.
  double rdo = 0;
};

/// f32 planes or bands → SymbolsU8 and QuantParams; 8 bits, affine. Error(non_finite) names the band.
[[nodiscard]] SystemPtr QuantizeU8(const QuantizeU8Options& options = {});
/// The quantiser for rate–distortion work; integers with step = 1 pass unchanged.
[[nodiscard]] SystemPtr Quantize(const QuantizeOptions& options = {});
/// Undoes either: SymbolsU8 → what the quantiser consumed.
[[nodiscard]] SystemPtr Dequantize();

}  // namespace vaerans
