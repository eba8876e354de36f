// SSIM sums of the 7 x 7 box.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/metrics/metrics_box_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "kernels/metrics/metrics_parts.hpp"
#include "kernels/metrics/metrics_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::parts::HWY_NAMESPACE {

// All sums are exact integers: of a, b, a^2 + b^2 and a b over seven rows, per column.
constexpr std::size_t kBox = 7;

struct BoxColumns {
  std::int32_t* sum[4];
};

// Adds (or takes away) one row of n samples.
template <bool kAdd>
void box_row(const std::uint8_t* a, const std::uint8_t* b, std::size_t n, const BoxColumns& c) {
  const auto step = [&](auto du8, std::size_t x) {
    const hn::Rebind<std::int32_t, decltype(du8)> d;
    const auto va = hn::PromoteTo(d, hn::LoadU(du8, a + x));
    const auto vb = hn::PromoteTo(d, hn::LoadU(du8, b + x));
    const auto put = [&](std::int32_t* sum, auto v) {
      hn::StoreU(kAdd ? hn::Add(hn::LoadU(d, sum + x), v) : hn::Sub(hn::LoadU(d, sum + x), v), d, sum + x);
    };
    put(c.sum[0], va);
    put(c.sum[1], vb);
    put(c.sum[2], hn::Add(hn::Mul(va, va), hn::Mul(vb, vb)));
    put(c.sum[3], hn::Mul(va, vb));
  };
  const hn::Rebind<std::uint8_t, hn::CappedTag<std::int32_t, 16>> wide;
  std::size_t x = 0;
  for (; x + hn::Lanes(wide) <= n; x += hn::Lanes(wide)) step(wide, x);
  for (; x < n; ++x) step(hn::CappedTag<std::uint8_t, 1>(), x);
}

// Adds the similarities of one row of windows to their columns. All four sums are scaled by 49^2, which leaves whole
// numbers below 2^31.
void box_windows(const BoxColumns& c, std::size_t step, std::size_t windows, double* columns) {
  const F64 d;
  const I32 di;
  constexpr double n2 = 49.0 * 49.0;
  for (std::size_t x = 0; x < windows; x += hn::Lanes(d)) {
    const auto total = [&](const std::int32_t* sum) {
      auto v = hn::LoadU(di, sum + x);
      for (std::size_t k = 1; k < kBox; ++k) v = hn::Add(v, hn::LoadU(di, sum + x + k * step));
      return v;
    };
    const auto a = total(c.sum[0]);
    const auto b = total(c.sum[1]);
    const auto n = hn::Set(di, 49);
    const auto squares = hn::Add(hn::Mul(a, a), hn::Mul(b, b));
    const auto product = hn::Mul(a, b);
    const auto variances = hn::PromoteTo(d, hn::Sub(hn::Mul(n, total(c.sum[2])), squares));
    const auto covariance = hn::PromoteTo(d, hn::Sub(hn::Mul(n, total(c.sum[3])), product));
    const auto factor = hn::Set(d, kBoxCovarianceFactor);
    const auto ssim =
        similarity<Part::ssim>(hn::PromoteTo(d, squares), hn::PromoteTo(d, product), hn::Mul(factor, variances),
                               hn::Mul(factor, covariance), kC1 * n2, kC2 * n2);
    hn::StoreU(hn::Add(hn::LoadU(d, columns + x), ssim), d, columns + x);
  }
}

double box_sum_of(const PlanePair<std::uint8_t>& p, double* scratch) {
  double* const columns = aligned(scratch);
  // 32-bit sums move in where doubles were.
  auto* const sums = ::new (static_cast<void*>(columns + kBoxRow)) std::int32_t[4 * kBoxRow];
  const BoxColumns c{{sums, sums + kBoxRow, sums + 2 * kBoxRow, sums + 3 * kBoxRow}};
  return over_strips(p, kBox, kBoxStrip, [&](const Strip& strip) {
    std::fill_n(columns, kBoxRow, 0.0);
    std::fill_n(sums, 4 * kBoxRow, 0);
    const std::uint8_t* const a = p.a + strip.begin;
    const std::uint8_t* const b = p.b + strip.begin;
    for (std::size_t y = 0; y < p.height; ++y) {
      box_row<true>(a + y * p.a_stride, b + y * p.b_stride, strip.samples, c);
      if (y + 1 < kBox) continue;
      box_windows(c, p.step, strip.windows, columns);
      const std::size_t oldest = y + 1 - kBox;
      box_row<false>(a + oldest * p.a_stride, b + oldest * p.b_stride, strip.samples, c);
    }
    return columns;
  });
}

}  // namespace vaerans::kernels::parts::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::parts {

HWY_EXPORT(box_sum_of);

double box_sum(const PlanePair<std::uint8_t>& planes, double* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(box_sum_of)(planes, scratch);
}

}  // namespace vaerans::kernels::parts
#endif
