// Fits the spreads of all sections, and the activity map that they share.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "coding/coder.hpp"
#include "coding/static/explicit_tables.hpp"
#include "coding/static/static_tables.hpp"

namespace vaerans {

/// counts[symbol] of a section's symbols whose cells have each offset.
using CountsByOffset = std::array<Counts, kOffsets>;

/// Histograms under a model's map; of offset 0 alone where a section has no cells.
[[nodiscard]] kernels::RecycledVector<CountsByOffset> count_by_offset(const SymbolsIn& symbols,
                                                                      std::span<const Section> sections,
                                                                      const StaticModel& model);

/// Chooses spreads for parametric sections, whose centres must be set, given their histograms. `near`: only classes
/// close to those that they have. Returns the approximate bits of symbols and parameters, in 2^-16 bit.
std::uint64_t fit_spreads(std::span<const CountsByOffset> counts, std::span<const Section> sections, bool near,
                          StaticModel& model);

/// Chooses the offsets of the cells for given spreads. Returns the bits of the map in the record, in 2^-16 bit.
std::uint64_t fit_map(const SymbolsIn& symbols, std::span<const Section> sections, StaticModel& model);

}  // namespace vaerans
