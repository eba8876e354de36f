// One level of the CDF 9/7 transform, as forward_level and inverse_level in dwt_level.hpp. Internal to the kernels.
//
// Four lifting steps where the 5/3 has two. Plain loops over rows, which compilers make vectors of: each sample is
// added and multiplied in one order, without fused operations, so that all machines get the same bits.
#pragma once

#include "kernels/dwt/dwt_level.hpp"

namespace vaerans::kernels::lifting {

void forward_level_97(const float* src, Size s, const Quad<float>& q, float* scratch) noexcept;
void inverse_level_97(float* dst, Size s, const Quad<const float>& q, float* scratch) noexcept;

}  // namespace vaerans::kernels::lifting
