// A picture for the pixel coder: lossless, or with a largest error. Parameters, shapes and errors:
// docs/reference/systems.md.
#pragma once

#include <cstdint>

#include "vaerans/base/effort.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct PredictOptions {
  std::int64_t max_error = 0;            ///< how far a sample may be moved, in grey levels; 0: exact
  std::int64_t effort = default_effort;  ///< affects encoding only
};
/// RGB (H, W, 3) u8 → SymbolsU8 (3, H, W) u8, the planes G, R, B for ANSEncode with coder mixing.
[[nodiscard]] SystemPtr Predict(const PredictOptions& options = {});
/// SymbolsU8 (3, H, W) u8 → ReconRGB (H, W, 3) u8.
[[nodiscard]] SystemPtr PredictInverse();

}  // namespace vaerans
