// Covariances of channel planes.
#pragma once

#include <cstddef>
#include <span>

namespace vaerans::kernels {

inline constexpr std::size_t kMaxCovarianceChannels = 64;

// out[a * channels + b]: the covariance of planes a and b, means removed, divided by `plane` (>= 1). Sums are in double
// and in an order that does not depend on the machine: the same bits everywhere. Requires channels <=
// kMaxCovarianceChannels and channels^2 elements of `out`.
void covariance(const float* in, std::size_t channels, std::size_t plane, std::span<double> out) noexcept;

// The plain twin: two passes, one sum after the other; equal up to rounding.
void covariance_ref(const float* in, std::size_t channels, std::size_t plane, std::span<double> out) noexcept;

}  // namespace vaerans::kernels
