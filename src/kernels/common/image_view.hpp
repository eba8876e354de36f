// An 8-bit interleaved image in someone else's memory: H rows of W pixels of C bytes, rows `stride` bytes apart.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vaerans::kernels {

template <class Byte>
struct BasicImageView {
  Byte* data = nullptr;
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 0;
  std::size_t stride = 0;  // bytes from a row to the next, at least width * channels

  [[nodiscard]] constexpr Byte* row(std::size_t y) const noexcept { return data + y * stride; }
  [[nodiscard]] constexpr std::size_t row_bytes() const noexcept { return width * channels; }
  [[nodiscard]] constexpr bool empty() const noexcept { return height == 0 || width == 0 || channels == 0; }
};

using ImageView = BasicImageView<const std::uint8_t>;
using MutableImageView = BasicImageView<std::uint8_t>;

[[nodiscard]] constexpr ImageView as_const(const MutableImageView& v) noexcept {
  return {v.data, v.height, v.width, v.channels, v.stride};
}

template <class A, class B>
[[nodiscard]] constexpr bool same_shape(const BasicImageView<A>& a, const BasicImageView<B>& b) noexcept {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

}  // namespace vaerans::kernels
