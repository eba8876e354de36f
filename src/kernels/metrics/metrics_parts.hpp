// What the metrics of metrics.hpp and their scalar twins share, and the vectorised loops. Internal to the kernels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/metrics/metrics.hpp"

namespace vaerans::kernels::parts {

inline constexpr double kC1 = (0.01 * 255) * (0.01 * 255);
inline constexpr double kC2 = (0.03 * 255) * (0.03 * 255);
inline constexpr std::size_t kMaxTaps = 11;
// n / (n - 1) for the sample covariance of 7 x 7 samples.
inline constexpr double kBoxCovarianceFactor = 49.0 / 48.0;

// Weights of the Gaussian window at distance 0..5 from its centre; they add up to 1.
using GaussianWeights = std::array<double, 6>;
[[nodiscard]] GaussianWeights gaussian_weights() noexcept;

// Scales of MS-SSIM that fit an image.
[[nodiscard]] unsigned scales_of(std::size_t height, std::size_t width) noexcept;
// What the mean of one of `scales` scales contributes to the product.
[[nodiscard]] double scale_factor(double mean, unsigned scale, unsigned scales) noexcept;

// ---- vectorised loops ------------------------------------------------------------------------------------------

// Two images whose channels are interleaved: SSIM looks at `length` samples per row, and neighbours in x lie `step`
// samples apart, so that all channels are worked on at once.
template <class T>
struct PlanePair {
  const T* a;
  const T* b;
  std::size_t a_stride;  // samples from a row to the next
  std::size_t b_stride;
  std::size_t height;
  std::size_t length;  // width * step
  std::size_t step;
};

inline constexpr std::size_t kMaxStep = 8;
// Windows side by side that are worked on from top to bottom, so that their rows stay in the first-level cache, and the
// samples in a row that these reach, in whole vectors.
inline constexpr std::size_t kBoxStrip = 256;
inline constexpr std::size_t kBoxRow = kBoxStrip + 6 * kMaxStep + 16;
inline constexpr std::size_t kGaussianStrip = 64;
inline constexpr std::size_t kGaussianRow = kGaussianStrip + (kMaxTaps - 1) * kMaxStep + 16;
// Doubles of scratch for the sums and to align it.
inline constexpr std::size_t kSumScratch = (kMaxTaps * 4 + 1) * kGaussianStrip + 4 * kGaussianRow + 8;
static_assert(5 * kBoxRow <= kSumScratch);

// Which of the two similarities is summed.
enum class Part : std::uint8_t { ssim, contrast_structure };

// Sums over all windows inside the images, of T = uint8_t or float; step at most kMaxStep, width and height at least
// the window's. Columns are summed from top to bottom, then from left to right, without fused multiply-adds: the result
// is the same in every bit on every instruction set.
[[nodiscard]] double box_sum(const PlanePair<std::uint8_t>& planes, double* scratch) noexcept;
template <class T>
[[nodiscard]] double gaussian_sum(const PlanePair<T>& planes, Part part, double* scratch) noexcept;

// 2 x 2 means into ceil(h / 2) x ceil(w / 2), odd last rows and columns repeated; exact for bytes halved four times.
// Rows of `in` are `stride` samples apart; out may be `in`, it is never written ahead of the reading.
template <class T>
void halve(const T* in, std::size_t height, std::size_t width, std::size_t stride, float* out) noexcept;

// Sum of (a - b)^2.
[[nodiscard]] std::uint64_t squared_error(const std::uint8_t* a, const std::uint8_t* b, std::size_t n) noexcept;
[[nodiscard]] std::uint64_t squared_error_ref(const std::uint8_t* a, const std::uint8_t* b, std::size_t n) noexcept;

}  // namespace vaerans::kernels::parts
