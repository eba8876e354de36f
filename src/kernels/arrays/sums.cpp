#include "kernels/arrays/sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace vaerans::kernels {
namespace {

// Sixteen running sums side by side, which any compiler turns into vectors; emptied into a double before floats lose
// more than some millionths.
constexpr std::size_t kSide = 16, kBlock = 4096;
using Sums = std::array<float, kSide>;

// term(i) for i in [0, n), added up.
template <class Term>
double add_up(std::size_t n, Term term) noexcept {
  double total = 0;
  std::size_t i = 0;
  while (i + kSide <= n) {
    Sums sums{};
    for (const std::size_t end = std::min(n, i + kBlock); i + kSide <= end; i += kSide) {
      for (std::size_t k = 0; k < kSide; ++k) sums[k] += term(i + k);
    }
    total += std::accumulate(sums.begin(), sums.end(), 0.0);
  }
  for (; i < n; ++i) total += term(i);
  return total;
}

}  // namespace

double sum_of(std::span<const float> x) noexcept {
  return add_up(x.size(), [&](std::size_t i) { return x[i]; });
}

double sum_of_squares(std::span<const float> x, float shift) noexcept {
  return add_up(x.size(), [&](std::size_t i) { return (x[i] - shift) * (x[i] - shift); });
}

Difference difference(std::span<const float> a, std::span<const float> b) noexcept {
  Sums largest{};
  const auto distance = [&](std::size_t i) { return std::fabs(a[i] - b[i]); };
  const std::size_t whole = a.size() / kSide * kSide;
  for (std::size_t i = 0; i < whole; i += kSide) {
    for (std::size_t k = 0; k < kSide; ++k) largest[k] = std::max(largest[k], distance(i + k));
  }
  for (std::size_t i = whole; i < a.size(); ++i) largest[0] = std::max(largest[0], distance(i));
  const double squares = add_up(a.size(), [&](std::size_t i) { return (a[i] - b[i]) * (a[i] - b[i]); });
  return {squares, *std::ranges::max_element(largest)};
}

}  // namespace vaerans::kernels
