#include "kernels/klt/covariance.hpp"

#include <algorithm>
#include <array>

namespace vaerans::kernels {
namespace {

// Samples whose sums are taken together: all channels of them stay in the second-level cache.
constexpr std::size_t kChunk = 1024;
// Partial sums side by side, a fixed number so that compilers may use vectors of any width without changing the result.
constexpr std::size_t kLanes = 8;
using Sums = std::array<double, kLanes>;

double total(const Sums& sums) noexcept {
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

double sum(const float* a, std::size_t n) noexcept {
  Sums sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += static_cast<double>(a[i + lane]);
  }
  for (; i < n; ++i) sums[i % kLanes] += static_cast<double>(a[i]);
  return total(sums);
}

double dot(const float* a, const float* b, std::size_t n) noexcept {
  Sums sums{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
    }
  }
  for (; i < n; ++i) sums[i % kLanes] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return total(sums);
}

}  // namespace

void covariance(const float* in, std::size_t channels, std::size_t plane, std::span<double> out) noexcept {
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t begin = 0; begin < plane; begin += kChunk) {
    const std::size_t n = std::min(kChunk, plane - begin);
    for (std::size_t a = 0; a < channels; ++a) {
      for (std::size_t b = a; b < channels; ++b) {
        out[a * channels + b] += dot(in + a * plane + begin, in + b * plane + begin, n);
      }
    }
  }
  const auto count = static_cast<double>(plane);
  std::array<double, kMaxCovarianceChannels> means{};
  for (std::size_t c = 0; c < channels; ++c) means[c] = sum(in + c * plane, plane) / count;
  for (std::size_t a = 0; a < channels; ++a) {
    for (std::size_t b = a; b < channels; ++b) {
      out[a * channels + b] = out[b * channels + a] = out[a * channels + b] / count - means[a] * means[b];
    }
  }
}

void covariance_ref(const float* in, std::size_t channels, std::size_t plane, std::span<double> out) noexcept {
  const auto count = static_cast<double>(plane);
  const auto mean = [&](std::size_t c) {
    double all = 0;
    for (std::size_t i = 0; i < plane; ++i) all += static_cast<double>(in[c * plane + i]);
    return all / count;
  };
  for (std::size_t a = 0; a < channels; ++a) {
    for (std::size_t b = 0; b < channels; ++b) {
      const double mean_a = mean(a), mean_b = mean(b);
      double all = 0;
      for (std::size_t i = 0; i < plane; ++i) {
        all += (static_cast<double>(in[a * plane + i]) - mean_a) * (static_cast<double>(in[b * plane + i]) - mean_b);
      }
      out[a * channels + b] = all / count;
    }
  }
}

}  // namespace vaerans::kernels
