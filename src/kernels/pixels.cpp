#include "kernels/pixels.hpp"

#include <algorithm>

#include "kernels/rounding.hpp"

namespace vaerans::kernels {
namespace {

// One channel of a row, padded with its last value.
void row_to_floats(const std::uint8_t* in, std::size_t width, std::size_t step, float range, float lo, float* out,
                   std::size_t padded) noexcept {
  for (std::size_t x = 0; x < width; ++x) out[x] = static_cast<float>(in[x * step]) / 255.0F * range + lo;
  std::fill(out + width, out + padded, out[width - 1]);
}

void row_from_floats(const float* in, std::size_t width, std::size_t step, float range, float lo,
                     std::uint8_t* out) noexcept {
  for (std::size_t x = 0; x < width; ++x) {
    out[x * step] = static_cast<std::uint8_t>(round_clamped((in[x] - lo) / range * 255.0F, 255.0F));
  }
}

}  // namespace

Status to_planar(ImageView in, float lo, float hi, std::size_t padded_h, std::size_t padded_w,
                 std::span<float> out) noexcept {
  const std::size_t plane = padded_h * padded_w;
  const bool sizes_fit = !in.empty() && padded_h >= in.height && padded_w >= in.width;
  if (!sizes_fit || out.size() < plane * in.channels) return Status::bad_argument;
  for (std::size_t c = 0; c < in.channels; ++c) {
    float* const first = out.data() + c * plane;
    for (std::size_t y = 0; y < in.height; ++y) {
      row_to_floats(in.row(y) + c, in.width, in.channels, hi - lo, lo, first + y * padded_w, padded_w);
    }
    const float* const last = first + (in.height - 1) * padded_w;
    for (std::size_t y = in.height; y < padded_h; ++y) std::copy_n(last, padded_w, first + y * padded_w);
  }
  return Status::ok;
}

Status from_planar(std::span<const float> in, std::size_t padded_h, std::size_t padded_w, float lo, float hi,
                   MutableImageView out) noexcept {
  const std::size_t plane = padded_h * padded_w;
  const bool sizes_fit = out.height <= padded_h && out.width <= padded_w;
  if (!sizes_fit || in.size() < plane * out.channels) return Status::bad_argument;
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t c = 0; c < out.channels; ++c) {
      row_from_floats(in.data() + c * plane + y * padded_w, out.width, out.channels, hi - lo, lo, out.row(y) + c);
    }
  }
  return Status::ok;
}

template <class T>
void hwc_to_chw(const T* in, T* out, std::size_t pixels, std::size_t channels) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    T* const plane = out + c * pixels;
    for (std::size_t i = 0; i < pixels; ++i) plane[i] = in[i * channels + c];
  }
}

template <class T>
void chw_to_hwc(const T* in, T* out, std::size_t pixels, std::size_t channels) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    const T* const plane = in + c * pixels;
    for (std::size_t i = 0; i < pixels; ++i) out[i * channels + c] = plane[i];
  }
}

void residual(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::span<std::int16_t> out) noexcept {
  const std::size_t n = std::min({a.size(), b.size(), out.size()});
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::int16_t>(a[i] - b[i]);
}

bool add_residual(std::span<const std::uint8_t> recon, std::span<const std::int16_t> residual,
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

Status luma_bt601(ImageView rgb, std::span<std::uint8_t> out) noexcept {
  if (rgb.channels < 3 || out.size() < rgb.height * rgb.width) return Status::bad_argument;
  for (std::size_t y = 0; y < rgb.height; ++y) {
    const std::uint8_t* const in = rgb.row(y);
    std::uint8_t* const row = out.data() + y * rgb.width;
    for (std::size_t x = 0; x < rgb.width; ++x) {
      const std::uint8_t* const p = in + x * rgb.channels;
      row[x] = static_cast<std::uint8_t>((299U * p[0] + 587U * p[1] + 114U * p[2] + 500U) / 1000U);
    }
  }
  return Status::ok;
}

template void hwc_to_chw(const std::uint8_t*, std::uint8_t*, std::size_t, std::size_t) noexcept;
template void hwc_to_chw(const std::int16_t*, std::int16_t*, std::size_t, std::size_t) noexcept;
template void hwc_to_chw(const std::int32_t*, std::int32_t*, std::size_t, std::size_t) noexcept;
template void hwc_to_chw(const float*, float*, std::size_t, std::size_t) noexcept;
template void chw_to_hwc(const std::uint8_t*, std::uint8_t*, std::size_t, std::size_t) noexcept;
template void chw_to_hwc(const std::int16_t*, std::int16_t*, std::size_t, std::size_t) noexcept;
template void chw_to_hwc(const std::int32_t*, std::int32_t*, std::size_t, std::size_t) noexcept;
template void chw_to_hwc(const float*, float*, std::size_t, std::size_t) noexcept;

}  // namespace vaerans::kernels
