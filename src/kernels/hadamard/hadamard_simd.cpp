#include "kernels/hadamard/hadamard.hpp"

#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/hadamard/hadamard_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// kPlanes planes, `distance` samples apart, at one position; the scale and log2(kPlanes) stages of butterflies need no
// memory in between. The stages are those of the scalar twin in the same order.
template <std::size_t kPlanes, class D>
HWY_INLINE void butterflies(D d, const float* in, float* out, std::size_t distance, float scale) {
  hn::Vec<D> v[kPlanes];
  for (std::size_t c = 0; c < kPlanes; ++c) v[c] = hn::Mul(hn::LoadU(d, in + c * distance), hn::Set(d, scale));
  for (std::size_t half = 1; half < kPlanes; half *= 2) {
    for (std::size_t c = 0; c < kPlanes; ++c) {
      if ((c & half) != 0) continue;
      const auto sum = hn::Add(v[c], v[c + half]);
      v[c + half] = hn::Sub(v[c], v[c + half]);
      v[c] = sum;
    }
  }
  for (std::size_t c = 0; c < kPlanes; ++c) hn::StoreU(v[c], d, out + c * distance);
}

// The same on n samples of each plane.
template <std::size_t kPlanes>
void on_row(const float* in, float* out, std::size_t n, std::size_t distance, float scale) {
  const hn::CappedTag<float, 16> d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    butterflies<kPlanes>(d, in + i, out + i, distance, scale);
  }
  for (; i < n; ++i) {
    butterflies<kPlanes>(hn::CappedTag<float, 1>(), in + i, out + i, distance, scale);
  }
}

// All channels of one chunk of n samples: passes of up to three stages, of which the first one scales.
void on_chunk(const float* in, float* out, std::size_t channels, std::size_t plane, std::size_t n, float scale) {
  for (std::size_t half = 1; half < channels || half == 1;) {
    const std::size_t left = channels / half;
    const std::size_t planes = left >= 8 ? 8 : left;
    for (std::size_t c = 0; c < channels; ++c) {
      if ((c / half) % planes != 0) continue;
      const float* const from = (half == 1 ? in : out) + c * plane;
      float* const to = out + c * plane;
      const std::size_t distance = half * plane;
      const float factor = half == 1 ? scale : 1.0F;
      if (planes == 8) on_row<8>(from, to, n, distance, factor);
      if (planes == 4) on_row<4>(from, to, n, distance, factor);
      if (planes == 2) on_row<2>(from, to, n, distance, factor);
      if (planes == 1) on_row<1>(from, to, n, distance, factor);
    }
    half *= std::max<std::size_t>(planes, 2);
  }
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(on_chunk);

bool is_hadamard_size(std::size_t channels) noexcept {
  return std::has_single_bit(channels) && channels <= kMaxHadamardChannels;
}

void hadamard(const float* in, float* out, std::size_t channels, std::size_t plane) noexcept {
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(channels)));
  // Where one pass does not suffice, the samples that are transformed together stay in the first-level cache.
  const std::size_t chunk =
      channels <= 8 ? std::max<std::size_t>(plane, 1) : std::max<std::size_t>(8192 / channels, 64);
  for (std::size_t begin = 0; begin < plane; begin += chunk) {
    HWY_DYNAMIC_DISPATCH(on_chunk)(in + begin, out + begin, channels, plane, std::min(chunk, plane - begin), scale);
  }
}

}  // namespace vaerans::kernels
#endif
