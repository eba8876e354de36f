// The scalar twins: plain loops over one channel at a time, all in double precision.
#include <algorithm>
#include <array>
#include <span>

#include "kernels/metrics/metrics_parts.hpp"

namespace vaerans::kernels {
namespace {

using parts::kC1;
using parts::kC2;
using parts::kMaxTaps;

// One channel: samples `step` apart in rows `stride` apart, bytes or doubles.
template <class T>
struct Plane {
  const T* data;
  std::size_t height;
  std::size_t width;
  std::size_t step;
  std::size_t stride;

  [[nodiscard]] double at(std::size_t y, std::size_t x) const noexcept {
    return static_cast<double>(data[y * stride + x * step]);
  }
};

Plane<std::uint8_t> channel_of(ImageView v, std::size_t c) noexcept {
  return {v.data + c, v.height, v.width, v.channels, v.stride};
}

// ---- windows ---------------------------------------------------------------------------------------------------

struct Window {
  std::array<double, kMaxTaps> weights{};
  std::size_t taps = kMaxTaps;
  double covariance_factor = 1.0;  // n / (n - 1) for the sample covariance
};

Window make_window(SsimWindow kind) noexcept {
  Window window;
  window.taps = window_size(kind);
  if (kind == SsimWindow::uniform7) {
    window.weights.fill(1.0 / 7.0);
    window.covariance_factor = parts::kBoxCovarianceFactor;
    return window;
  }
  const parts::GaussianWeights half = parts::gaussian_weights();
  for (std::size_t k = 0; k < window.taps; ++k) window.weights[k] = half[k < 5 ? 5 - k : k - 5];
  return window;
}

// ---- local moments ---------------------------------------------------------------------------------------------

// What is averaged over each window: a, b, a^2 + b^2 and a * b. SSIM needs the variances' sum only.
constexpr std::size_t kMoments = 4;

// A row of moments: kMoments rows of `width` doubles, one after the other.
template <class T>
void fill_moments(const Plane<T>& a, const Plane<T>& b, std::size_t y, double* row) noexcept {
  const std::size_t w = a.width;
  for (std::size_t x = 0; x < w; ++x) {
    const double va = a.at(y, x);
    const double vb = b.at(y, x);
    row[x] = va;
    row[w + x] = vb;
    row[2 * w + x] = va * va + vb * vb;
    row[3 * w + x] = va * vb;
  }
}

void weigh(const double* in, double weight, double* out, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) out[i] = weight * in[i];
}
// Both windows are symmetric, so two samples share a weight.
void add_pair(const double* a, const double* b, double weight, double* out, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) out[i] += weight * (a[i] + b[i]);
}

// Scratch: a ring of `taps` rows of moments, their vertical means, and the means over whole windows.
struct Rows {
  double* ring;
  double* vertical = nullptr;
  double* means = nullptr;
  std::size_t row;  // doubles in a row of moments

  Rows(std::span<double> scratch, std::size_t width, std::size_t taps) noexcept
      : ring(scratch.data()), row(kMoments * width) {
    vertical = ring + taps * row;
    means = vertical + row;
  }
  [[nodiscard]] static std::size_t size(std::size_t width, std::size_t taps) noexcept {
    return (taps + 2) * kMoments * width;
  }
};

// Means over the windows that begin in row y, whose rows are in the ring: width - taps + 1 valid ones per moment.
void average(const Rows& rows, std::size_t y, std::size_t width, const Window& window) noexcept {
  const std::size_t center = window.taps / 2;
  const auto ring_row = [&](std::size_t k) { return rows.ring + (y + k) % window.taps * rows.row; };
  weigh(ring_row(center), window.weights[center], rows.vertical, rows.row);
  for (std::size_t k = 0; k < center; ++k) {
    add_pair(ring_row(k), ring_row(window.taps - 1 - k), window.weights[k], rows.vertical, rows.row);
  }
  const std::size_t valid = width - window.taps + 1;
  for (std::size_t m = 0; m < kMoments; ++m) {
    const double* const in = rows.vertical + m * width;
    double* const out = rows.means + m * width;
    weigh(in + center, window.weights[center], out, valid);
    for (std::size_t k = 0; k < center; ++k) {
      add_pair(in + k, in + window.taps - 1 - k, window.weights[k], out, valid);
    }
  }
}

struct Similarity {
  double ssim = 0;
  double contrast_structure = 0;
};

// Sums of both similarities over one row of windows.
Similarity compare(const double* means, std::size_t width, std::size_t valid, double covariance_factor) noexcept {
  Similarity sum;
  for (std::size_t x = 0; x < valid; ++x) {
    const double ma = means[x];
    const double mb = means[width + x];
    const double squares = ma * ma + mb * mb;
    const double product = ma * mb;
    const double variances = covariance_factor * (means[2 * width + x] - squares);
    const double covariance = covariance_factor * (means[3 * width + x] - product);
    const double cs = (2 * covariance + kC2) / (variances + kC2);
    sum.contrast_structure += cs;
    sum.ssim += cs * (2 * product + kC1) / (squares + kC1);
  }
  return sum;
}

