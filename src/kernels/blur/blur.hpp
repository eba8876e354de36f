// Gaussian blur, with the conventions of scipy.ndimage.gaussian_filter(truncate=4.0, mode='reflect').
//
// The kernel has radius floor(4 * sigma + 0.5) and weights exp(-k^2 / (2 sigma^2)), normalised to sum 1. Borders mirror
// half a sample outside the image (d c b a | a b c d | d c b a), repeatedly where the radius exceeds the image. Columns
// are filtered first, then rows. Sums are in float: differences to SciPy stay below 1e-6 of the largest value.
#pragma once

#include <cstddef>
#include <span>

#include "base/status.hpp"
#include "kernels/common/image_view.hpp"

namespace vaerans::kernels {

// Largest accepted sigma, a bound on the kernel's size; beyond it, shrink the image first.
inline constexpr double kMaxSigma = 1e4;

[[nodiscard]] std::size_t blur_radius(double sigma) noexcept;

// Floats of scratch for gaussian_blur on rows of w samples.
[[nodiscard]] std::size_t blur_scratch_size(std::size_t w, double sigma) noexcept;

// One h x w plane. in and out must not overlap. sigma in 0..kMaxSigma; one so small that the radius is 0 copies.
// bad_argument: sigma negative, NaN or too large, scratch too short.
Status gaussian_blur(const float* in, float* out, std::size_t h, std::size_t w, double sigma,
                     std::span<float> scratch) noexcept;

// Floats of scratch for gaussian_blur on an image: two planes and a row.
[[nodiscard]] std::size_t blur_image_scratch_size(std::size_t h, std::size_t w, double sigma) noexcept;

// Each channel of an 8-bit image by itself, rounded at the end (halves away from zero). out may be in.
Status gaussian_blur(ImageView in, MutableImageView out, double sigma, std::span<float> scratch) noexcept;

}  // namespace vaerans::kernels
