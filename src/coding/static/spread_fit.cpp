#include "coding/static/spread_fit.hpp"

#include <algorithm>
#include <limits>

#include "base/zigzag.hpp"
#include "coding/symbols.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kUnit = SpreadCosts::kUnit;
constexpr std::uint32_t kNear = 3, kFar = 6;  ///< how many classes on either side are tried
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// Symbols of a subband at one distance and offset.
struct Bin {
  std::uint32_t distance, count;
  std::int32_t offset;
};

RecycledVector<Bin> bins_of(const CountsByOffset& counts, std::uint32_t center) {
  RecycledVector<Bin> out;
  for (std::size_t o = 0; o < kOffsets; ++o) {
    const Counts& c = counts[o];
    const auto at = [&](std::uint64_t s) { return s < c.size() ? c[s] : 0U; };
    for (std::uint32_t d = 0; center + d < c.size() || d <= std::min<std::uint64_t>(center, c.size()); ++d) {
      const std::uint32_t n = at(std::uint64_t{center} + d) + (d == 0 || d > center ? 0 : at(center - d));
      if (n != 0) out.push_back({d, n, static_cast<std::int32_t>(o) - kMaxOffset});
    }
  }
  return out;
}

/// Costs of a subband's symbols under the spreads that are tried.
class SubbandCosts {
 public:
  SubbandCosts(RecycledVector<Bin> bins, unsigned precision) : bins_(std::move(bins)), precision_(precision) {
    for (auto& of_class : bits_) of_class.fill(kNever);
  }
  void fill(std::uint32_t middle, std::uint32_t around) {
    first_ = middle > around ? middle - around : 0;
    last_ = std::min(middle + around, kSpreadClasses - 1);
    for (std::uint32_t c = first_; c <= last_; ++c) {
      for (std::uint32_t shape = 0; shape < kShapes; ++shape) bits_[c][shape] = count({c, shape});
    }
  }
  /// A class to look around, by a coarse search.
  [[nodiscard]] std::uint32_t middle() const {
    std::uint32_t best = 0;
    std::uint64_t least = kNever;
    for (std::uint32_t c = 2; c < kSpreadClasses; c += 4) {
      const std::uint64_t bits = count({c, 1});
      if (bits < least) least = bits, best = c;
    }
    return best;
  }
  [[nodiscard]] std::uint32_t first() const { return first_; }
  [[nodiscard]] std::uint32_t last() const { return last_; }
  [[nodiscard]] std::uint64_t bits(const Spread& s) const { return bits_[s.spread_class][s.shape]; }

 private:
  [[nodiscard]] std::uint64_t count(const Spread& spread) const {
    const SpreadCosts& costs = SpreadCosts::get();
    std::uint64_t bits = 0;
    for (const Bin& b : bins_)
      bits += std::uint64_t{b.count} * costs.cost(moved(spread, b.offset), b.distance, precision_);
    return bits;
  }
  RecycledVector<Bin> bins_;
  unsigned precision_;
  std::uint32_t first_ = 0, last_ = 0;
  std::array<std::array<std::uint64_t, kShapes>, kSpreadClasses> bits_{};
};

std::uint64_t class_bits(std::uint32_t spread_class, std::uint32_t predicted, unsigned order) {
  return golomb_bits(zigzag(std::int64_t{spread_class} - predicted), order) * kUnit;
}

/// One after the other, because each is written relative to those before. shape = kShapes: each subband has its own.
std::uint64_t fit_in_order(std::span<const SubbandCosts> costs, std::span<const std::size_t> parametric,
                           const ClassPredictor& predictor, std::uint32_t shape, StaticEntropyModel& model) {
  const bool own = shape == kShapes;
  model.own_shapes = own;
  std::uint64_t total = 0;
  for (std::size_t p = 0; p < parametric.size(); ++p) {
    SubbandModel& m = model.subbands[parametric[p]];
    const std::uint32_t predicted = predictor.predict(parametric[p], model.subbands);
    std::uint64_t least = kNever;
    for (std::uint32_t c = costs[p].first(); c <= costs[p].last(); ++c) {
      for (std::uint32_t s = own ? 0 : shape; s <= (own ? kShapes - 1 : shape); ++s) {
        const std::uint64_t bits =
            costs[p].bits({c, s}) + class_bits(c, predicted, model.class_order) + (own ? 2 * kUnit : 0);
        if (bits < least) least = bits, m.spread = {c, s};
      }
    }
    total += least;
  }
  return total;
}

/// The order of Exp-Golomb codes that suits the class differences best.
void choose_order(std::span<const std::size_t> parametric, const ClassPredictor& predictor, StaticEntropyModel& model) {
  std::uint64_t least = kNever;
  for (unsigned order = 0; order < 4; ++order) {
    std::uint64_t bits = 0;
    for (const std::size_t i : parametric) {
      bits += class_bits(model.subbands[i].spread.spread_class, predictor.predict(i, model.subbands), order);
    }
    if (bits < least) least = bits, model.class_order = order;
  }
}

// ---- cells ---------------------------------------------------------------------------------------------------------

using CellBits = std::array<std::uint64_t, kOffsets>;

/// costs[offset + 3] of a symbol; an eighth element makes it a vector.
using CostRow = std::array<std::uint32_t, 8>;

