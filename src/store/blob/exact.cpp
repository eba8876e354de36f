#include "store/blob/exact.hpp"

#include <algorithm>

#include "base/require.hpp"
#include "coding/static/explicit_tables.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {
namespace {

// Tables take about a hundred bytes; finding those that may be joined takes time for each section.
constexpr std::uint64_t kLeastSection = 4096, kMostSections = 64;

std::uint64_t rows_per_section(const Geometry& g) {
  const std::uint64_t for_size = (kLeastSection + g.row_size - 1) / g.row_size;
  const std::uint64_t for_number = (g.rows + kMostSections - 1) / kMostSections;
  return std::min(g.rows, std::max(for_size, for_number));
}

Counts count(std::span<const std::uint8_t> symbols) {
  Counts out(256);
  for (const std::uint8_t s : symbols) ++out[s];
  while (out.back() == 0) out.pop_back();
  return out;
}

void choose_tables(std::span<const std::uint8_t> symbols, Header& h) {
  RecycledVector<Counts> histograms;
  for_each_section(h.geometry,
                   [&](const Section& s) { histograms.push_back(count(symbols.subspan(s.first, s.size))); });
  const auto clusters = cluster_tables(histograms, RecycledVector<bool>(histograms.size(), true));
  h.sections.resize(histograms.size());
  for (const TableCluster& cluster : clusters) {
    for (const std::size_t s : cluster.subbands) h.sections[s] = static_cast<std::uint8_t>(h.tables.size());
    const FullTable full = full_table(cluster.best.table);
    const std::uint32_t first = cluster.best.table.first;
    h.tables.push_back({full.precision_bits, first, {full.freq.begin() + first, full.freq.end()}});
  }
}

template <class Table>
std::vector<Table> coder_tables(std::span<const SymbolTable> tables) {
  std::vector<Table> out(tables.size());
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const FullTable full = full_table(tables[i]);
    require_ok(out[i].build({full.freq, full.precision_bits}), "blob tables");
  }
  return out;
}

}  // namespace

ExactParts encode_exact(std::span<const std::uint16_t> bits, Header& h) {
  h.geometry.rows_per_section = rows_per_section(h.geometry);
  h.log2_lanes = log2_lanes_for(h.geometry.count);
  ExactParts out;
  out.raw.resize(bits.size());
  RecycledVector<std::uint8_t> symbols(bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    symbols[i] = static_cast<std::uint8_t>(bits[i] >> 7U);
    out.raw[i] = static_cast<std::byte>((bits[i] >> 8U & 0x80U) | (bits[i] & 0x7FU));
  }
  choose_tables(symbols, h);
  const auto tables = coder_tables<kernels::EncodeTable>(h.tables);
  out.words =
      encode_words<std::uint8_t>(symbols, h.geometry, 1U << h.log2_lanes,
                                 [&](std::size_t i) -> const kernels::EncodeTable& { return tables[h.sections[i]]; });
  return out;
}

void decode_exact(const Parts& parts, std::span<std::uint16_t> bits) {
  const Header& h = parts.header;
  const auto tables = coder_tables<kernels::DecodeTable>(h.tables);
  RecycledVector<std::uint8_t> symbols(bits.size());
  decode_words<std::uint8_t>(
      parts.words, h.geometry, 1U << h.log2_lanes,
      [&](std::size_t i) -> const kernels::DecodeTable& { return tables[h.sections[i]]; }, symbols);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const auto raw = std::to_integer<unsigned>(parts.raw[i]);
    bits[i] = static_cast<std::uint16_t>((raw & 0x80U) << 8U | unsigned{symbols[i]} << 7U | (raw & 0x7FU));
  }
}

}  // namespace vaerans::blob
