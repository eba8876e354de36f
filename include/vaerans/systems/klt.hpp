// Karhunen-Loève transform of the channels. Parameters, shapes and errors: docs/reference/systems.md.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct KLTOptions {
  double noise = 0.2;  ///< share of the channels' root mean square deviation
};
/// Latent4 → YUVW4, (C, h, w) f32 both.
[[nodiscard]] SystemPtr KLT(const KLTOptions& options = {});
/// YUVW4 → Latent4.
[[nodiscard]] SystemPtr KLTInverse();

}  // namespace vaerans
