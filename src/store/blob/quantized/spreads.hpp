// Which spread codes a section's integers in the fewest bits.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory.hpp"

namespace vaerans::blob {

/// How many integers there are at each distance from 0. Those beyond the last are in none.
using Distances = RecycledVector<std::uint32_t>;
[[nodiscard]] Distances count_distances(std::span<const std::int32_t> q, std::uint32_t reach);
/// The same of symbols, `zero` being that of the integer 0, and 2 zero - 1 the largest.
template <class Symbol>
[[nodiscard]] Distances count_distances(std::span<const Symbol> symbols, std::uint32_t zero);

/// 4 class + shape, for tables of this precision. Integer arithmetic: the same on every machine.
[[nodiscard]] std::uint8_t best_spread(std::span<const std::uint32_t> distances, unsigned precision);

/// What the best one takes, in 2^-16 bit.
[[nodiscard]] std::uint64_t spread_bits(std::span<const std::uint32_t> distances, unsigned precision);

}  // namespace vaerans::blob
