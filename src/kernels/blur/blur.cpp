#include "kernels/blur/blur.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/blur/blur_rows.hpp"

namespace vaerans::kernels {
namespace {

using blurring::mirrored;
using blurring::Rows;

constexpr double kTruncate = 4.0;
// Images are filtered as they lie, channels interleaved, this many at once.
constexpr std::size_t kMaxChannels = 8;

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

// Fills `radius` pixels of `channels` samples before and after a row of w pixels with its mirror image.
void mirror(float* row, std::size_t w, std::size_t channels, std::size_t radius) noexcept {
  for (std::size_t k = 0; k < radius; ++k) {
    std::copy_n(row + mirrored(k, w) * channels, channels, row - (k + 1) * channels);
    std::copy_n(row + (w - 1 - mirrored(k, w)) * channels, channels, row + (w + k) * channels);
  }
}

// Blurs row y of rows of w pixels into `out`; `middle` has room for `radius` pixels before and after the row.
template <class T>
void blur_row(const Rows<T>& in, std::size_t y, std::size_t w, std::span<const float> weights, float* middle,
              float* out) noexcept {
  const std::size_t channels = in.length / w;
  blurring::filter_columns(in, y, weights, middle);
  mirror(middle, w, channels, weights.size() - 1);
  blurring::filter_row(middle, in.length, channels, weights, out);
}

// Copies `count` neighbouring channels of each pixel.
void copy_channels(const std::uint8_t* in, std::size_t pixels, std::size_t in_channels, std::uint8_t* out,
                   std::size_t out_channels, std::size_t count) noexcept {
  if (in_channels == out_channels && count == in_channels) {
    std::copy_n(in, pixels * count, out);
    return;
  }
  for (std::size_t x = 0; x < pixels; ++x) std::copy_n(in + x * in_channels, count, out + x * out_channels);
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
  float* const middle = scratch.data() + weights.size() + radius;
  for (std::size_t y = 0; y < h && w > 0; ++y) blur_row<float>({in, h, w}, y, w, weights, middle, out + y * w);
  return Status::ok;
}

std::size_t blur_image_scratch_size(std::size_t h, std::size_t w, double sigma) noexcept {
  const std::size_t radius = blur_radius(sigma);
  return 2 * h * w + kMaxChannels * (3 * w + 2 * radius) + radius + 1;
}

Status gaussian_blur(ImageView in, MutableImageView out, double sigma, std::span<float> scratch) noexcept {
  const bool fits = same_shape(in, out) && scratch.size() >= blur_image_scratch_size(in.height, in.width, sigma);
  if (!sigma_ok(sigma) || !fits) return Status::bad_argument;
  const std::size_t radius = blur_radius(sigma);
  const std::size_t w = in.width;
  const std::span<float> weights = scratch.first(radius + 1);
  fill_weights(sigma, weights);
  float* const middle = scratch.data() + weights.size() + kMaxChannels * radius;
  float* const row = middle + kMaxChannels * (w + radius);
  auto* const bytes = reinterpret_cast<std::uint8_t*>(row + kMaxChannels * w);
  auto* const sharp = bytes + kMaxChannels * w;
  for (std::size_t first = 0; first < in.channels && !in.empty(); first += kMaxChannels) {
    const std::size_t count = std::min(kMaxChannels, in.channels - first);
    const std::size_t length = w * count;
    // A copy, since out may be in.
    for (std::size_t y = 0; y < in.height; ++y) {
      copy_channels(in.row(y) + first, w, in.channels, sharp + y * length, count, count);
    }
    for (std::size_t y = 0; y < in.height; ++y) {
      blur_row<std::uint8_t>({sharp, in.height, length}, y, w, weights, middle, row);
      blurring::round_to_bytes(row, length, bytes);
      copy_channels(bytes, w, count, out.row(y) + first, in.channels, count);
    }
  }
  return Status::ok;
}

}  // namespace vaerans::kernels
