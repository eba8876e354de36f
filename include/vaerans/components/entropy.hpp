// Coded bytes, and the tables that some of them were coded with.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// (n,) u8: the payload; the tables and all that a decoder needs beside it are in the trail's side information.
struct ANSBitstream {
  static constexpr std::string_view key = "Bitstream";
  static constexpr Kind kind = Kind::bitstream;
};

/// The entropy model of a stream: integer frequencies. Parts of one subband may have different tables.
struct StreamTables {
  struct Table {
    unsigned precision_bits = 0;      ///< frequencies sum up to 2^precision_bits
    std::uint32_t first = 0;          ///< the symbol of freq[0]
    std::vector<std::uint32_t> freq;  ///< for symbols first, first + 1, …; neither the first nor the last is zero
    [[nodiscard]] double probability(std::uint32_t symbol) const noexcept;
  };
  unsigned lanes = 1;  ///< interleaved coder states
  struct Part {
    std::uint32_t subband = 0, table = 0;  ///< indices
    std::uint64_t symbols = 0;
  };
  std::vector<std::uint32_t> table_of_subband;  ///< index into tables: where most of its symbols are
  std::vector<Part> parts;                      ///< the tables that each subband uses, subband by subband
  std::vector<Table> tables;
};

}  // namespace vaerans
