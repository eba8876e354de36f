// The tables of quantised sections: one for each spread and width of symbols, made once in a process.
#pragma once

#include <cstdint>

#include "coding/static/spread_table.hpp"
#include "kernels/rans/rans.hpp"

namespace vaerans::blob {

/// What a width of symbols fixes: the symbol of the integer 0, the largest symbol, the precision of tables. 8 bits are
/// faster (a table fits the first-level cache), 16 bits hold finer steps.
template <class Symbol>
struct Alphabet;
template <>
struct Alphabet<std::uint8_t> {
  static constexpr std::int32_t zero = 128, last = 255;
  static constexpr unsigned precision = 13;
};
template <>
struct Alphabet<std::uint16_t> {
  static constexpr std::int32_t zero = 4096, last = 8191;
  static constexpr unsigned precision = 15;
};

struct BankTable {
  kernels::EncodeTable encode;
  kernels::DecodeTable decode;
  std::int32_t low = 0, high = 0;  ///< the integers that have a symbol
};

/// The table of a section's byte, 4 class + shape, below 192. Thread-safe.
template <class Symbol>
[[nodiscard]] const BankTable& bank_table(std::uint8_t spread);

}  // namespace vaerans::blob
