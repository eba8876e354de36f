// Image quality: MSE, PSNR, SSIM, MS-SSIM on 8-bit images, sums in double precision.
//
// Data range is 255, K1 = 0.01, K2 = 0.03. Colour images: each channel by itself, then the mean over the channels; pass
// a one-channel view (see luma_bt601 in pixels.hpp) for the luma variants. Images are compared in the same shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.hpp"
#include "kernels/common/image_view.hpp"

namespace vaerans::kernels {

// Mean squared error over all values, exact up to the last division. NaN for unequal shapes or empty images.
[[nodiscard]] double mse(ImageView a, ImageView b) noexcept;

// 10 log10(255^2 / mse) in dB; +infinity for equal images.
[[nodiscard]] double psnr(ImageView a, ImageView b) noexcept;
[[nodiscard]] double psnr_of_mse(double mse) noexcept;

// ---- SSIM ------------------------------------------------------------------------------------------------------

enum class SsimWindow : std::uint8_t {
  uniform7,    // 7x7 box, sample covariance: scikit-image's structural_similarity() by default
  gaussian11,  // 11 taps, sigma 1.5, population covariance: Wang et al. 2004, scikit-image with gaussian_weights=True,
               // sigma=1.5, use_sample_covariance=False
};

[[nodiscard]] constexpr std::size_t window_size(SsimWindow window) noexcept {
  return window == SsimWindow::uniform7 ? 7 : 11;
}

struct SsimResult {
  Status status = Status::ok;
  double value = 0;
};

// Doubles of scratch for ssim on images of this width.
[[nodiscard]] std::size_t ssim_scratch_size(std::size_t width, SsimWindow window) noexcept;

// Mean SSIM over the pixels whose window lies inside the image, as scikit-image crops it.
// too_small: height or width below the window. bad_argument: shapes, scratch.
[[nodiscard]] SsimResult ssim(ImageView a, ImageView b, SsimWindow kind, std::span<double> scratch) noexcept;

// ---- MS-SSIM ---------------------------------------------------------------------------------------------------

// Wang, Simoncelli, Bovik 2003: contrast and structure at five scales, luminance at the coarsest; each scale's mean is
// raised to its weight (0.0448, 0.2856, 0.3001, 0.2363, 0.1333) and multiplied. Windows as gaussian11; scales are
// halved by averaging 2x2 pixels (an odd last row or column is repeated). Negative means count as 0.
//
// Scale s needs min(h, w) >= 11 * 2^s, so five scales need 176. Smaller images get fewer: the weights of the scales
// that fit are divided by their sum, and the result says how many there were: such values are not comparable.
inline constexpr unsigned kMsSsimScales = 5;

struct MsSsimResult {
  Status status = Status::ok;
  double value = 0;
  unsigned scales = 0;
};

[[nodiscard]] std::size_t ms_ssim_scratch_size(std::size_t height, std::size_t width) noexcept;

// too_small: min(h, w) below 11. bad_argument: shapes, scratch.
[[nodiscard]] MsSsimResult ms_ssim(ImageView a, ImageView b, std::span<double> scratch) noexcept;

// ---- scalar twins ----------------------------------------------------------------------------------------------

// The same values from plain loops, up to the order of summation. Tests compare with them.
[[nodiscard]] SsimResult ssim_ref(ImageView a, ImageView b, SsimWindow kind, std::span<double> scratch) noexcept;
[[nodiscard]] MsSsimResult ms_ssim_ref(ImageView a, ImageView b, std::span<double> scratch) noexcept;

}  // namespace vaerans::kernels
