// Hadamard transform of the channels.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Orthonormal Walsh–Hadamard transform over C = 2ᵏ channels (Sylvester order): H·Hᵀ = I, so the factor is 2^(−k/2),
/// ½ for C = 4. Latent4 → YUVW4, (C, h, w) f32 both. Error(shape) where C is no power of two.
[[nodiscard]] SystemPtr Hadamard4();
/// The same matrix (it is its own inverse): YUVW4 → Latent4.
[[nodiscard]] SystemPtr Hadamard4Inverse();

}  // namespace vaerans
