// The vectorised sums of metrics_parts.hpp.
#include "kernels/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/metrics_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <type_traits>

#include "kernels/metrics_parts.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::parts::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F64 = hn::CappedTag<double, 8>;
using F32 = hn::Rebind<float, F64>;
using I32 = hn::Rebind<std::int32_t, F64>;
using U8 = hn::Rebind<std::uint8_t, F64>;
using Doubles = hn::Vec<F64>;

// The strip of columns that is worked on: its windows, and the samples that these reach.
struct Strip {
  std::size_t begin;
  std::size_t windows;
  std::size_t samples;
};

// Vectors that straddle cache lines take twice the time.
inline double* aligned(double* scratch) {
  const std::uintptr_t excess = reinterpret_cast<std::uintptr_t>(scratch) % 64;
  return excess == 0 ? scratch : scratch + (64 - excess) / sizeof(double);
}

// Calls run(strip) from left to right; the sums of each strip's columns add up to the result.
template <class T, class Run>
double over_strips(const PlanePair<T>& p, std::size_t taps, std::size_t strip, Run run) {
  const std::size_t margin = (taps - 1) * p.step;
  const std::size_t all = p.length - margin;
  double total = 0;
  for (std::size_t begin = 0; begin < all; begin += strip) {
    const std::size_t windows = std::min(strip, all - begin);
    const double* const columns = run(Strip{begin, windows, windows + margin});
    for (std::size_t x = 0; x < windows; ++x) total += columns[x];
  }
  return total;
}

// Means, sums of variances and covariance of one vector of windows -> similarity.
template <Part kPart>
Doubles similarity(Doubles squares, Doubles product, Doubles variances, Doubles covariance, double c1, double c2) {
  const F64 d;
  const Doubles two = hn::Set(d, 2.0);
  const Doubles above = hn::Add(hn::Mul(two, covariance), hn::Set(d, c2));
  const Doubles below = hn::Add(variances, hn::Set(d, c2));
  if constexpr (kPart == Part::contrast_structure) return hn::Div(above, below);
  const Doubles luminance = hn::Add(hn::Mul(two, product), hn::Set(d, c1));
  return hn::Div(hn::Mul(above, luminance), hn::Mul(below, hn::Add(squares, hn::Set(d, c1))));
}

// ---- box -------------------------------------------------------------------------------------------------------

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

// ---- Gaussian --------------------------------------------------------------------------------------------------

// Moments of bytes, and sums of two of them, are whole numbers below 2^24: exact as floats, which take half the cache.
// Those of halved planes have more digits.
template <class T>
using Moment = std::conditional_t<std::is_same_v<T, std::uint8_t>, float, double>;
template <class T>
using MomentTag = hn::Rebind<Moment<T>, F64>;

inline hn::Vec<F32> load_moment(const std::uint8_t* p) {
  return hn::ConvertTo(F32(), hn::PromoteTo(I32(), hn::LoadU(U8(), p)));
}
inline Doubles load_moment(const float* p) { return hn::PromoteTo(F64(), hn::LoadU(F32(), p)); }

inline Doubles to_double(hn::Vec<F32> v) { return hn::PromoteTo(F64(), v); }
inline Doubles to_double(Doubles v) { return v; }

// Scratch of the Gaussian sums: moments of one row, their horizontal means of eleven rows, sums per column.
template <class T>
struct GaussianRows {
  double* columns;
  double* ring;
  Moment<T>* moments;

  explicit GaussianRows(double* scratch) : columns(scratch), ring(columns + kGaussianStrip), moments(nullptr) {
    double* const after = ring + kMaxTaps * 4 * kGaussianStrip;
    moments = ::new (static_cast<void*>(after)) Moment<T>[4 * kGaussianRow];
    std::fill_n(moments, 4 * kGaussianRow, Moment<T>{0});
  }
  [[nodiscard]] double* row(std::size_t y) const { return ring + y % kMaxTaps * 4 * kGaussianStrip; }
};

// One row of a, b, a^2 + b^2 and a b. n is at least eleven, so at least a vector: the last two vectors overlap.
template <class T>
void fill_moments(const T* a, const T* b, std::size_t n, Moment<T>* out) {
  const MomentTag<T> d;
  const auto at = [&](std::size_t x) {
    const auto va = load_moment(a + x);
    const auto vb = load_moment(b + x);
    hn::StoreU(va, d, out + x);
    hn::StoreU(vb, d, out + kGaussianRow + x);
    hn::StoreU(hn::Add(hn::Mul(va, va), hn::Mul(vb, vb)), d, out + 2 * kGaussianRow + x);
    hn::StoreU(hn::Mul(va, vb), d, out + 3 * kGaussianRow + x);
  };
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= n; x += hn::Lanes(d)) at(x);
  if (x < n) at(n - hn::Lanes(d));
}

// The weights in registers: read from memory, they would have to be read again after every store of a double.
struct Weights {
  Doubles at[6];
  explicit Weights(const GaussianWeights& weights) {
    for (std::size_t k = 0; k < weights.size(); ++k) at[k] = hn::Set(F64(), weights[k]);
  }
};

