#include "coding/static/explicit_tables.hpp"

#include <algorithm>

#include "kernels/rans/rans.hpp"

namespace vaerans {
namespace {

// 2^16 slots decode slower than 2^15, which fit the first-level cache: they must save more than this part of the bits.
constexpr std::uint64_t kWorthALargeTable = 8192;

constexpr std::uint64_t kNever = ~std::uint64_t{0};

void add(Counts& sum, const Counts& counts) {
  if (sum.size() < counts.size()) sum.resize(counts.size());
  for (std::size_t s = 0; s < counts.size(); ++s) sum[s] += counts[s];
}

std::uint32_t first_symbol(const Counts& counts) {
  return static_cast<std::uint32_t>(std::ranges::find_if(counts, [](std::uint32_t c) { return c != 0; }) -
                                    counts.begin());
}

ExplicitTable try_precision(const Counts& counts, std::uint32_t first, unsigned precision) {
  ExplicitTable out;
  const auto used = std::span(counts).subspan(first);
  out.table = {precision, first, RecycledVector<std::uint32_t>(used.size())};
  if (kernels::normalize(used, precision, out.table.freq) != kernels::Status::ok) return out;
  out.bits_q16 = kernels::cost_bits_q16(used, out.table.freq, precision) + (table_bits(out.table) << 16U);
  return out;
}

// Compares the best table of the union with two tables, and joins if the union costs less.
bool join_if_smaller(TableCluster& cluster, const Counts& counts, std::size_t subband, const ExplicitTable& alone) {
  Counts sum = cluster.counts;
  add(sum, counts);
  ExplicitTable joined = best_table(sum);
  if (joined.bits_q16 == kNever || joined.bits_q16 >= cluster.best.bits_q16 + alone.bits_q16) return false;
  cluster.counts = std::move(sum);
  cluster.best = std::move(joined);
  cluster.subbands.push_back(subband);
  return true;
}

// The clusters whose table already fits a subband best come first; only these few are tried in earnest.
RecycledVector<TableCluster*> nearest(RecycledVector<TableCluster>& clusters, const Counts& counts) {
  RecycledVector<std::pair<std::uint64_t, std::size_t>> ranked;
  for (const auto& c : clusters) ranked.emplace_back(symbols_bits_q16(counts, c.best.table), ranked.size());
  std::ranges::sort(ranked);
  RecycledVector<TableCluster*> out;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, ranked.size()); ++i) out.push_back(&clusters[ranked[i].second]);
  return out;
}

}  // namespace

std::uint64_t symbols_bits_q16(const Counts& counts, const SymbolTable& table) {
  const std::size_t end = table.first + table.freq.size();
  const auto is_counted = [](std::uint32_t c) { return c != 0; };
  const auto all = std::span(counts);
  if (std::ranges::any_of(all.first(std::min<std::size_t>(table.first, all.size())), is_counted)) return kNever;
  if (all.size() > end && std::ranges::any_of(all.subspan(end), is_counted)) return kNever;
  if (all.size() <= table.first) return 0;
  const std::size_t n = std::min(end, all.size()) - table.first;
  return kernels::cost_bits_q16(all.subspan(table.first, n), std::span(table.freq).first(n), table.precision_bits);
}

ExplicitTable best_table(const Counts& counts) {
  const std::uint32_t first = first_symbol(counts);
  if (counts.size() == first + 1U) return {{0, first, {1}}, table_bits({0, first, {1}}) << 16U};
  ExplicitTable best;
  for (const unsigned precision : {4U, 6U, 8U, 10U, 12U, 14U, 15U, 16U}) {
    ExplicitTable trial = try_precision(counts, first, precision);
    if (precision == kernels::kMaxPrecision && trial.bits_q16 > best.bits_q16 - best.bits_q16 / kWorthALargeTable)
      break;
    if (trial.bits_q16 < best.bits_q16) best = std::move(trial);
  }
  return best;
}

std::uint64_t least_explicit_bits(const Counts& counts) {
  std::uint64_t total = 0, distinct = 0, sum = 0;
  for (const std::uint32_t c : counts) {
    if (c == 0) continue;
    total += c;
    ++distinct;
    sum += c * ((kernels::log2_q32(c) >> 16U) + 1);  // rounded up, because it is subtracted
  }
  if (total == 0) return 0;
  const std::uint64_t entropy = total * (kernels::log2_q32(static_cast<std::uint32_t>(total)) >> 16U);
  return entropy - std::min(entropy, sum) + ((distinct + 13) << 16U);
}

RecycledVector<TableCluster> cluster_tables(std::span<const Counts> histograms, const RecycledVector<bool>& wanted) {
  RecycledVector<TableCluster> out;
  for (std::size_t s = 0; s < histograms.size(); ++s) {
    if (histograms[s].empty() || !wanted[s]) continue;
    ExplicitTable alone = best_table(histograms[s]);
    const auto candidates = nearest(out, histograms[s]);
    const bool joined =
        std::ranges::any_of(candidates, [&](TableCluster* c) { return join_if_smaller(*c, histograms[s], s, alone); });
    if (!joined) out.push_back({histograms[s], std::move(alone), {s}});
  }
  return out;
}

}  // namespace vaerans
