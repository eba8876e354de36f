// Pixels as the planes that the pixel coder takes, and back: G, R, B of RGB, or the one of grey.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace vaerans {

inline constexpr std::array<std::size_t, 3> kChannelOfPlane{1, 0, 2};  // G, R, B of R, G, B

template <typename Sample>
void to_planes(std::span<const Sample> pixels, std::size_t channels, std::span<Sample> planes) {
  if (channels == 1) return void(std::ranges::copy(pixels, planes.begin()));
  const std::size_t n = pixels.size() / 3;
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t i = 0; i < n; ++i) planes[p * n + i] = pixels[3 * i + kChannelOfPlane[p]];
  }
}

template <typename Sample>
void to_pixels(std::span<const Sample> planes, std::size_t channels, std::span<Sample> pixels) {
  if (channels == 1) return void(std::ranges::copy(planes, pixels.begin()));
  const std::size_t n = pixels.size() / 3;
  for (std::size_t p = 0; p < 3; ++p) {
    for (std::size_t i = 0; i < n; ++i) pixels[3 * i + kChannelOfPlane[p]] = planes[p * n + i];
  }
}

}  // namespace vaerans
