#include "kernels/klt/plane_rotation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/klt/plane_rotation_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Products and sums apart (no fused multiply-add): the same bits on every instruction set.
template <class D>
HWY_INLINE void rotate_vector(D d, float* p, float* q, float sine, float cosine) {
  const auto a = hn::LoadU(d, p), b = hn::LoadU(d, q), s = hn::Set(d, sine), c = hn::Set(d, cosine);
  hn::StoreU(hn::Sub(hn::Mul(c, a), hn::Mul(s, b)), d, p);
  hn::StoreU(hn::Add(hn::Mul(s, a), hn::Mul(c, b)), d, q);
}

void rotate_rows(float* p, float* q, std::size_t n, float sine, float cosine) {
  const hn::ScalableTag<float> d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) rotate_vector(d, p + i, q + i, sine, cosine);
  for (; i < n; ++i) rotate_vector(hn::CappedTag<float, 1>(), p + i, q + i, sine, cosine);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(rotate_rows);

namespace {

// Samples of each plane that are rotated together, so that all channels of them stay in the second-level cache.
constexpr std::size_t kChunk = 1024;

void rotate_rows_of(float* data, std::size_t plane, std::size_t n, const PlaneRotation& r, double sign) {
  const auto [sine, cosine] = sine_cosine(r.t);
  HWY_DYNAMIC_DISPATCH(rotate_rows)
  (data + r.p * plane, data + r.q * plane, n, static_cast<float>(sign * sine), static_cast<float>(cosine));
}

template <typename Rotate>
void on_chunks(const float* in, float* out, std::size_t channels, std::size_t plane, Rotate rotate) {
  for (std::size_t begin = 0; begin < plane; begin += kChunk) {
    const std::size_t n = std::min(kChunk, plane - begin);
    for (std::size_t c = 0; c < channels && in != out; ++c) {
      std::memcpy(out + c * plane + begin, in + c * plane + begin, n * sizeof(float));
    }
    rotate(out + begin, n);
  }
}

}  // namespace

void rotate_planes(const float* in, float* out, std::size_t channels, std::size_t plane,
                   std::span<const PlaneRotation> rotations) noexcept {
  on_chunks(in, out, channels, plane, [&](float* data, std::size_t n) {
    for (const PlaneRotation& r : rotations) rotate_rows_of(data, plane, n, r, 1);
  });
}

void unrotate_planes(const float* in, float* out, std::size_t channels, std::size_t plane,
                     std::span<const PlaneRotation> rotations) noexcept {
  on_chunks(in, out, channels, plane, [&](float* data, std::size_t n) {
    for (auto r = rotations.rbegin(); r != rotations.rend(); ++r) rotate_rows_of(data, plane, n, *r, -1);
  });
}

}  // namespace vaerans::kernels
#endif