// The weighted sum of eleven vectors: the centre first, then pair(k), the sum of the two at distance 5 - k.
template <class Pair>
HWY_INLINE Doubles weighted(const Weights& weights, Doubles centre, Pair pair) {
  Doubles sum = hn::Mul(weights.at[0], centre);
  for (std::size_t k = 0; k < 5; ++k) sum = hn::Add(sum, hn::Mul(weights.at[5 - k], pair(k)));
  return sum;
}

// Horizontal means of a row of moments.
template <class T>
void gaussian_across(const Moment<T>* moments, std::size_t step, std::size_t windows, const Weights& given,
                     double* out) {
  const F64 d;
  const MomentTag<T> dm;
  const Weights weights = given;
  for (std::size_t m = 0; m < 4; ++m) {
    for (std::size_t x = 0; x < windows; x += hn::Lanes(d)) {
      const Moment<T>* const at = moments + m * kGaussianRow + x;
      const auto pair = [&](std::size_t k) {
        return to_double(hn::Add(hn::LoadU(dm, at + k * step), hn::LoadU(dm, at + (10 - k) * step)));
      };
      hn::StoreU(weighted(weights, to_double(hn::LoadU(dm, at + 5 * step)), pair), d, out + m * kGaussianStrip + x);
    }
  }
}

// Adds the similarities of the windows that begin in row y to their columns.
template <Part kPart, class T>
void gaussian_down(const GaussianRows<T>& r, std::size_t y, std::size_t windows, const Weights& given) {
  const F64 d;
  const Weights weights = given;
  const double* rows[kMaxTaps];
  for (std::size_t k = 0; k < kMaxTaps; ++k) rows[k] = r.row(y + k);
  for (std::size_t x = 0; x < windows; x += hn::Lanes(d)) {
    const auto mean = [&](std::size_t moment) {
      const std::size_t at = moment * kGaussianStrip + x;
      return weighted(weights, hn::Load(d, rows[5] + at), [&](std::size_t k) {
        return hn::Add(hn::Load(d, rows[k] + at), hn::Load(d, rows[10 - k] + at));
      });
    };
    const auto a = mean(0);
    const auto b = mean(1);
    const auto squares = hn::Add(hn::Mul(a, a), hn::Mul(b, b));
    const auto product = hn::Mul(a, b);
    const auto value =
        similarity<kPart>(squares, product, hn::Sub(mean(2), squares), hn::Sub(mean(3), product), kC1, kC2);
    hn::Store(hn::Add(hn::Load(d, r.columns + x), value), d, r.columns + x);
  }
}

template <class T>
double gaussian_sum_of(const PlanePair<T>& p, Part part, double* scratch) {
  const GaussianRows<T> rows(aligned(scratch));
  const Weights weights(gaussian_weights());
  return over_strips(p, kMaxTaps, kGaussianStrip, [&](const Strip& strip) {
    std::fill_n(rows.columns, kGaussianStrip, 0.0);
    for (std::size_t y = 0; y < p.height; ++y) {
      const T* const a = p.a + strip.begin + y * p.a_stride;
      const T* const b = p.b + strip.begin + y * p.b_stride;
      fill_moments(a, b, strip.samples, rows.moments);
      gaussian_across<T>(rows.moments, p.step, strip.windows, weights, rows.row(y));
      if (y + 1 < kMaxTaps) continue;
      if (part == Part::ssim) {
        gaussian_down<Part::ssim>(rows, y + 1 - kMaxTaps, strip.windows, weights);
      } else {
        gaussian_down<Part::contrast_structure>(rows, y + 1 - kMaxTaps, strip.windows, weights);
      }
    }
    return rows.columns;
  });
}

double gaussian_sum_u8(const PlanePair<std::uint8_t>& p, Part part, double* scratch) {
  return gaussian_sum_of(p, part, scratch);
}
double gaussian_sum_f32(const PlanePair<float>& p, Part part, double* scratch) {
  return gaussian_sum_of(p, part, scratch);
}

// ---- squared error ---------------------------------------------------------------------------------------------

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

// ---- halving ---------------------------------------------------------------------------------------------------

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
      const auto sum = static_cast<float>(above[2 * x]) + static_cast<float>(above[right]) +
                       static_cast<float>(below[2 * x]) + static_cast<float>(below[right]);
      row[x] = sum * 0.25F;
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

HWY_EXPORT(box_sum_of);
HWY_EXPORT(gaussian_sum_u8);
HWY_EXPORT(gaussian_sum_f32);
HWY_EXPORT(squared_error_of);
HWY_EXPORT(halve_u8);
HWY_EXPORT(halve_f32);

double box_sum(const PlanePair<std::uint8_t>& planes, double* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(box_sum_of)(planes, scratch);
}

template <>
double gaussian_sum(const PlanePair<std::uint8_t>& planes, Part part, double* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(gaussian_sum_u8)(planes, part, scratch);
}
template <>
double gaussian_sum(const PlanePair<float>& planes, Part part, double* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(gaussian_sum_f32)(planes, part, scratch);
}

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
