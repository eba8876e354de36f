// Chooses the model of coder=static for given symbols, by bit count.
#pragma once

#include <span>

#include "coding/coder.hpp"
#include "coding/static/static_tables.hpp"

namespace vaerans {

/// Up to this many symbols an activity map is tried; beyond it, choosing would take longer than coding.
inline constexpr std::size_t kMapSymbols = std::size_t{1} << 18U;

/// Every symbol has a slot in the table of its place. `lanes` is left as it is.
[[nodiscard]] StaticEntropyModel choose_model(const SymbolsIn& symbols, std::span<const Subband> subbands);

}  // namespace vaerans
