// The vectorised filters of blur_rows.hpp. What does not fill a vector goes through vectors of one lane.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/blur/blur_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/blur/blur_rows.hpp"
#include "kernels/common/rounding_simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::blurring::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const float* p) {
  return hn::LoadU(d, p);
}
template <class D>
HWY_INLINE hn::Vec<D> load(D d, const std::uint8_t* p) {
  return hn::ConvertTo(d, hn::PromoteTo(hn::Rebind<std::int32_t, D>(), hn::LoadU(hn::Rebind<std::uint8_t, D>(), p)));
}

// kVectors vectors side by side, which share the addresses of the neighbours: pair(k) gives the two rows at distance k.
template <std::size_t kVectors, class D, class T, class Pair>
HWY_INLINE void filter_block(D d, const T* center, Pair pair, std::span<const float> weights, float* out) {
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> sum[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) sum[v] = hn::Mul(hn::Set(d, weights[0]), load(d, center + v * lanes));
  for (std::size_t k = 1; k < weights.size(); ++k) {
    const auto weight = hn::Set(d, weights[k]);
    const auto [a, b] = pair(k);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto both = hn::Add(load(d, a + v * lanes), load(d, b + v * lanes));
      sum[v] = hn::Add(sum[v], hn::Mul(weight, both));
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sum[v], d, out + v * lanes);
}

template <class T>
struct Neighbors {
  const T* a;
  const T* b;
};

// pair_at(x, k): the neighbours of sample x at distance k.
template <class T, class PairAt>
HWY_INLINE void filter(const T* center, std::size_t n, PairAt pair_at, std::span<const float> weights, float* out) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t x = 0;
  const auto pair = [&](std::size_t k) { return pair_at(x, k); };
  for (; x + 4 * lanes <= n; x += 4 * lanes) filter_block<4>(d, center + x, pair, weights, out + x);
  for (; x + lanes <= n; x += lanes) filter_block<1>(d, center + x, pair, weights, out + x);
  for (; x < n; ++x) filter_block<1>(hn::CappedTag<float, 1>(), center + x, pair, weights, out + x);
}

template <class T>
void columns(const Rows<T>& in, std::size_t y, std::span<const float> weights, float* out) {
  const auto pair_at = [&](std::size_t x, std::size_t k) {
    return Neighbors<T>{in[above(y, k, in.height)] + x, in[below(y, k, in.height)] + x};
  };
  filter(in[y], in.length, pair_at, weights, out);
}

void columns_f32(const Rows<float>& in, std::size_t y, std::span<const float> weights, float* out) {
  columns(in, y, weights, out);
}
void columns_u8(const Rows<std::uint8_t>& in, std::size_t y, std::span<const float> weights, float* out) {
  columns(in, y, weights, out);
}

void across(const float* row, std::size_t n, std::size_t step, std::span<const float> weights, float* out) {
  const auto pair_at = [&](std::size_t x, std::size_t k) {
    return Neighbors<float>{row + x - k * step, row + x + k * step};
  };
  filter(row, n, pair_at, weights, out);
}

void to_bytes(const float* row, std::size_t n, std::uint8_t* out) {
  const Floats d;
  const hn::Rebind<std::uint8_t, Floats> d8;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) {
    const auto rounded = kernels::HWY_NAMESPACE::round_clamped(d, hn::LoadU(d, row + x), hn::Set(d, 255.0F));
    hn::StoreU(hn::DemoteTo(d8, rounded), d8, out + x);
  }
  round_to_bytes_ref(row + x, n - x, out + x);
}

}  // namespace vaerans::kernels::blurring::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::blurring {

HWY_EXPORT(columns_f32);
HWY_EXPORT(columns_u8);
HWY_EXPORT(across);
HWY_EXPORT(to_bytes);

template <>
void filter_columns(const Rows<float>& in, std::size_t y, std::span<const float> weights, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(columns_f32)(in, y, weights, out);
}
template <>
void filter_columns(const Rows<std::uint8_t>& in, std::size_t y, std::span<const float> weights, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(columns_u8)(in, y, weights, out);
}

void filter_row(const float* row, std::size_t n, std::size_t step, std::span<const float> weights,
                float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(across)(row, n, step, weights, out);
}

void round_to_bytes(const float* row, std::size_t n, std::uint8_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(to_bytes)(row, n, out);
}

}  // namespace vaerans::kernels::blurring
#endif
