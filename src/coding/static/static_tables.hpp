// The model of coder=static: the table of every symbol, and how the tables are written into the side information.
//
// A subband (that has symbols) is *parametric*: its table is a spread (spread_table.hpp), of which the side information
// holds the class, shape and centre; or *explicit*: its table's frequencies are in the side information, where several
// may share one.
//
// An *activity map* may cut the picture into cells. In a parametric subband that has at least a symbol in each cell, a
// cell with offset m (-3..3) is coded with the class moved by 2 m: half an octave for each. The busy and the quiet
// parts of all bands and channels are thus told apart by one map. Where there is a map, the stream holds the symbols
// sorted by their table, and in the order of the subbands, row by row, for each table.
//
// Side information, bit by bit (MSB first; eg(k) is Exp-Golomb of order k, of signed values after zigzag as in
// base/zigzag.hpp):
//   log2 of the lanes: 3 bits, at most 6
//   kinds of the subbands: 1 bit; if it is 1, eg(3) says how many plain subbands come before each subband of another
//     kind and, if there are any, after the last one; each kind in eg(0): 0: the next explicit table; 1: one of the T
//     tables before, its number in ceil(log2 T) bits; 2: parametric, and its tables have 1 + eg(2) more symbols with a
//     slot on both sides; 3: plain, that is parametric
//   if there are parametric subbands:
//     precision - 8: 3 bits · eg(6) common centre · each detail band has a centre: 1 bit · order of class differences:
//       2 bits · each subband has a shape: 1 bit · if not, their shape: 2 bits
//     map: 1 bit · if there is one: log2 of its cells' side in symbols of the largest subband - 1: 3 bits ·
//       for each cell, row by row, eg(0) offset - predicted offset
//     each of these subbands: eg(4) centre - common centre (detail bands: only if said so above) ·
//       eg(order) class - predicted class · [shape: 2 bits]
//     the tables of a subband with cells reach as far as that of the largest offset on the map
//   each explicit table: precision: 5 bits · eg(4) first symbol · eg(3) symbols - 1 · frequencies: eg(k) of each,
//     k = bit width of the one before - 2 (at least 0; the first: precision - 2); behind a zero: eg(0) of how many more
//     zeros follow. The last frequency is what is missing to 2^precision.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bits.hpp"
#include "coding/static/spread_table.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/components/entropy.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

inline constexpr std::int32_t kMaxOffset = 3;  ///< largest offset of a cell
inline constexpr std::size_t kOffsets = 2 * kMaxOffset + 1;
[[nodiscard]] constexpr std::size_t index_of_offset(std::int64_t offset) noexcept {
  return static_cast<std::size_t>(offset + kMaxOffset);
}
inline constexpr std::int32_t kOffsetClasses = 2;  ///< classes for each step of an offset
inline constexpr std::size_t kMaxCells = 4096;
/// Limits for all tables of a stream together: a few hostile bytes of side information cannot ask for more.
inline constexpr std::uint64_t kMaxTableSymbols = std::uint64_t{1} << 24U, kMaxTableSlots = std::uint64_t{1} << 28U;

/// How one subband is coded.
struct SubbandModel {
  static constexpr std::uint32_t kParametric = 0xFFFFFFFF;
  std::uint32_t table = kParametric;  ///< or which of the explicit tables
  Spread spread;
  std::uint32_t center = 0;
  std::uint32_t extra = 0;  ///< symbols with one slot on both sides of the table
  [[nodiscard]] bool parametric() const noexcept { return table == kParametric; }
};

struct ActivityMap {
  unsigned log2_cell = 0;  ///< 0: there is no map
  std::uint32_t rows = 0, cols = 0;
  RecycledVector<std::int8_t> offset;  ///< [row][column], -3..3

  /// The largest offset of a cell, 0 without a map.
  [[nodiscard]] std::int32_t widest() const noexcept {
    return offset.empty() ? 0 : *std::max_element(offset.begin(), offset.end());
  }
  [[nodiscard]] bool covers(const Subband& s) const noexcept { return log2_cell != 0 && s.h >= rows && s.w >= cols; }
  /// Calls body(offset, first, n) for the runs of a subband's symbols that share a cell, row by row.
  template <typename Body>
  void for_each_run(const Subband& s, Body body) const {
    if (!covers(s)) {
      if (s.size() != 0) body(0, std::uint64_t{0}, s.size());
      return;
    }
    RecycledVector<std::uint64_t> edge(cols + std::size_t{1});
    for (std::size_t c = 0; c <= cols; ++c) edge[c] = c * s.w / cols;
    for (std::uint32_t y = 0; y < s.h; ++y) {
      const std::int8_t* const cells = offset.data() + std::uint64_t{y} * rows / s.h * cols;
      const std::uint64_t line = std::uint64_t{y} * s.w;
      for (std::size_t c = 0; c < cols; ++c) body(std::int32_t{cells[c]}, line + edge[c], edge[c + 1] - edge[c]);
    }
  }
};

