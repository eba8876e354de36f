#include "store/blob/quantized/spreads.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/require.hpp"
#include "coding/static/spread_table.hpp"
#include "kernels/rans/histogram.hpp"

namespace vaerans::blob {
namespace {

// What a number beyond its table costs about: its place and its distance in the header, and the table's rarest symbol.
constexpr std::uint64_t kExceptionBits = 40;

/// Distances as far as there are any, and what they cost.
class Costs {
 public:
  Costs(std::span<const std::uint32_t> distances, unsigned precision) : counts_(distances), precision_(precision) {
    while (!counts_.empty() && counts_.back() == 0) counts_ = counts_.first(counts_.size() - 1);
  }
  [[nodiscard]] std::uint64_t bits(const Spread& spread) const {
    const SpreadCosts& costs = SpreadCosts::get();
    const std::uint32_t beyond = (precision_ + 4) * SpreadCosts::kUnit;
    const std::size_t near = std::min<std::size_t>(counts_.size(), SpreadCosts::kRow);
    std::uint64_t bits = costs.sum(spread, counts_.first(near), precision_, kExceptionBits * SpreadCosts::kUnit);
    for (auto d = static_cast<std::uint32_t>(near); d < counts_.size(); ++d) {
      if (counts_[d] == 0) continue;
      const std::uint32_t cost = costs.cost(spread, d, precision_);
      bits += counts_[d] * (cost == beyond ? kExceptionBits * SpreadCosts::kUnit : std::uint64_t{cost});
    }
    return bits;
  }
  /// The class whose scale is about the mean distance.
  [[nodiscard]] std::uint32_t middle_class() const {
    std::uint64_t sum = 0, n = 0;
    for (std::size_t d = 0; d < counts_.size(); ++d) {
      sum += counts_[d] * d;
      n += counts_[d];
    }
    const std::uint64_t sixteenths = std::max<std::uint64_t>(1, 16 * sum / std::max<std::uint64_t>(1, n));
    const auto octave = static_cast<std::uint32_t>(std::bit_width(sixteenths)) - 1;
    return std::clamp<std::uint32_t>(4 * octave, 2, kSpreadClasses - 2);
  }

 private:
  std::span<const std::uint32_t> counts_;
  unsigned precision_;
};

struct Choice {
  Spread spread;
  std::uint64_t bits = std::numeric_limits<std::uint64_t>::max();
};

/// From `start` to where no neighbouring class is cheaper. Costs have one minimum along the classes.
Choice descend(const Costs& costs, Spread start) {
  const auto at = [&](std::uint32_t c) {
    const Spread s{c, start.shape};
    return Choice{s, costs.bits(s)};
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

/// The best class and shape.
Choice choose(std::span<const std::uint32_t> distances, unsigned precision) {
  const Costs costs(distances, precision);
  Choice best;
  std::uint32_t start = costs.middle_class();
  for (const std::uint32_t shape : {2U, 3U, 1U, 0U}) {
    const Choice found = descend(costs, {start, shape});
    const bool better = found.bits < best.bits;
    if (better) best = found;
    start = found.spread.spread_class;
    // Costs have one minimum along the shapes as well.
    if ((shape == 3 && better) || (shape == 1 && !better)) break;
  }
  return best;
}

}  // namespace

Distances count_distances(std::span<const std::int32_t> q, std::uint32_t reach) {
  Distances out(reach + std::size_t{1});
  for (const std::int32_t v : q) {
    const auto d = static_cast<std::uint32_t>(v < 0 ? -std::int64_t{v} : v);
    if (d <= reach) ++out[d];
  }
  return out;
}

template <class Symbol>
Distances count_distances(std::span<const Symbol> symbols, std::uint32_t zero) {
  RecycledVector<std::uint32_t> counts(std::size_t{2} * zero);
  require_ok(kernels::histogram(symbols, std::span(counts)), "blob symbols");
  Distances out(counts.begin() + zero, counts.end());
  for (std::size_t d = 1; d < out.size(); ++d) out[d] += counts[zero - d];
  return out;
}
template Distances count_distances(std::span<const std::uint8_t> symbols, std::uint32_t zero);
template Distances count_distances(std::span<const std::uint16_t> symbols, std::uint32_t zero);

std::uint8_t best_spread(std::span<const std::uint32_t> distances, unsigned precision) {
  const Spread spread = choose(distances, precision).spread;
  return static_cast<std::uint8_t>(kShapes * spread.spread_class + spread.shape);
}

std::uint64_t spread_bits(std::span<const std::uint32_t> distances, unsigned precision) {
  return choose(distances, precision).bits;
}

}  // namespace vaerans::blob
