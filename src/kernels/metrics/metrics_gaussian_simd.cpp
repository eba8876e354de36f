// SSIM sums of the Gaussian window.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/metrics/metrics_gaussian_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <type_traits>

#include "kernels/metrics/metrics_parts.hpp"
#include "kernels/metrics/metrics_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::parts::HWY_NAMESPACE {

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
HWY_INLINE Doubles weighted(const Weights& weights, Doubles center, Pair pair) {
  Doubles sum = hn::Mul(weights.at[0], center);
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

}  // namespace vaerans::kernels::parts::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::parts {

HWY_EXPORT(gaussian_sum_u8);
HWY_EXPORT(gaussian_sum_f32);

template <>
double gaussian_sum(const PlanePair<std::uint8_t>& planes, Part part, double* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(gaussian_sum_u8)(planes, part, scratch);
}
template <>
double gaussian_sum(const PlanePair<float>& planes, Part part, double* scratch) noexcept {
  return HWY_DYNAMIC_DISPATCH(gaussian_sum_f32)(planes, part, scratch);
}

}  // namespace vaerans::kernels::parts
#endif