/// Rows for the distances 0 to n - 1 in a subband.
RecycledVector<CostRow> cost_rows(const SubbandModel& m, unsigned precision, std::size_t n) {
  const SpreadCosts& costs = SpreadCosts::get();
  RecycledVector<CostRow> out(n);
  for (std::size_t o = 0; o < kOffsets; ++o) {
    const Spread spread = moved(m.spread, static_cast<std::int32_t>(o) - kMaxOffset);
    for (std::size_t d = 0; d < n; ++d) out[d][o] = costs.cost(spread, static_cast<std::uint32_t>(d), precision);
  }
  return out;
}

std::uint32_t distance(std::uint32_t symbol, std::uint32_t center) {
  return symbol < center ? center - symbol : symbol - center;
}

template <typename Symbol>
void add_cell_bits(std::span<const Symbol> symbols, const Subband& subband, const SubbandModel& m,
                   const StaticEntropyModel& model, std::span<CellBits> cells) {
  const auto [low, high] = std::ranges::minmax(symbols);
  const auto rows =
      cost_rows(m, model.precision_bits, std::size_t{1} + std::max(distance(low, m.center), distance(high, m.center)));
  std::size_t run = 0;
  model.map.for_each_run(subband, [&](std::int32_t, std::uint64_t first, std::uint64_t n) {
    const std::size_t y = first / subband.w;
    CellBits& cell = cells[y * model.map.rows / subband.h * model.map.cols + run++ % model.map.cols];
    CostRow sum{};  // cannot overflow: less than 2^9 symbols below 2^21 each
    for (const Symbol s : symbols.subspan(first, n)) {
      const CostRow& row = rows[distance(s, m.center)];
      for (std::size_t o = 0; o < row.size(); ++o) sum[o] += row[o];
    }
    for (std::size_t o = 0; o < kOffsets; ++o) cell[o] += sum[o];
  });
}

std::uint64_t choose_offsets(std::span<const CellBits> cells, ActivityMap& map) {
  std::uint64_t total = 0;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    std::uint64_t least = kNever, in_side_info = 0;
    const std::int32_t predicted = predicted_offset(map, at);
    for (std::int32_t m = -kMaxOffset; m <= kMaxOffset; ++m) {
      const std::uint64_t code = golomb_bits(zigzag(m - predicted), 0) * kUnit;
      const std::uint64_t bits = cells[at][index_of_offset(m)] + code;
      if (bits >= least) continue;
      least = bits;
      in_side_info = code;
      map.offset[at] = static_cast<std::int8_t>(m);
    }
    total += in_side_info;
  }
  return total;
}

template <typename Symbol>
void count_subband(std::span<const Symbol> symbols, const Subband& subband, std::size_t i,
                   const StaticEntropyModel& model, CountsByOffset& out) {
  if (symbols.empty()) return;
  const std::size_t n = std::size_t{std::ranges::max(symbols)} + 1;
  for_each_run(model, i, subband, [&](std::int32_t offset, std::uint64_t first, std::uint64_t length) {
    Counts& counts = out[index_of_offset(offset)];
    counts.resize(n);
    for (const Symbol s : symbols.subspan(first, length)) ++counts[s];
  });
}

}  // namespace

RecycledVector<CountsByOffset> count_by_offset(const SymbolsIn& symbols, std::span<const Subband> subbands,
                                               const StaticEntropyModel& model) {
  RecycledVector<CountsByOffset> out(subbands.size());
  std::visit(
      [&](auto item) {
        for (std::size_t i = 0; i < subbands.size(); ++i) {
          count_subband(part(item, subbands[i]), subbands[i], i, model, out[i]);
        }
      },
      symbols);
  return out;
}

std::uint64_t fit_spreads(std::span<const CountsByOffset> counts, std::span<const Subband> subbands, bool near,
                          StaticEntropyModel& model) {
  RecycledVector<std::size_t> parametric;
  RecycledVector<SubbandCosts> costs;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    const SubbandModel& m = model.subbands[i];
    if (subbands[i].size() == 0 || !m.parametric()) continue;
    parametric.push_back(i);
    auto& of = costs.emplace_back(bins_of(counts[i], m.center), model.precision_bits);
    if (near) {
      of.fill(m.spread.spread_class, kNear);
    } else {
      of.fill(of.middle(), kFar);
    }
  }
  const ClassPredictor predictor(subbands);
  StaticEntropyModel best;
  std::uint64_t least = kNever;
  for (std::uint32_t shape = 0; shape <= kShapes; ++shape) {
    const std::uint64_t bits = fit_in_order(costs, parametric, predictor, shape, model);
    if (bits >= least) continue;
    least = bits;
    best.subbands = model.subbands;
    best.own_shapes = model.own_shapes;
  }
  model.subbands = std::move(best.subbands);
  model.own_shapes = best.own_shapes;
  choose_order(parametric, predictor, model);
  return least;
}

std::uint64_t fit_map(const SymbolsIn& symbols, std::span<const Subband> subbands, StaticEntropyModel& model) {
  RecycledVector<CellBits> cells(model.map.offset.size());
  std::visit(
      [&](auto item) {
        for (std::size_t i = 0; i < subbands.size(); ++i) {
          if (subbands[i].size() == 0 || !model.subbands[i].parametric() || !model.map.covers(subbands[i])) continue;
          add_cell_bits(part(item, subbands[i]), subbands[i], model.subbands[i], model, cells);
        }
      },
      symbols);
  return choose_offsets(cells, model.map);
}

}  // namespace vaerans