// Means over all windows inside the planes, which are at least as large as a window.
template <class T>
Similarity similarity(const Plane<T>& a, const Plane<T>& b, const Window& window, std::span<double> scratch) noexcept {
  const Rows rows(scratch, a.width, window.taps);
  const std::size_t valid_w = a.width - window.taps + 1;
  const std::size_t valid_h = a.height - window.taps + 1;
  for (std::size_t y = 0; y + 1 < window.taps; ++y) fill_moments(a, b, y, rows.ring + y * rows.row);
  Similarity sum;
  for (std::size_t y = 0; y < valid_h; ++y) {
    const std::size_t newest = y + window.taps - 1;
    // Taps are 7 or 11. NOLINTNEXTLINE(clang-analyzer-core.DivideZero)
    fill_moments(a, b, newest, rows.ring + newest % window.taps * rows.row);
    average(rows, y, a.width, window);
    const Similarity row = compare(rows.means, a.width, valid_w, window.covariance_factor);
    sum.ssim += row.ssim;
    sum.contrast_structure += row.contrast_structure;
  }
  const double windows = static_cast<double>(valid_w) * static_cast<double>(valid_h);
  return {sum.ssim / windows, sum.contrast_structure / windows};
}

// ---- scales ----------------------------------------------------------------------------------------------------

// 2x2 means, odd last rows and columns repeated. out may be the plane itself: it is never written ahead of the reading.
template <class T>
Plane<double> halve(const Plane<T>& in, double* out) noexcept {
  const std::size_t h = (in.height + 1) / 2;
  const std::size_t w = (in.width + 1) / 2;
  for (std::size_t y = 0; y < h; ++y) {
    const std::size_t below = std::min(2 * y + 1, in.height - 1);
    for (std::size_t x = 0; x < w; ++x) {
      const std::size_t right = std::min(2 * x + 1, in.width - 1);
      out[y * w + x] = (in.at(2 * y, 2 * x) + in.at(2 * y, right) + in.at(below, 2 * x) + in.at(below, right)) / 4;
    }
  }
  return {out, h, w, 1, w};
}

// The weighted product of one channel's scales. `half_planes` holds two planes of the second scale.
double ms_ssim_channel(const Plane<std::uint8_t>& a, const Plane<std::uint8_t>& b, unsigned scales,
                       std::span<double> half_planes, std::span<double> rows) noexcept {
  const Window window = make_window(SsimWindow::gaussian11);
  double product = 1;
  const auto multiply = [&](const Similarity& mean, unsigned scale) {
    product *= parts::scale_factor(scale + 1 == scales ? mean.ssim : mean.contrast_structure, scale, scales);
  };
  multiply(similarity(a, b, window, rows), 0);
  if (scales == 1) return product;
  Plane<double> small_a = halve(a, half_planes.data());
  Plane<double> small_b = halve(b, half_planes.data() + half_planes.size() / 2);
  for (unsigned scale = 1; scale < scales; ++scale) {
    if (scale > 1) {
      small_a = halve(small_a, half_planes.data());
      small_b = halve(small_b, half_planes.data() + half_planes.size() / 2);
    }
    multiply(similarity(small_a, small_b, window, rows), scale);
  }
  return product;
}

std::size_t half_planes_size(std::size_t height, std::size_t width) noexcept {
  return 2 * ((height + 1) / 2) * ((width + 1) / 2);
}

}  // namespace

std::uint64_t parts::squared_error_ref(const std::uint8_t* a, const std::uint8_t* b, std::size_t n) noexcept {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const int difference = a[i] - b[i];
    total += static_cast<std::uint64_t>(difference * difference);
  }
  return total;
}

SsimResult ssim_ref(ImageView a, ImageView b, SsimWindow kind, std::span<double> scratch) noexcept {
  if (!same_shape(a, b) || scratch.size() < ssim_scratch_size(a.width, kind)) return {Status::bad_argument, 0};
  if (a.channels == 0 || std::min(a.height, a.width) < window_size(kind)) return {Status::too_small, 0};
  const Window window = make_window(kind);
  double sum = 0;
  for (std::size_t c = 0; c < a.channels; ++c) {
    sum += similarity(channel_of(a, c), channel_of(b, c), window, scratch).ssim;
  }
  return {Status::ok, sum / static_cast<double>(a.channels)};
}

MsSsimResult ms_ssim_ref(ImageView a, ImageView b, std::span<double> scratch) noexcept {
  if (!same_shape(a, b) || scratch.size() < ms_ssim_scratch_size(a.height, a.width)) {
    return {Status::bad_argument, 0, 0};
  }
  const unsigned scales = parts::scales_of(a.height, a.width);
  if (scales == 0 || a.channels == 0) return {Status::too_small, 0, 0};
  const std::size_t split = half_planes_size(a.height, a.width);
  double sum = 0;
  for (std::size_t c = 0; c < a.channels; ++c) {
    sum += ms_ssim_channel(channel_of(a, c), channel_of(b, c), scales, scratch.first(split), scratch.subspan(split));
  }
  return {Status::ok, sum / static_cast<double>(a.channels), scales};
}

}  // namespace vaerans::kernels
