// Karhunen-Loève transform of the channels.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Decorrelates the channels of each latent by an orthonormal rotation computed from its own covariance: plane
/// rotations of Jacobi's method, the most useful first, as long as one saves more bits than it takes in the side
/// information. Latent4 → YUVW4, (C, h, w) f32 both, C ≤ 64. `noise`, 0 to 1, is a share of the channels' root mean
/// square deviation: deviations well below it vanish in the quantiser's noise, so that nothing is gained there. It only
/// decides which rotations are worth their bytes. Errors: shape, dtype, bad_parameter.
[[nodiscard]] SystemPtr KLT(double noise = 0.2);
/// Undoes the rotations that the side information holds: YUVW4 → Latent4.
[[nodiscard]] SystemPtr KLTInverse();

}  // namespace vaerans
