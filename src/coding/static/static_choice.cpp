#include "coding/static/static_choice.hpp"

#include <algorithm>
#include <limits>

#include "coding/static/explicit_tables.hpp"
#include "coding/static/spread_fit.hpp"
#include "coding/symbols.hpp"
#include "kernels/rans/rans.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kUnit = SpreadCosts::kUnit;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kIndexBits = 3;      ///< about what naming an explicit subband takes
constexpr std::uint64_t kParameterBits = 3;  ///< about what the parameters of a subband take

void add(Counts& sum, const Counts& counts) {
  if (sum.size() < counts.size()) sum.resize(counts.size());
  for (std::size_t s = 0; s < counts.size(); ++s) sum[s] += counts[s];
}

RecycledVector<Counts> count_subbands(const SymbolsIn& symbols, std::span<const Subband> subbands) {
  RecycledVector<Counts> out;
  std::visit(
      [&](auto item) {
        for (const Subband& s : subbands) out.push_back(subband_counts(part(item, s)));
      },
      symbols);
  return out;
}

RecycledVector<CountsByOffset> without_map(std::span<const Counts> counts) {
  RecycledVector<CountsByOffset> out(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) out[i][kMaxOffset] = counts[i];
  return out;
}

std::uint32_t median(const Counts& counts) {
  std::uint64_t total = 0, below = 0;
  for (const std::uint32_t c : counts) total += c;
  std::uint32_t s = 0;
  while (s + 1 < counts.size() && 2 * (below + counts[s]) < total) below += counts[s++];
  return s;
}

/// Detail bands lie around zero, which is the same symbol in all of them unless the quantiser moved each.
void set_centers(std::span<const Counts> counts, std::span<const Subband> subbands, StaticEntropyModel& model) {
  Counts details;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (subbands[i].orientation != Orientation::LL) add(details, counts[i]);
  }
  if (!details.empty()) model.center = static_cast<std::uint32_t>(std::ranges::max_element(details) - details.begin());
  std::uint64_t away = 0, n = 0;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (counts[i].empty()) continue;
    std::uint32_t& center = model.subbands[i].center = median(counts[i]);
    if (details.empty()) model.center = center;
    if (subbands[i].orientation == Orientation::LL) continue;
    ++n;
    away += std::min<std::uint32_t>(8, center < model.center ? model.center - center : center - model.center);
  }
  model.own_centers = away > 2 * n;
  if (model.own_centers) return;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (subbands[i].orientation != Orientation::LL) model.subbands[i].center = model.center;
  }
}

// ---- the map -------------------------------------------------------------------------------------------------------

struct Fitted {
  StaticEntropyModel model;
  std::uint64_t bits = kNever;  ///< approximate, 2^-16 bit
};

/// Chooses offsets for the spreads, and then spreads for the offsets.
void refine(const SymbolsIn& symbols, std::span<const Subband> subbands, Fitted& fitted) {
  const std::uint64_t map_bits = fit_map(symbols, subbands, fitted.model);
  const auto counts = count_by_offset(symbols, subbands, fitted.model);
  fitted.bits = map_bits + fit_spreads(counts, subbands, true, fitted.model);
}

Fitted best_map(const SymbolsIn& symbols, std::span<const Subband> subbands, const Fitted& without) {
  Fitted best = without;
  const auto improve = [&](unsigned log2_cell) {
    Fitted trial{without.model, kNever};
    set_grid(subbands, log2_cell, trial.model.map);
    if (trial.model.map.offset.size() < 4) return false;
    refine(symbols, subbands, trial);
    const bool better = trial.bits < best.bits;
    if (better) best = std::move(trial);
    return better;
  };
  bool coarser = false;
  improve(2);
  for (unsigned k = 3; k <= 6 && improve(k); ++k) coarser = true;
  if (!coarser) improve(1);
  if (best.model.map.log2_cell != 0) refine(symbols, subbands, best);
  return best;
}

// ---- parametric or explicit ----------------------------------------------------------------------------------------

std::int32_t widest_in(const ActivityMap& map, const Subband& subband) {
  return map.covers(subband) ? map.widest() : 0;
}

/// Tries the tables of a subband's cells: body(counts, table) for each offset that occurs. False: one is too large.
template <typename Body>
bool for_each_table(const CountsByOffset& counts, const SubbandModel& m, std::int32_t widest, unsigned precision,
                    std::uint32_t max_symbol, Body body) {
  SymbolTable table;
  for (std::size_t o = 0; o < kOffsets; ++o) {
    if (counts[o].empty()) continue;
    const std::int32_t offset = static_cast<std::int32_t>(o) - kMaxOffset;
    if (!subband_table(m, offset, widest, precision, max_symbol, table)) return false;
    body(counts[o], table);
  }
  return true;
}

/// Extends a subband's tables until every symbol has a slot, and returns its cost; kNever: they would be too large.
std::uint64_t complete(const CountsByOffset& counts, std::int32_t widest, unsigned precision, std::uint32_t max_symbol,
                       SubbandModel& m) {
  std::uint64_t bits = kParameterBits * kUnit;
  std::uint32_t extra = 0;
  const auto reach = [&](const Counts& c, const SymbolTable& table) {
    const auto is_counted = [](std::uint32_t n) { return n != 0; };
    const auto first = static_cast<std::uint32_t>(std::ranges::find_if(c, is_counted) - c.begin());
    const auto end = static_cast<std::uint32_t>(std::find_if(c.rbegin(), c.rend(), is_counted).base() - c.begin());
    const auto table_end = table.first + static_cast<std::uint32_t>(table.freq.size());
    if (first < table.first) extra = std::max(extra, table.first - first);
    if (end > table_end) extra = std::max(extra, end - table_end);
  };
  if (!for_each_table(counts, m, widest, precision, max_symbol, reach)) return kNever;
  m.extra = extra;
  if (extra != 0) bits += (kIndexBits + golomb_bits(extra - 1, 2)) * kUnit;
  const auto add_cost = [&](const Counts& c, const SymbolTable& table) { bits += symbols_bits_q16(c, table); };
  return for_each_table(counts, m, widest, precision, max_symbol, add_cost) ? bits : kNever;
}

