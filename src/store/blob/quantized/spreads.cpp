#include "store/blob/quantized/spreads.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/memory.hpp"
#include "coding/static/spread_table.hpp"

namespace vaerans::blob {
namespace {

// What a number beyond its table costs about: its place and its distance in the header, and the table's rarest symbol.
constexpr std::uint64_t kExceptionBits = 40;

/// How many integers there are at each distance from 0, those beyond `reach` left out.
class Distances {
 public:
  Distances(std::span<const std::int32_t> q, std::uint32_t reach) : counts_(reach + std::size_t{1}) {
    for (const std::int32_t v : q) {
      const auto d = static_cast<std::uint32_t>(v < 0 ? -std::int64_t{v} : v);
      if (d > reach) continue;
      ++counts_[d];
      sum_ += d;
      last_ = std::max(last_, d);
    }
  }
  [[nodiscard]] std::uint64_t bits(const Spread& spread, unsigned precision) const {
    const SpreadCosts& costs = SpreadCosts::get();
    const std::uint32_t beyond = (precision + 4) * SpreadCosts::kUnit;
    std::uint64_t bits = 0;
    for (std::uint32_t d = 0; d <= last_; ++d) {
      if (counts_[d] == 0) continue;
      const std::uint32_t cost = costs.cost(spread, d, precision);
      bits += counts_[d] * (cost == beyond ? kExceptionBits * SpreadCosts::kUnit : std::uint64_t{cost});
    }
    return bits;
  }
  /// The class whose scale is about the mean distance.
  [[nodiscard]] std::uint32_t middle_class(std::uint64_t n) const {
    const std::uint64_t sixteenths = std::max<std::uint64_t>(1, 16 * sum_ / std::max<std::uint64_t>(1, n));
    const auto octave = static_cast<std::uint32_t>(std::bit_width(sixteenths)) - 1;
    return std::clamp<std::uint32_t>(4 * octave, 2, kSpreadClasses - 2);
  }

 private:
  RecycledVector<std::uint32_t> counts_;
  std::uint64_t sum_ = 0;
  std::uint32_t last_ = 0;
};

struct Choice {
  Spread spread;
  std::uint64_t bits = std::numeric_limits<std::uint64_t>::max();
};

/// From `start` to where no neighbouring class is cheaper. Costs have one minimum along the classes.
Choice descend(const Distances& distances, unsigned precision, Spread start) {
  const auto at = [&](std::uint32_t c) {
    const Spread s{c, start.shape};
    return Choice{s, distances.bits(s, precision)};
  };
  Choice best = at(start.spread_class);
  const auto walk = [&](int by) {
    bool moved = false;
    for (;;) {
      const auto next = static_cast<std::int64_t>(best.spread.spread_class) + by;
      if (next < 0 || next >= std::int64_t{kSpreadClasses}) return moved;
      const Choice trial = at(static_cast<std::uint32_t>(next));
      if (trial.bits >= best.bits) return moved;
      best = trial;
      moved = true;
    }
  };
  if (!walk(1)) walk(-1);
  return best;
}

}  // namespace

std::uint8_t best_spread(std::span<const std::int32_t> q, unsigned precision, std::uint32_t reach) {
  const Distances distances(q, reach);
  Choice best;
  std::uint32_t start = distances.middle_class(q.size());
  for (const std::uint32_t shape : {2U, 3U, 1U, 0U}) {
    const Choice found = descend(distances, precision, {start, shape});
    if (found.bits < best.bits) best = found;
    start = found.spread.spread_class;
    if (shape == 3 && best.spread.shape == 3) break;  // costs have one minimum along the shapes as well
  }
  return static_cast<std::uint8_t>(kShapes * best.spread.spread_class + best.spread.shape);
}

}  // namespace vaerans::blob
