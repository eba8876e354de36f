// Pixel layouts: 8-bit interleaved images to float planes and back, residuals, interleaving.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.hpp"
#include "kernels/common/image_view.hpp"

namespace vaerans::kernels {

// u8 HWC -> f32 CHW: value v becomes v / 255 * (hi - lo) + lo. `out` holds channels planes of padded_h x padded_w; the
// image sits in the top left corner and its last row and column are repeated to the right and below.
// bad_argument: empty image, padded size below the image's, or `out` too short.
Status to_planar(ImageView in, float lo, float hi, std::size_t padded_h, std::size_t padded_w,
                 std::span<float> out) noexcept;

// f32 CHW -> u8 HWC: the top left corner of each plane, (v - lo) / (hi - lo) * 255 rounded (halves away from zero) and
// clamped to 0..255; NaN becomes 0. The crop is out's own size. hi != lo. `in` may begin inside the planes: then the
// crop has its corner there. bad_argument: out empty or larger than the planes, or `in` too short for it.
Status from_planar(std::span<const float> in, std::size_t padded_h, std::size_t padded_w, float lo, float hi,
                   MutableImageView out) noexcept;

// HWC <-> CHW without touching the values: `pixels` pixels of `channels` values. No overlap.
// T = uint8_t, int16_t, int32_t, float.
template <class T>
void hwc_to_chw(const T* in, T* out, std::size_t pixels, std::size_t channels) noexcept;
template <class T>
void chw_to_hwc(const T* in, T* out, std::size_t pixels, std::size_t channels) noexcept;

// out = a - b, in -255..255; any layout, spans of equal length (the shortest one counts).
void residual(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::span<std::int16_t> out) noexcept;

// out = recon + residual, clamped to 0..255. Returns false if anything had to be clamped: with a residual made from the
// same reconstruction this cannot happen, so false means that the reconstruction differs. out may be recon.
[[nodiscard]] bool add_residual(std::span<const std::uint8_t> recon, std::span<const std::int16_t> residual,
                                std::span<std::uint8_t> out) noexcept;

// ITU-R BT.601 luma of RGB pixels in full range, rounded to 8 bits: (299 R + 587 G + 114 B + 500) / 1000.
// Channels beyond the third are ignored. out: height x width, contiguous. bad_argument: fewer than 3 channels, or size.
Status luma_bt601(ImageView rgb, std::span<std::uint8_t> out) noexcept;

}  // namespace vaerans::kernels
