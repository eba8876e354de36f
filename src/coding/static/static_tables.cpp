// What a model stands for: a table for each subband and offset.
#include "coding/static/static_tables.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace vaerans {
namespace {

// class, shape, centre, how many symbols more on both sides
using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

std::uint32_t extra_of(const SubbandModel& m, const Spread& spread, std::int32_t widest, unsigned precision_bits) {
  const std::uint32_t reach = spread_reach(spread, precision_bits);
  return m.extra + std::max(reach, spread_reach(moved(m.spread, widest), precision_bits)) - reach;
}

/// Which offsets the cells have.
std::array<bool, kOffsets> offsets_of(const ActivityMap& map) {
  std::array<bool, kOffsets> out{};
  for (const std::int8_t m : map.offset) out[index_of_offset(m)] = true;
  return out;
}

class Builder {
 public:
  Builder(const StaticEntropyModel& model, std::uint32_t max_symbol) : model_(model), max_symbol_(max_symbol) {
    out_.tables = model.tables;
    for (const auto& table : out_.tables) count(table);
  }

  std::uint32_t table_for(const SubbandModel& m, std::int32_t offset, std::int32_t widest) {
    if (!m.parametric()) return m.table;
    const Spread spread = moved(m.spread, offset);
    const std::uint32_t extra = extra_of(m, spread, widest, model_.precision_bits);
    const auto [at, is_new] = known_.try_emplace({spread.spread_class, spread.shape, m.center, extra},
                                                 static_cast<std::uint32_t>(out_.tables.size()));
    if (!is_new) return at->second;
    if (!spread_table(spread, model_.precision_bits, m.center, extra, max_symbol_, out_.tables.emplace_back())) {
      throw Error(ErrorCode::corrupt_stream,
                  "ans side information: a spread is too wide for the precision of its table");
    }
    count(out_.tables.back());
    return at->second;
  }
  ModelTables take() { return std::move(out_); }
  RecycledVector<std::uint32_t>& table_of() { return out_.table_of; }

 private:
  void count(const SymbolTable& table) {
    symbols_ += table.freq.size();
    slots_ += std::uint64_t{1} << table.precision_bits;
    if (symbols_ <= kMaxTableSymbols && slots_ <= kMaxTableSlots) return;
    throw Error(ErrorCode::limit_exceeded, "ans side information: its tables are too large in all");
  }

  const StaticEntropyModel& model_;
  std::uint32_t max_symbol_;
  std::uint64_t symbols_ = 0, slots_ = 0;
  std::map<Key, std::uint32_t, std::less<>, RecycledAllocator<std::pair<const Key, std::uint32_t>>> known_;
  ModelTables out_;
};

}  // namespace

Spread moved(const Spread& spread, std::int32_t offset) noexcept {
  const std::int32_t spread_class = static_cast<std::int32_t>(spread.spread_class) + kOffsetClasses * offset;
  return {static_cast<std::uint32_t>(std::clamp<std::int32_t>(spread_class, 0, kSpreadClasses - 1)), spread.shape};
}

bool subband_table(const SubbandModel& m, std::int32_t offset, std::int32_t widest, unsigned precision_bits,
                   std::uint32_t max_symbol, SymbolTable& out) {
  const Spread spread = moved(m.spread, offset);
  return spread_table(spread, precision_bits, m.center, extra_of(m, spread, widest, precision_bits), max_symbol, out);
}

ModelTables model_tables(const StaticEntropyModel& model, std::span<const Subband> subbands, std::uint32_t max_symbol) {
  Builder builder(model, max_symbol);
  builder.table_of().assign(subbands.size() * kOffsets, 0);
  const auto offsets = offsets_of(model.map);
  const std::int32_t widest = model.map.widest();
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (subbands[i].size() == 0) continue;
    const SubbandModel& m = model.subbands[i];
    const bool cells = m.parametric() && model.map.covers(subbands[i]);
    for (std::size_t o = 0; o < kOffsets; ++o) {
      if (cells ? !offsets[o] : o != kMaxOffset) continue;
      builder.table_of()[i * kOffsets + o] =
          builder.table_for(m, static_cast<std::int32_t>(o) - kMaxOffset, cells ? widest : 0);
    }
  }
  return builder.take();
}

StreamTables stream_tables(const StaticEntropyModel& model, std::span<const Subband> subbands,
                           std::uint32_t max_symbol) {
  ModelTables tables = model_tables(model, subbands, max_symbol);
  StreamTables out;
  out.lanes = model.lanes;
  out.table_of_subband.resize(subbands.size());
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    std::array<std::uint64_t, kOffsets> symbols{};
    for_each_run(model, i, subbands[i],
                 [&](std::int32_t offset, std::uint64_t, std::uint64_t n) { symbols[index_of_offset(offset)] += n; });
    const auto most = static_cast<std::size_t>(std::ranges::max_element(symbols) - symbols.begin());
    out.table_of_subband[i] = tables.table_of[i * kOffsets + most];
    for (std::size_t o = 0; o < kOffsets; ++o) {
      if (symbols[o] == 0) continue;
      out.parts.push_back({static_cast<std::uint32_t>(i), tables.table_of[i * kOffsets + o], symbols[o]});
    }
  }
  for (const SymbolTable& t : tables.tables) {
    out.tables.push_back({t.precision_bits, t.first, {t.freq.begin(), t.freq.end()}});
  }
  return out;
}

double StreamTables::Table::probability(std::uint32_t symbol) const noexcept {
  if (symbol < first || symbol - first >= freq.size()) return 0;
  return static_cast<double>(freq[symbol - first]) / static_cast<double>(1ULL << precision_bits);
}

}  // namespace vaerans
