// Quantised coefficients, and the numbers that undo the quantisation.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// (C, n) symbols ≥ 0, u8, or u16 where a subband needs more than 256 of them.
struct SymbolsU8 {
  static constexpr std::string_view key = "SymbolsU8";
  static constexpr Kind kind = Kind::symbols;
};

/// (subbands, 3) f32, a row for each subband: scale, bias, offset; value = bias + scale · (symbol + offset).
struct QuantParams {
  static constexpr std::string_view key = "QuantParams";
  static constexpr Kind kind = Kind::parameters;
};

}  // namespace vaerans
