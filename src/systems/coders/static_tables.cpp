#include "systems/coders/static_tables.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

#include "kernels/rans.hpp"
#include "systems/system_base.hpp"

namespace vaerans {
namespace {

constexpr unsigned kFirstOrder = 4;  // Exp-Golomb orders of a table's first symbol and length
constexpr unsigned kLengthOrder = 3;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

unsigned order_after(std::uint32_t freq) {
  const auto width = static_cast<unsigned>(std::bit_width(freq));
  return width > 2 ? width - 2 : 0;
}

unsigned first_order(unsigned precision) { return precision > 2 ? precision - 2 : 0; }
unsigned index_bits(std::size_t tables) { return static_cast<unsigned>(std::bit_width(tables - 1)); }

// Walks a table as the record holds it: number(value, order) for each number that is written.
template <typename Number>
void walk(const StreamTables::Table& table, Number number) {
  number(table.first, kFirstOrder);
  number(table.freq.size() - 1, kLengthOrder);
  unsigned order = first_order(table.precision_bits);
  for (std::size_t i = 0; i + 1 < table.freq.size(); ++i) {
    number(table.freq[i], order);
    order = order_after(table.freq[i]);
    if (table.freq[i] != 0) continue;
    std::size_t zeros = 0;
    while (table.freq[i + 1] == 0) ++zeros, ++i;
    number(zeros, 0U);
  }
}

// ---- choosing ----------------------------------------------------------------------------------------------------

struct Trial {
  StreamTables::Table table;
  std::uint64_t bits_q16 = kNever;  // table and symbols
};

void add(Counts& sum, const Counts& counts) {
  if (sum.size() < counts.size()) sum.resize(counts.size());
  for (std::size_t s = 0; s < counts.size(); ++s) sum[s] += counts[s];
}

std::uint64_t symbols_bits(const Counts& counts, const StreamTables::Table& table) {
  if (counts.size() > table.first + table.freq.size()) return kNever;
  std::vector<std::uint32_t> freq(counts.size());
  for (std::size_t s = table.first; s < counts.size(); ++s) freq[s] = table.freq[s - table.first];
  return kernels::cost_bits_q16(counts, freq, table.precision_bits);
}

Trial try_precision(const Counts& counts, std::uint32_t first, unsigned precision) {
  Trial out;
  const auto used = std::span(counts).subspan(first);
  out.table = {precision, first, std::vector<std::uint32_t>(used.size())};
  if (kernels::normalise(used, precision, out.table.freq) != kernels::Status::ok) return out;
  out.bits_q16 = kernels::cost_bits_q16(used, out.table.freq, precision) + (table_bits(out.table) << 16U);
  return out;
}

// The precision that costs least in all: fine tables code better and take more bits themselves.
Trial best_table(const Counts& counts) {
  const auto first = static_cast<std::uint32_t>(
      std::find_if(counts.begin(), counts.end(), [](std::uint32_t c) { return c != 0; }) - counts.begin());
  if (counts.size() == first + 1U) return {{0, first, {1}}, table_bits({0, first, {1}}) << 16U};
  Trial best;
  for (const unsigned precision : {4U, 6U, 8U, 10U, 12U, 14U, 16U}) {
    Trial trial = try_precision(counts, first, precision);
    if (trial.bits_q16 < best.bits_q16) best = std::move(trial);
  }
  return best;
}

struct Cluster {
  Counts counts;
  Trial trial;
  std::vector<std::size_t> sections;
};

// Joining costs what the union's own best table makes of it, against two tables.
bool join_if_smaller(Cluster& cluster, const Counts& counts, std::size_t section, const Trial& alone) {
  Counts sum = cluster.counts;
  add(sum, counts);
  Trial joined = best_table(sum);
  if (joined.bits_q16 == kNever || joined.bits_q16 >= cluster.trial.bits_q16 + alone.bits_q16) return false;
  cluster.counts = std::move(sum);
  cluster.trial = std::move(joined);
  cluster.sections.push_back(section);
  return true;
}

// The clusters whose table already fits a section best come first; only these few are tried in earnest.
std::vector<Cluster*> nearest(std::vector<Cluster>& clusters, const Counts& counts) {
  std::vector<std::pair<std::uint64_t, Cluster*>> ranked;
  for (auto& c : clusters) ranked.emplace_back(symbols_bits(counts, c.trial.table), &c);
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Cluster*> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i) out.push_back(ranked[i].second);
  return out;
}

std::vector<Cluster> cluster(std::span<const Counts> histograms) {
  std::vector<Cluster> out;
  for (std::size_t s = 0; s < histograms.size(); ++s) {
    if (histograms[s].empty()) continue;
    Trial alone = best_table(histograms[s]);
    const auto candidates = nearest(out, histograms[s]);
    const bool joined = std::any_of(candidates.begin(), candidates.end(),
                                    [&](Cluster* c) { return join_if_smaller(*c, histograms[s], s, alone); });
    if (!joined) out.push_back({histograms[s], std::move(alone), {s}});
  }
  return out;
}

// ---- reading -----------------------------------------------------------------------------------------------------

StreamTables::Table read_table(BitReader& in, std::uint64_t max_symbol, const Limits& limits) {
  StreamTables::Table table;
  table.precision_bits = static_cast<unsigned>(in.bits(5));
  if (table.precision_bits > kernels::kMaxPrecision) in.corrupt("a table is more precise than 16 bits");
  const std::uint64_t first = in.golomb(kFirstOrder);
  const std::uint64_t size = in.golomb(kLengthOrder) + 1;
  if (size > limits.max_alphabet)
    throw Error(ErrorCode::limit_exceeded,
                "ans record: a table of " + std::to_string(size) + " symbols is over the limit");
  if (first + size - 1 > max_symbol) in.corrupt("a table has symbols that the data cannot hold");
  table.first = static_cast<std::uint32_t>(first);
  table.freq.resize(size);
  std::uint64_t left = std::uint64_t{1} << table.precision_bits;
  unsigned order = first_order(table.precision_bits);
  for (std::size_t i = 0; i + 1 < size; ++i) {
    const std::uint64_t freq = in.golomb(order);
    if (freq >= left) in.corrupt("the frequencies of a table exceed their sum");
    left -= freq;
    table.freq[i] = static_cast<std::uint32_t>(freq);
    order = order_after(table.freq[i]);
    if (freq != 0) continue;
    const std::uint64_t zeros = in.golomb(0);
    if (zeros >= size - 1 - i) in.corrupt("a run of zeros leaves its table");
    i += zeros;
  }
  table.freq.back() = static_cast<std::uint32_t>(left);
  if (table.freq.front() == 0) in.corrupt("a table starts with a symbol that does not occur");
  return table;
}

}  // namespace