/// Moves those subbands to explicit tables for which that is smaller. `parametric`: what each costs as it is.
void take_explicit(std::span<const Counts> counts, std::span<const std::uint64_t> parametric,
                   StaticEntropyModel& model) {
  RecycledVector<bool> wanted(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    wanted[i] = !counts[i].empty() && least_explicit_bits(counts[i]) < parametric[i];
  }
  for (auto& cluster : cluster_tables(counts, wanted)) {
    std::uint64_t as_they_are = 0;
    for (const std::size_t i : cluster.subbands) {
      as_they_are = parametric[i] == kNever || as_they_are == kNever ? kNever : as_they_are + parametric[i];
    }
    if (cluster.best.bits_q16 + cluster.subbands.size() * kIndexBits * kUnit >= as_they_are) continue;
    for (const std::size_t i : cluster.subbands) {
      model.subbands[i].table = static_cast<std::uint32_t>(model.tables.size());
    }
    model.tables.push_back(std::move(cluster.best.table));
  }
}

/// Numbers the tables in the order of their subbands, and drops a map that no subband uses any more.
void tidy(std::span<const Subband> subbands, StaticEntropyModel& model) {
  RecycledVector<std::uint32_t> number(model.tables.size(), SubbandModel::kParametric);
  RecycledVector<SymbolTable> in_order;
  bool any = false;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    SubbandModel& m = model.subbands[i];
    if (subbands[i].size() == 0) continue;
    any |= m.parametric() && model.map.covers(subbands[i]);
    if (m.parametric()) continue;
    if (number[m.table] == SubbandModel::kParametric) {
      number[m.table] = static_cast<std::uint32_t>(in_order.size());
      in_order.push_back(std::move(model.tables[m.table]));
    }
    m.table = number[m.table];
  }
  model.tables = std::move(in_order);
  if (!any) model.map = {};
}

/// Exact cost of symbols and side information, in 2^-16 bit.
std::uint64_t exact_bits(const StaticEntropyModel& model, std::span<const Subband> subbands,
                         std::span<const Counts> counts, std::span<const CountsByOffset> by_offset,
                         std::uint32_t max_symbol) {
  std::uint64_t bits = 8 * write_model(model, subbands).size() * kUnit;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (counts[i].empty()) continue;
    const SubbandModel& m = model.subbands[i];
    if (!m.parametric()) {
      bits += symbols_bits_q16(counts[i], model.tables[m.table]);
      continue;
    }
    const auto add_cost = [&](const Counts& c, const SymbolTable& t) { bits += symbols_bits_q16(c, t); };
    (void)for_each_table(by_offset[i], m, widest_in(model.map, subbands[i]), model.precision_bits, max_symbol,
                         add_cost);
  }
  return bits;
}

/// Parameters have a fixed price that a few subbands, or a few parametric ones among others, may not be worth.
bool may_be_all_explicit(const StaticEntropyModel& model, std::span<const Counts> counts) {
  const auto used = std::ranges::count_if(counts, [](const Counts& c) { return !c.empty(); });
  return used <= 4 || !model.tables.empty();
}

}  // namespace

StaticEntropyModel choose_model(const SymbolsIn& symbols, std::span<const Subband> subbands) {
  const std::uint32_t max_symbol = symbols.index() == 0 ? 255 : 65535;
  const auto counts = count_subbands(symbols, subbands);
  Fitted fitted;
  fitted.model.subbands.resize(subbands.size());
  set_centers(counts, subbands, fitted.model);
  auto by_offset = without_map(counts);
  fitted.bits = fit_spreads(by_offset, subbands, false, fitted.model);
  const std::size_t n = std::visit([](auto item) { return item.size(); }, symbols);
  if (n <= kMapSymbols) fitted = best_map(symbols, subbands, fitted);
  StaticEntropyModel& model = fitted.model;
  if (model.map.log2_cell != 0) by_offset = count_by_offset(symbols, subbands, model);
  RecycledVector<std::uint64_t> bits(subbands.size(), kNever);
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (subbands[i].size() == 0) continue;
    bits[i] =
        complete(by_offset[i], widest_in(model.map, subbands[i]), model.precision_bits, max_symbol, model.subbands[i]);
  }
  StaticEntropyModel all_explicit = model;
  take_explicit(counts, bits, model);
  tidy(subbands, model);
  if (n > kMapSymbols || !may_be_all_explicit(model, counts)) return std::move(model);
  std::ranges::fill(bits, kNever);
  take_explicit(counts, bits, all_explicit);
  tidy(subbands, all_explicit);
  const auto total = [&](const StaticEntropyModel& m) {
    return exact_bits(m, subbands, counts, by_offset, max_symbol);
  };
  return total(all_explicit) < total(model) ? std::move(all_explicit) : std::move(model);
}

}  // namespace vaerans
