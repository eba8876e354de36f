// Tables whose frequencies travel in the side information, and which subbands share one.
#pragma once

#include <cstdint>
#include <span>

#include "coding/static/static_tables.hpp"

namespace vaerans {

/// counts[s] = how many symbols s a subband has; empty where it has none at all.
using Counts = RecycledVector<std::uint32_t>;

/// What coding these symbols under a table takes, in 2^-16 bit; UINT64_MAX where a symbol has no slot.
[[nodiscard]] std::uint64_t symbols_bits_q16(const Counts& counts, const SymbolTable& table);

/// A table and what it costs with the symbols coded under it, in 2^-16 bit.
struct ExplicitTable {
  SymbolTable table;
  std::uint64_t bits_q16 = ~std::uint64_t{0};
};

/// The precision that costs least in all: fine tables code better and take more bits themselves.
[[nodiscard]] ExplicitTable best_table(const Counts& counts);

/// Less than any explicit table costs for these counts, in 2^-16 bit: their entropy and the shortest codes there are.
[[nodiscard]] std::uint64_t least_explicit_bits(const Counts& counts);

struct TableCluster {
  Counts counts;
  ExplicitTable best;
  RecycledVector<std::size_t> subbands;
};

/// Subbands that share a table where that is smaller, by exact bit count. Those whose `wanted` is false stay out.
[[nodiscard]] RecycledVector<TableCluster> cluster_tables(std::span<const Counts> histograms,
                                                          const RecycledVector<bool>& wanted);

}  // namespace vaerans