/// The entropy model as the side information holds it.
struct StaticEntropyModel {
  unsigned lanes = 1;
  unsigned precision_bits = 13;  ///< precision of parametric tables
  std::uint32_t center = 0;      ///< centre of detail bands, unless each has its own
  bool own_centers = false, own_shapes = false;
  unsigned class_order = 1;
  ActivityMap map;
  RecycledVector<SubbandModel> subbands;  ///< one for each subband; those of empty ones do not matter
  RecycledVector<SymbolTable> tables;
};

/// A spread under an offset of the map.
[[nodiscard]] Spread moved(const Spread& spread, std::int32_t offset) noexcept;

/// The table of a parametric subband's cells of one offset. In a subband with cells all tables reach as far as that of
/// the largest offset `widest`: quiet cells, too, have a slot for what the busy ones hold. False: see spread_table.
[[nodiscard]] bool subband_table(const SubbandModel& m, std::int32_t offset, std::int32_t widest,
                                 unsigned precision_bits, std::uint32_t max_symbol, SymbolTable& out);

/// Calls body(offset, first, n) for the runs of subband i's symbols that share a table, in order.
template <typename Body>
void for_each_run(const StaticEntropyModel& model, std::size_t i, const Subband& s, Body body) {
  if (model.subbands[i].parametric()) {
    model.map.for_each_run(s, body);
  } else if (s.size() != 0) {
    body(0, std::uint64_t{0}, s.size());
  }
}

/// Makes `map` the grid over these subbands whose cells have a side of 2^log2_cell symbols in the largest, with offsets
/// 0; no map at all where that would have no cells or more than kMaxCells.
void set_grid(std::span<const Subband> subbands, unsigned log2_cell, ActivityMap& map);

/// Predicts a subband's class from the subbands before it: the spread falls by about an octave from level to level, and
/// alike in all channels.
class ClassPredictor {
 public:
  explicit ClassPredictor(std::span<const Subband> subbands);
  [[nodiscard]] std::uint32_t predict(std::size_t i, std::span<const SubbandModel> models) const;

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  /// The same band of the channel before, and that of the next coarser level.
  struct Links {
    std::size_t left = kNone, parent = kNone;
  };
  RecycledVector<Links> links_;
  std::span<const Subband> subbands_;
};

/// Predicted offset of cell `at`.
[[nodiscard]] std::int32_t predicted_offset(const ActivityMap& map, std::size_t at) noexcept;

/// Writes the side information, into memory that may be used again, and reads it. read_model throws
/// Error(corrupt_stream) or Error(limit_exceeded).
[[nodiscard]] ByteBuffer write_model(const StaticEntropyModel& model, std::span<const Subband> subbands,
                                     ByteBuffer memory = {});
[[nodiscard]] StaticEntropyModel read_model(std::span<const std::byte> side_info, std::span<const Subband> subbands,
                                            std::uint64_t max_symbol, const Limits& limits);

/// Bits that an explicit table takes in the side information.
[[nodiscard]] std::uint64_t table_bits(const SymbolTable& table);

/// The tables that a model stands for.
struct ModelTables {
  RecycledVector<SymbolTable> tables;
  RecycledVector<std::uint32_t> table_of;  ///< [subband][offset + 3]; where a subband does not use an offset: any
  [[nodiscard]] std::uint32_t at(std::size_t subband, std::int32_t offset) const noexcept {
    return table_of[subband * kOffsets + index_of_offset(offset)];
  }
};
/// Throws Error(corrupt_stream) where a spread does not fit its precision, Error(limit_exceeded) where all tables
/// together would be too large.
[[nodiscard]] ModelTables model_tables(const StaticEntropyModel& model, std::span<const Subband> subbands,
                                       std::uint32_t max_symbol);

/// The tables as stream_info() shows them.
[[nodiscard]] StreamTables stream_tables(const StaticEntropyModel& model, std::span<const Subband> subbands,
                                         std::uint32_t max_symbol);

}  // namespace vaerans
