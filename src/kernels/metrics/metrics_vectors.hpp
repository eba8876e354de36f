// What the sums of SSIM share; included once per instruction set, after <hwy/highway.h>. Internal.
#if defined(VAERANS_KERNELS_METRICS_VECTORS) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_METRICS_VECTORS
#undef VAERANS_KERNELS_METRICS_VECTORS
#else
#define VAERANS_KERNELS_METRICS_VECTORS
#endif

#include <algorithm>
#include <cstdint>

#include "kernels/metrics/metrics_parts.hpp"

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
  const std::size_t excess = reinterpret_cast<std::uintptr_t>(scratch) % 64 / sizeof(double);
  return scratch + (8 - excess) % 8;
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

}  // namespace vaerans::kernels::parts::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
