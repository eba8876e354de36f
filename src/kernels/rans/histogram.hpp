// Counting symbols, and what they would cost an ideal coder.
#pragma once

#include <cstdint>
#include <span>

#include "base/status.hpp"

namespace vaerans::kernels {

// counts[s] = number of times s occurs (set, not added to); counts.size() is the alphabet. bad_symbol if a symbol lies
// outside it. Symbol = uint8_t, uint16_t. At most 2^32 - 1 symbols.
template <class Symbol>
[[nodiscard]] Status histogram(std::span<const Symbol> symbols, std::span<std::uint32_t> counts) noexcept;

// Total zero-order entropy in bits: sum of c * log2(n / c). For reports; coded sizes: cost_bits_q16 in rans.hpp.
[[nodiscard]] double entropy_bits(std::span<const std::uint32_t> counts) noexcept;

}  // namespace vaerans::kernels
