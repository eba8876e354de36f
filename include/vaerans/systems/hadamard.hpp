// Hadamard transform of the channels. Shapes and errors: docs/reference/systems.md.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Latent4 → YUVW4, (C, h, w) f32 both, C = 2ᵏ.
[[nodiscard]] SystemPtr Hadamard4();
/// YUVW4 → Latent4.
[[nodiscard]] SystemPtr Hadamard4Inverse();

}  // namespace vaerans
