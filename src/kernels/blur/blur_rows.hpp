// The two one-dimensional filters of blur.hpp on rows, and their scalar twins. Internal to the kernels.
//
// weights[k] belongs to distance k = 0..radius. Each output is weights[0] * centre, then weights[k] * (left + right) is
// added for k = 1, 2, .. in this order, in float and without fused multiply-adds: all forms give the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::kernels::blurring {

// Index of the mirrored sample for i samples before (after) the border: 0, 1, .., n-1, n-1, .., 0, 0, 1, ..
[[nodiscard]] constexpr std::size_t mirrored(std::size_t i, std::size_t n) noexcept {
  const std::size_t phase = i % (2 * n);
  return phase < n ? phase : 2 * n - 1 - phase;
}
[[nodiscard]] constexpr std::size_t above(std::size_t y, std::size_t k, std::size_t n) noexcept {
  return k <= y ? y - k : mirrored(k - y - 1, n);
}
[[nodiscard]] constexpr std::size_t below(std::size_t y, std::size_t k, std::size_t n) noexcept {
  return y + k < n ? y + k : n - 1 - mirrored(y + k - n, n);
}

// Rows of `length` samples, `height` of them, one after the other.
template <class T>
struct Rows {
  const T* data;
  std::size_t height;
  std::size_t length;
  [[nodiscard]] const T* operator[](std::size_t y) const noexcept { return data + y * length; }
};

// The vertical filter at row y. T = float, uint8_t.
template <class T>
void filter_columns(const Rows<T>& in, std::size_t y, std::span<const float> weights, float* out) noexcept;
template <class T>
void filter_columns_ref(const Rows<T>& in, std::size_t y, std::span<const float> weights, float* out) noexcept;

// The horizontal filter of n samples whose neighbours lie `step` samples apart, radius * step places before and after
// them included.
void filter_row(const float* row, std::size_t n, std::size_t step, std::span<const float> weights, float* out) noexcept;
void filter_row_ref(const float* row, std::size_t n, std::size_t step, std::span<const float> weights,
                    float* out) noexcept;

// Clamped to 0..255 and rounded, halves upwards.
void round_to_bytes(const float* row, std::size_t n, std::uint8_t* out) noexcept;
void round_to_bytes_ref(const float* row, std::size_t n, std::uint8_t* out) noexcept;

}  // namespace vaerans::kernels::blurring
