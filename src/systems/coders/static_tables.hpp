// The tables of a stream: which sections share one, how precise it is, and how they are written into the record.
//
// Record, bit by bit (MSB first; golomb(k) is Exp-Golomb of order k):
//   lanes − 1 in 3 bits · golomb(0) number of tables T · for each section golomb-coded table index (ceil(log2 T) bits)
//   each table: precision in 5 bits · golomb(4) first symbol · golomb(3) symbols − 1 · frequencies:
//     golomb(k) of each, k = bit width of the one before − 2 (at least 0; the first: precision − 2);
//     behind a zero: golomb(0) of how many more zeros follow. The last frequency is what is missing to 2^precision.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/bits.hpp"
#include "vaerans/core/component.hpp"
#include "vaerans/core/limits.hpp"
#include "vaerans/systems/ans.hpp"

namespace vaerans {

using Counts = std::vector<std::uint32_t>;

/// Chooses tables for the sections' histograms (empty where a section has no symbols) by exact bit count.
[[nodiscard]] StreamTables choose_tables(std::span<const Counts> histograms);

/// Writes and reads the record. read_tables throws Error(corrupt_stream) or Error(limit_exceeded).
[[nodiscard]] std::vector<std::byte> write_tables(const StreamTables& tables);
[[nodiscard]] StreamTables read_tables(std::span<const std::byte> record, std::size_t sections,
                                       std::uint64_t max_symbol, const Limits& limits);

/// Bits that one table takes in the record.
[[nodiscard]] std::uint64_t table_bits(const StreamTables::Table& table);

}  // namespace vaerans
