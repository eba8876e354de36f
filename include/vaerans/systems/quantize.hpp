// Quantisers: coefficients to symbols and back. Parameters, shapes and errors: docs/reference/systems.md.
#pragma once

#include <cstdint>

#include "vaerans/base/effort.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct QuantizeU8Options {
  bool per_band = true;
};
struct QuantizeOptions {
  std::int64_t bits = 0;  ///< 0: use `step`
  double step = 1.0;
  double deadzone = 0.5;  ///< in steps
  double rdo = 0;         ///< affects encoding only
};

struct QuantizeBandsOptions {
  double step = 10.0;
  double chroma = 1.0;
  double rdo = 0.07;  ///< affects encoding only
  bool visual = false;
  double masking = 0.5;  ///< affects encoding only
  bool dependent = false;
  std::int64_t tile = 0;  ///< side in pixels of tiles that are coded alone: 0, or a power of two from 256 to 4096
  std::int64_t effort = default_effort;  ///< affects encoding only
};

/// f32 planes or bands → SymbolsU8 and QuantParams; 8 bits, affine.
[[nodiscard]] SystemPtr QuantizeU8(const QuantizeU8Options& options = {});
/// The quantiser for rate–distortion work; integers with step = 1 pass unchanged.
[[nodiscard]] SystemPtr Quantize(const QuantizeOptions& options = {});
/// Undoes either: SymbolsU8 → what the quantiser consumed.
[[nodiscard]] SystemPtr Dequantize();

/// Wavelet bands of three f32 planes, or one → SymbolsU8, for ANSEncode with coder mixing.
[[nodiscard]] SystemPtr QuantizeBands(const QuantizeBandsOptions& options = {});
[[nodiscard]] SystemPtr DequantizeBands();

}  // namespace vaerans
