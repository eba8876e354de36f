// The scalar twins of pixels.hpp.
#include "kernels/pixels/pixels_ref.hpp"

#include <algorithm>

#include "kernels/common/rounding.hpp"

namespace vaerans::kernels {

void row_to_planes_ref(const std::uint8_t* in, std::size_t width, std::size_t channels, PixelRange range,
                       const PlaneRow<float>& out) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t x = 0; x < width; ++x) {
      out[c][x] = static_cast<float>(in[x * channels + c]) / 255.0F * range.size + range.low;
    }
  }
}

void row_from_planes_ref(const PlaneRow<const float>& in, std::size_t width, std::size_t channels, PixelRange range,
                         std::uint8_t* out) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t x = 0; x < width; ++x) {
      const float value = (in[c][x] - range.low) / range.size * 255.0F;
      out[x * channels + c] = static_cast<std::uint8_t>(round_clamped(value, 255.0F));
    }
  }
}

template <class T>
void hwc_to_chw_ref(const T* in, T* out, std::size_t pixels, std::size_t channels, std::size_t plane) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < pixels; ++i) out[c * plane + i] = in[i * channels + c];
  }
}

template <class T>
void chw_to_hwc_ref(const T* in, T* out, std::size_t pixels, std::size_t channels, std::size_t plane) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < pixels; ++i) out[i * channels + c] = in[c * plane + i];
  }
}

void residual_ref(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                  std::span<std::int16_t> out) noexcept {
  const std::size_t n = std::min({a.size(), b.size(), out.size()});
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::int16_t>(a[i] - b[i]);
}

bool add_residual_ref(std::span<const std::uint8_t> recon, std::span<const std::int16_t> residual,
                      std::span<std::uint8_t> out) noexcept {
  const std::size_t n = std::min({recon.size(), residual.size(), out.size()});
  int clamped_anywhere = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int sum = recon[i] + residual[i];
    const int value = std::clamp(sum, 0, 255);
    clamped_anywhere |= sum ^ value;
    out[i] = static_cast<std::uint8_t>(value);
  }
  return clamped_anywhere == 0;
}

void luma_row_ref(const std::uint8_t* rgb, std::size_t width, std::size_t channels, std::uint8_t* out) noexcept {
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint8_t* const p = rgb + x * channels;
    out[x] = static_cast<std::uint8_t>((299U * p[0] + 587U * p[1] + 114U * p[2] + 500U) / 1000U);
  }
}

#define VAERANS_INSTANTIATE_LAYOUTS(T)                                                        \
  template void hwc_to_chw_ref(const T*, T*, std::size_t, std::size_t, std::size_t) noexcept; \
  template void chw_to_hwc_ref(const T*, T*, std::size_t, std::size_t, std::size_t) noexcept;
VAERANS_INSTANTIATE_LAYOUTS(std::uint8_t)
VAERANS_INSTANTIATE_LAYOUTS(std::int16_t)
VAERANS_INSTANTIATE_LAYOUTS(std::int32_t)
VAERANS_INSTANTIATE_LAYOUTS(float)
#undef VAERANS_INSTANTIATE_LAYOUTS

}  // namespace vaerans::kernels
