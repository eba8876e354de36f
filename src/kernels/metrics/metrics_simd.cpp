// The vectorised squared error and halving of metrics_parts.hpp.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/metrics/metrics_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "kernels/metrics/metrics_parts.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::parts::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// ---- squared error -------------------------------------------------------------------------------------------------

#if HWY_TARGET == HWY_SCALAR
std::uint64_t squared_error_of(const std::uint8_t* a, const std::uint8_t* b, std::size_t n) {
  return squared_error_ref(a, b, n);
}
#else
std::uint64_t squared_error_of(const std::uint8_t* a, const std::uint8_t* b, std::size_t n) {
  using I16 = hn::CappedTag<std::int16_t, 32>;
  const I16 d16;
  const hn::Rebind<std::uint8_t, I16> d8;
  const hn::RepartitionToWide<I16> d32;
  const std::size_t lanes = hn::Lanes(d16);
  const std::size_t block = lanes << 13U;  // 2^13 sums of two squares fit 31 bits
  std::uint64_t total = 0;
  std::size_t i = 0;
  while (i + lanes <= n) {
    const std::size_t end = i + std::min(block, (n - i) / lanes * lanes);
    auto sum0 = hn::Zero(d32);
    auto sum1 = hn::Zero(d32);
    for (; i < end; i += lanes) {
      const auto v = hn::Sub(hn::PromoteTo(d16, hn::LoadU(d8, a + i)), hn::PromoteTo(d16, hn::LoadU(d8, b + i)));
      sum0 = hn::ReorderWidenMulAccumulate(d32, v, v, sum0, sum1);
    }
    HWY_ALIGN std::int32_t sums[16];
    hn::Store(sum0, d32, sums);
    for (std::size_t k = 0; k < hn::Lanes(d32); ++k) total += static_cast<std::uint32_t>(sums[k]);
    hn::Store(sum1, d32, sums);
    for (std::size_t k = 0; k < hn::Lanes(d32); ++k) total += static_cast<std::uint32_t>(sums[k]);
  }
  return total + squared_error_ref(a + i, b + i, n - i);
}
#endif

// ---- halving -------------------------------------------------------------------------------------------------------

using F32 = hn::CappedTag<float, 16>;
using I32 = hn::Rebind<std::int32_t, F32>;
using U8 = hn::Rebind<std::uint8_t, F32>;

// The means of the first pairs of a row that fill whole vectors; returns how many.
#if HWY_TARGET == HWY_SCALAR
template <class T>
std::size_t halve_vectors(const T* /*above*/, const T* /*below*/, std::size_t /*pairs*/, float* /*out*/) {
  return 0;
}
#else
inline hn::Vec<F32> load_float(const std::uint8_t* p) {
  return hn::ConvertTo(F32(), hn::PromoteTo(I32(), hn::LoadU(U8(), p)));
}
inline hn::Vec<F32> load_float(const float* p) { return hn::LoadU(F32(), p); }

template <class T>
std::size_t halve_vectors(const T* above, const T* below, std::size_t pairs, float* out) {
  const F32 d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + lanes <= pairs; x += lanes) {
    const auto first = hn::Add(load_float(above + 2 * x), load_float(below + 2 * x));
    const auto second = hn::Add(load_float(above + 2 * x + lanes), load_float(below + 2 * x + lanes));
    const auto sum = hn::Add(hn::ConcatEven(d, second, first), hn::ConcatOdd(d, second, first));
    hn::StoreU(hn::Mul(sum, hn::Set(d, 0.25F)), d, out + x);
  }
  return x;
}
#endif

template <class T>
void halve_of(const T* in, std::size_t height, std::size_t width, std::size_t stride, float* out) {
  const std::size_t out_w = (width + 1) / 2;
  for (std::size_t y = 0; y < (height + 1) / 2; ++y) {
    const T* const above = in + 2 * y * stride;
    const T* const below = 2 * y + 1 < height ? above + stride : above;
    float* const row = out + y * out_w;
    for (std::size_t x = halve_vectors(above, below, width / 2, row); x < out_w; ++x) {
      const std::size_t right = std::min(2 * x + 1, width - 1);
      const auto pair = [&](std::size_t i) { return static_cast<float>(above[i]) + static_cast<float>(below[i]); };
      row[x] = (pair(2 * x) + pair(right)) * 0.25F;  // in the order of the vectors
    }
  }
}

void halve_u8(const std::uint8_t* in, std::size_t height, std::size_t width, std::size_t stride, float* out) {
  halve_of(in, height, width, stride, out);
}
void halve_f32(const float* in, std::size_t height, std::size_t width, std::size_t stride, float* out) {
  halve_of(in, height, width, stride, out);
}

}  // namespace vaerans::kernels::parts::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::parts {

HWY_EXPORT(squared_error_of);
HWY_EXPORT(halve_u8);
HWY_EXPORT(halve_f32);

std::uint64_t squared_error(const std::uint8_t* a, const std::uint8_t* b, std::size_t n) noexcept {
  return HWY_DYNAMIC_DISPATCH(squared_error_of)(a, b, n);
}

template <>
void halve(const std::uint8_t* in, std::size_t height, std::size_t width, std::size_t stride, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(halve_u8)(in, height, width, stride, out);
}
template <>
void halve(const float* in, std::size_t height, std::size_t width, std::size_t stride, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(halve_f32)(in, height, width, stride, out);
}

}  // namespace vaerans::kernels::parts
#endif
