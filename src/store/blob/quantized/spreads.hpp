// Which spread codes a section's integers in the fewest bits.
#pragma once

#include <cstdint>
#include <span>

namespace vaerans::blob {

/// 4 class + shape; tables of this precision reach `reach` at most. Integer arithmetic: the same on every machine.
[[nodiscard]] std::uint8_t best_spread(std::span<const std::int32_t> q, unsigned precision, std::uint32_t reach);

}  // namespace vaerans::blob
