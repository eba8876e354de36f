// Scalar twins of pixels.hpp, row by row: the same results in every bit. The vectorised kernels leave to them what does
// not fill a vector, and layouts of unusual channel counts; tests compare with them. Internal to the kernels.
#pragma once

#include "kernels/pixels/pixels.hpp"

namespace vaerans::kernels {

// Floats from low to low + size stand for 0..255.
struct PixelRange {
  float low;
  float size;
};

// The rows of an image's planes: T is float or const float.
template <class T>
struct PlaneRow {
  T* first;
  std::size_t plane;  // from a plane to the next
  T* operator[](std::size_t channel) const noexcept { return first + channel * plane; }
};

void row_to_planes_ref(const std::uint8_t* in, std::size_t width, std::size_t channels, PixelRange range,
                       const PlaneRow<float>& out) noexcept;
void row_from_planes_ref(const PlaneRow<const float>& in, std::size_t width, std::size_t channels, PixelRange range,
                         std::uint8_t* out) noexcept;

// As in pixels.hpp, but for pixels whose planes lie `plane` apart.
template <class T>
void hwc_to_chw_ref(const T* in, T* out, std::size_t pixels, std::size_t channels, std::size_t plane) noexcept;
template <class T>
void chw_to_hwc_ref(const T* in, T* out, std::size_t pixels, std::size_t channels, std::size_t plane) noexcept;

void residual_ref(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                  std::span<std::int16_t> out) noexcept;
[[nodiscard]] bool add_residual_ref(std::span<const std::uint8_t> recon, std::span<const std::int16_t> residual,
                                    std::span<std::uint8_t> out) noexcept;
void luma_row_ref(const std::uint8_t* rgb, std::size_t width, std::size_t channels, std::uint8_t* out) noexcept;

}  // namespace vaerans::kernels
