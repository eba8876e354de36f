// Sums over arrays: the same on every machine, since the order of additions is fixed.
#pragma once

#include <span>

namespace vaerans::kernels {

// Sum of x, and of (x - shift)^2. Floats add up where they can hold the sums and the squares, else doubles do, at a
// tenth of the speed: finite numbers have finite sums, and no square becomes 0 that is not.
[[nodiscard]] double sum_of(std::span<const float> x) noexcept;
[[nodiscard]] double sum_of_squares(std::span<const float> x, float shift) noexcept;

struct Difference {
  double squares = 0;  // sum of (a - b)^2
  float largest = 0;   // absolute difference
};
// Both spans have one length.
[[nodiscard]] Difference difference(std::span<const float> a, std::span<const float> b) noexcept;

}  // namespace vaerans::kernels
