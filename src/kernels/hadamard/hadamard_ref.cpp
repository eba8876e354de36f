// The scalar twin: one butterfly after the other.
#include "kernels/hadamard/hadamard.hpp"

#include <algorithm>
#include <cmath>

namespace vaerans::kernels {
namespace {

// Samples of each plane that are transformed together, so that four channels stay in the first-level cache.
constexpr std::size_t kChunk = 1024;

void scale_row(const float* in, float* out, std::size_t n, float scale) noexcept {
  for (std::size_t i = 0; i < n; ++i) out[i] = in[i] * scale;
}

void butterfly(float* a, float* b, std::size_t n) noexcept {
  for (std::size_t i = 0; i < n; ++i) {
    const float sum = a[i] + b[i];
    b[i] = a[i] - b[i];
    a[i] = sum;
  }
}

// All butterflies on n samples of every plane; `data` points at the first sample of plane 0.
void transform_chunk(float* data, std::size_t channels, std::size_t plane, std::size_t n) noexcept {
  for (std::size_t half = 1; half < channels; half *= 2) {
    for (std::size_t c = 0; c < channels; ++c) {
      if ((c & half) == 0) butterfly(data + c * plane, data + (c + half) * plane, n);
    }
  }
}

}  // namespace

void hadamard_ref(const float* in, float* out, std::size_t channels, std::size_t plane) noexcept {
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(channels)));
  for (std::size_t begin = 0; begin < plane; begin += kChunk) {
    const std::size_t n = std::min(kChunk, plane - begin);
    for (std::size_t c = 0; c < channels; ++c) scale_row(in + c * plane + begin, out + c * plane + begin, n, scale);
    transform_chunk(out + begin, channels, plane, n);
  }
}

}  // namespace vaerans::kernels
