#include "kernels/blur.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/rounding.hpp"

namespace vaerans::kernels {
namespace {

constexpr double kTruncate = 4.0;

bool sigma_ok(double sigma) noexcept { return sigma >= 0.0 && sigma <= kMaxSigma; }

// weights[k] for distance k = 0..radius.
void fill_weights(double sigma, std::span<float> weights) noexcept {
  const auto bell = [sigma](std::size_t k) {
    const double distance = static_cast<double>(k) / sigma;
    return std::exp(-0.5 * distance * distance);
  };
  double sum = 1.0;
  for (std::size_t k = 1; k < weights.size(); ++k) sum += 2.0 * bell(k);
  weights[0] = static_cast<float>(1.0 / sum);
  for (std::size_t k = 1; k < weights.size(); ++k) weights[k] = static_cast<float>(bell(k) / sum);
}

// Index of the mirrored sample for i samples before (after) the border: 0, 1, .., n-1, n-1, .., 0, 0, 1, ..
std::size_t mirrored(std::size_t i, std::size_t n) noexcept {
  const std::size_t phase = i % (2 * n);
  return phase < n ? phase : 2 * n - 1 - phase;
}
std::size_t above(std::size_t y, std::size_t k, std::size_t n) noexcept {
  return k <= y ? y - k : mirrored(k - y - 1, n);
}
std::size_t below(std::size_t y, std::size_t k, std::size_t n) noexcept {
  return y + k < n ? y + k : n - 1 - mirrored(y + k - n, n);
}

void add_pair(const float* a, const float* b, float weight, float* sum, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) sum[i] += weight * (a[i] + b[i]);
}

void weigh(const float* in, float weight, float* out, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) out[i] = weight * in[i];
}

// The vertical filter at row y of an h x w plane.
void blur_columns(const float* in, std::size_t h, std::size_t w, std::size_t y, std::span<const float> weights,
                  float* out) noexcept {
  weigh(in + y * w, weights[0], out, w);
  for (std::size_t k = 1; k < weights.size(); ++k) {
    add_pair(in + above(y, k, h) * w, in + below(y, k, h) * w, weights[k], out, w);
  }
}

// The horizontal filter of a row that has `radius` places before and after it in memory, filled in here.
void blur_row(float* row, std::size_t w, std::span<const float> weights, float* out) noexcept {
  const std::size_t radius = weights.size() - 1;
  for (std::size_t k = 0; k < radius; ++k) {
    *(row - 1 - k) = row[mirrored(k, w)];
    row[w + k] = row[w - 1 - mirrored(k, w)];
  }
  weigh(row, weights[0], out, w);
  for (std::size_t k = 1; k <= radius; ++k) add_pair(row - k, row + k, weights[k], out, w);
}

}  // namespace

std::size_t blur_radius(double sigma) noexcept {
  if (!sigma_ok(sigma)) return 0;
  // SciPy truncates after adding a half; lround would differ where the sum itself is rounded.
  return static_cast<std::size_t>(kTruncate * sigma + 0.5);  // NOLINT(bugprone-incorrect-roundings)
}

std::size_t blur_scratch_size(std::size_t w, double sigma) noexcept { return w + 3 * blur_radius(sigma) + 1; }

Status gaussian_blur(const float* in, float* out, std::size_t h, std::size_t w, double sigma,
                     std::span<float> scratch) noexcept {
  if (!sigma_ok(sigma) || scratch.size() < blur_scratch_size(w, sigma)) return Status::bad_argument;
  const std::size_t radius = blur_radius(sigma);
  if (radius == 0) {
    std::copy_n(in, h * w, out);
    return Status::ok;
  }
  const std::span<float> weights = scratch.first(radius + 1);
  fill_weights(sigma, weights);
  float* const row = scratch.data() + weights.size() + radius;
  for (std::size_t y = 0; y < h && w > 0; ++y) {
    blur_columns(in, h, w, y, weights, row);
    blur_row(row, w, weights, out + y * w);
  }
  return Status::ok;
}

std::size_t blur_image_scratch_size(std::size_t h, std::size_t w, double sigma) noexcept {
  return 2 * h * w + blur_scratch_size(w, sigma);
}

Status gaussian_blur(ImageView in, MutableImageView out, double sigma, std::span<float> scratch) noexcept {
  const std::size_t plane = in.height * in.width;
  const bool fits = same_shape(in, out) && scratch.size() >= blur_image_scratch_size(in.height, in.width, sigma);
  if (!sigma_ok(sigma) || !fits) return Status::bad_argument;
  float* const sharp = scratch.data();
  float* const soft = sharp + plane;
  for (std::size_t c = 0; c < in.channels; ++c) {
    for (std::size_t y = 0; y < in.height; ++y) {
      const std::uint8_t* const row = in.row(y) + c;
      for (std::size_t x = 0; x < in.width; ++x) sharp[y * in.width + x] = static_cast<float>(row[x * in.channels]);
    }
    (void)gaussian_blur(sharp, soft, in.height, in.width, sigma, scratch.subspan(2 * plane));
    for (std::size_t y = 0; y < in.height; ++y) {
      std::uint8_t* const row = out.row(y) + c;
      for (std::size_t x = 0; x < in.width; ++x) {
        row[x * in.channels] = static_cast<std::uint8_t>(round_clamped(soft[y * in.width + x], 255.0F));
      }
    }
  }
  return Status::ok;
}

}  // namespace vaerans::kernels
