// The coded words of a blob: lanes, room, and segments of symbols with their tables.
#pragma once

#include <algorithm>
#include <bit>
#include <string>

#include "base/memory.hpp"
#include "coding/payload_words.hpp"
#include "coding/static/spread_table.hpp"
#include "kernels/rans/rans.hpp"
#include "store/blob/geometry.hpp"
#include "store/blob/room.hpp"

namespace vaerans::blob {

/// A table's frequencies from symbol 0 on, as the coder takes them. One symbol alone has all slots.
struct FullTable {
  RecycledVector<std::uint32_t> freq;
  unsigned precision_bits;
};
[[nodiscard]] inline FullTable full_table(const SymbolTable& table) {
  FullTable out{RecycledVector<std::uint32_t>(table.first), table.precision_bits};
  out.freq.insert(out.freq.end(), table.freq.begin(), table.freq.end());
  if (table.precision_bits == 0) {
    out.precision_bits = kernels::kMinPrecision;
    out.freq.back() = 1U << kernels::kMinPrecision;
  }
  return out;
}

/// What the coder writes.
using Words = RecycledRoom<std::uint32_t>;

/// As many lanes as keep their start and end states, ten bytes each, near half a percent of what is coded.
[[nodiscard]] inline unsigned log2_lanes_for(std::uint64_t symbols) noexcept {
  const std::uint64_t lanes = std::clamp<std::uint64_t>(symbols / 2048, 1, 32);
  return static_cast<unsigned>(std::bit_width(lanes)) - 1;
}

/// table(i) is the encoder's table of section i.
template <class Symbol, class Table>
[[nodiscard]] Words encode_words(std::span<const Symbol> symbols, const Geometry& geometry, unsigned lanes,
                                 Table table) {
  RecycledVector<kernels::EncodeSegment<Symbol>> segments;
  segments.reserve(geometry.sections());
  unsigned precision = 1;
  for_each_section(geometry, [&](const Section& s) {
    const kernels::EncodeTable& t = table(segments.size());
    precision = std::max(precision, t.precision_bits());
    segments.push_back({symbols.subspan(s.first, s.size), &t});
  });
  Words words(kernels::max_words(symbols.size(), precision, lanes));
  const auto coded = kernels::encode<Symbol>(segments, lanes, words);
  if (coded.status != kernels::Status::ok)
    throw Error(ErrorCode::internal, std::string("blob: ") + kernels::to_string(coded.status));
  words.erase(words.begin(), words.end() - static_cast<std::ptrdiff_t>(coded.words));
  return words;
}

/// The symbols of a blob as the coder takes them; table(i) is the decoder's table of section i.
template <class Symbol, class Table>
[[nodiscard]] RecycledVector<kernels::DecodeSegment<Symbol>> segments_of(const Geometry& geometry, Table table,
                                                                         std::span<Symbol> symbols) {
  RecycledVector<kernels::DecodeSegment<Symbol>> segments;
  segments.reserve(geometry.sections());
  for_each_section(geometry, [&](const Section& s) {
    segments.push_back({symbols.subspan(s.first, s.size), &table(segments.size())});
  });
  return segments;
}

template <class Symbol, class Table>
void decode_words(std::span<const std::byte> bytes, const Geometry& geometry, unsigned lanes, Table table,
                  std::span<Symbol> symbols) {
  const auto segments = segments_of(geometry, table, symbols);
  const PayloadWords words(bytes);
  const kernels::Status status = kernels::decode<Symbol>(words.words(), segments, lanes);
  if (status != kernels::Status::ok)
    throw Error(ErrorCode::corrupt_stream, std::string("blob: ") + kernels::to_string(status));
}

}  // namespace vaerans::blob
