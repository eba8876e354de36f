// Sixteen running sums side by side, in as many vectors as that takes here; emptied into a double before floats lose
// more than some millionths. All instruction sets add in one order.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/arrays/sums_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "kernels/arrays/sums.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kSide = 16, kBlock = 4096;
using Floats = hn::CappedTag<float, kSide>;
using F = hn::Vec<Floats>;
constexpr std::size_t kLanes = hn::MaxLanes(Floats()), kVectors = kSide / kLanes;

HWY_INLINE F load(const float* at) { return hn::LoadU(Floats(), at); }

// Sixteen numbers, each of which meets those of its place.
class Side {
 public:
  // term(k): the vector from number k on.
  template <class Combine, class Term>
  HWY_INLINE void take(Combine combine, Term term) {
    for (std::size_t v = 0; v < kVectors; ++v) of_[v] = combine(of_[v], term(v * kLanes));
  }
  [[nodiscard]] std::array<float, kSide> numbers() const {
    std::array<float, kSide> out;
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(of_[v], Floats(), out.data() + v * kLanes);
    return out;
  }

 private:
  F of_[kVectors] = {};
};

// Sums, from the first number on, what `terms(i)` gives as a vector and `term(i)` as a number.
template <class Terms, class Term>
HWY_INLINE double add_up(std::size_t n, Terms terms, Term term) {
  double total = 0;
  std::size_t i = 0;
  while (i + kSide <= n) {
    Side sums;
    for (const std::size_t end = std::min(n, i + kBlock); i + kSide <= end; i += kSide)
      sums.take([](F a, F b) { return hn::Add(a, b); }, [&](std::size_t k) { return terms(i + k); });
    const auto numbers = sums.numbers();
    total += std::accumulate(numbers.begin(), numbers.end(), 0.0);
  }
  for (; i < n; ++i) total += term(i);
  return total;
}

double SumOf(const float* x, std::size_t n) {
  return add_up(n, [=](std::size_t i) { return load(x + i); }, [=](std::size_t i) { return x[i]; });
}

double SumOfSquares(const float* x, std::size_t n, float shift) {
  const F by = hn::Set(Floats(), shift);
  const auto squares = [=](std::size_t i) {
    const F moved = hn::Sub(load(x + i), by);
    return hn::Mul(moved, moved);
  };
  return add_up(n, squares, [=](std::size_t i) { return (x[i] - shift) * (x[i] - shift); });
}

double SquaredDifference(const float* a, const float* b, std::size_t n) {
  const auto squares = [=](std::size_t i) {
    const F apart = hn::Sub(load(a + i), load(b + i));
    return hn::Mul(apart, apart);
  };
  return add_up(n, squares, [=](std::size_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
}

float LargestDifference(const float* a, const float* b, std::size_t n) {
  Side largest;
  const std::size_t whole = n / kSide * kSide;
  for (std::size_t i = 0; i < whole; i += kSide) {
    largest.take([](F x, F y) { return hn::Max(x, y); },
                 [&](std::size_t k) { return hn::Abs(hn::Sub(load(a + i + k), load(b + i + k))); });
  }
  const auto numbers = largest.numbers();
  float out = *std::max_element(numbers.begin(), numbers.end());
  for (std::size_t i = whole; i < n; ++i) out = std::max(out, std::fabs(a[i] - b[i]));
  return out;
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(SumOf);
HWY_EXPORT(SumOfSquares);
HWY_EXPORT(SquaredDifference);
HWY_EXPORT(LargestDifference);

namespace {

// Whether floats could hold the squares: none was too large, and those that were too small are nothing beside the rest.
bool held(double squares, std::size_t n) {
  return std::isfinite(squares) && squares >= 0x1p-100 * static_cast<double>(n);
}

template <class Term>
double squares_in_doubles(std::size_t n, Term term) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += term(i) * term(i);
  return sum;
}

}  // namespace

double sum_of(std::span<const float> x) noexcept {
  const double sum = HWY_DYNAMIC_DISPATCH(SumOf)(x.data(), x.size());
  return std::isfinite(sum) ? sum : std::accumulate(x.begin(), x.end(), 0.0);
}

double sum_of_squares(std::span<const float> x, float shift) noexcept {
  const double sum = HWY_DYNAMIC_DISPATCH(SumOfSquares)(x.data(), x.size(), shift);
  return held(sum, x.size()) ? sum : squares_in_doubles(x.size(), [=](std::size_t i) { return double{x[i]} - shift; });
}

Difference difference(std::span<const float> a, std::span<const float> b) noexcept {
  const float largest = HWY_DYNAMIC_DISPATCH(LargestDifference)(a.data(), b.data(), a.size());
  const double squares = HWY_DYNAMIC_DISPATCH(SquaredDifference)(a.data(), b.data(), a.size());
  if (largest == 0 || held(squares, a.size())) return {squares, largest};
  return {squares_in_doubles(a.size(), [=](std::size_t i) { return double{a[i]} - b[i]; }), largest};
}

}  // namespace vaerans::kernels
#endif