std::uint64_t table_bits(const StreamTables::Table& table) {
  std::uint64_t bits = 5;
  walk(table, [&](std::uint64_t value, unsigned order) { bits += golomb_bits(value, order); });
  return bits;
}

StreamTables choose_tables(std::span<const Counts> histograms) {
  StreamTables out;
  out.table_of_section.resize(histograms.size());
  for (auto& c : cluster(histograms)) {
    for (const std::size_t s : c.sections) out.table_of_section[s] = static_cast<std::uint32_t>(out.tables.size());
    out.tables.push_back(std::move(c.trial.table));
  }
  return out;
}

std::vector<std::byte> write_tables(const StreamTables& tables) {
  BitWriter out;
  out.bits(tables.lanes - 1, 3);
  out.golomb(tables.tables.size(), 0);
  if (tables.tables.size() > 1) {
    for (const std::uint32_t t : tables.table_of_section) out.bits(t, index_bits(tables.tables.size()));
  }
  for (const auto& table : tables.tables) {
    out.bits(table.precision_bits, 5);
    walk(table, [&](std::uint64_t value, unsigned order) { out.golomb(value, order); });
  }
  return out.bytes();
}

StreamTables read_tables(std::span<const std::byte> record, std::size_t sections, std::uint64_t max_symbol,
                         const Limits& limits) {
  BitReader in(record);
  StreamTables out;
  out.lanes = static_cast<unsigned>(in.bits(3)) + 1;
  const std::uint64_t tables = in.golomb(0);
  if (tables > sections) in.corrupt("there are more tables than sections");
  out.table_of_section.resize(sections);
  if (tables > 1) {
    for (auto& t : out.table_of_section) {
      t = static_cast<std::uint32_t>(in.bits(index_bits(tables)));
      if (t >= tables) in.corrupt("a section uses a table that is not there");
    }
  }
  for (std::uint64_t t = 0; t < tables; ++t) out.tables.push_back(read_table(in, max_symbol, limits));
  in.expect_end();
  return out;
}

double StreamTables::Table::probability(std::uint32_t symbol) const noexcept {
  if (symbol < first || symbol - first >= freq.size()) return 0;
  return static_cast<double>(freq[symbol - first]) / static_cast<double>(1ULL << precision_bits);
}

}  // namespace vaerans
