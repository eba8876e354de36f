// Symbols are stored as u8 or u16: the one place that chooses, and their zero-order entropy for the trace.
#pragma once

#include <algorithm>
#include <span>

#include "base/memory.hpp"
#include "base/require.hpp"
#include "core/subbands.hpp"
#include "kernels/rans/histogram.hpp"
#include "vaerans/core/arena.hpp"

namespace vaerans {

/// Calls body with a typed span of symbols: std::span<std::uint8_t> or std::span<std::uint16_t>.
template <typename Body>
auto with_symbols(Arena& arena, const TensorRef& ref, Body body) {
  if (ref.dtype() == DType::u8) return body(arena.view<std::uint8_t>(ref));
  return body(arena.view<std::uint16_t>(ref));
}

/// The histogram of one subband: counts[s] for s in [0, largest symbol], so never longer than it needs to be.
template <typename Symbol>
[[nodiscard]] RecycledVector<std::uint32_t> subband_counts(std::span<const Symbol> symbols) {
  if (symbols.empty()) return {};
  std::uint32_t largest = 255;
  if constexpr (sizeof(Symbol) > 1) largest = *std::ranges::max_element(symbols);
  RecycledVector<std::uint32_t> counts(std::size_t{largest} + 1);
  require_ok(kernels::histogram(symbols, std::span(counts)), "histogram");
  while (counts.back() == 0) counts.pop_back();
  return counts;
}

/// Sum over the subbands of their zero-order entropies, divided by the number of symbols.
template <typename Symbol>
[[nodiscard]] double entropy_bits_per_symbol(std::span<const Symbol> item, std::span<const Subband> subbands) {
  double bits = 0;
  for (const Subband& s : subbands) bits += kernels::entropy_bits(subband_counts(part(item, s)));
  return item.empty() ? 0 : bits / static_cast<double>(item.size());
}

}  // namespace vaerans
