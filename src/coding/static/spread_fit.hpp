// Fits the spreads of all subbands, and the activity map that they share.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "coding/coder.hpp"
#include "coding/static/explicit_tables.hpp"
#include "coding/static/static_tables.hpp"

namespace vaerans {

/// counts[symbol] of a subband's symbols whose cells have each offset.
using CountsByOffset = std::array<Counts, kOffsets>;

/// Histograms under a model's map; only that of offset 0 where a subband has no cells.
[[nodiscard]] RecycledVector<CountsByOffset> count_by_offset(const SymbolsIn& symbols,
                                                             std::span<const Subband> subbands,
                                                             const StaticEntropyModel& model);

/// Chooses spreads for parametric subbands, whose centres must be set, given their histograms. `near`: only classes
/// close to those that they have. Returns the approximate bits of symbols and parameters, in 2^-16 bit.
std::uint64_t fit_spreads(std::span<const CountsByOffset> counts, std::span<const Subband> subbands, bool near,
                          StaticEntropyModel& model);

/// Chooses the offsets of the cells for given spreads. Returns what the map takes in side information, in 2^-16 bit.
std::uint64_t fit_map(const SymbolsIn& symbols, std::span<const Subband> subbands, StaticEntropyModel& model);

}  // namespace vaerans
