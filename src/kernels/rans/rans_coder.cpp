// The entropy coder: streams of few lanes, and what surrounds the loops. Vectors are in rans_simd.cpp.
#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/rans/rans_rows.hpp"
#include "kernels/rans/rans_state.hpp"

namespace vaerans::kernels {
namespace rans {

bool push_states(std::span<const std::uint64_t> x, UnitStack& units) noexcept {
  if (x.size() == 1 && x[0] < kLow) return units.push(x[0]) && units.push(x[0] >> 16U);
  for (std::size_t lane = x.size(); lane-- > 0;) {
    if (!units.push(x[lane]) || !units.push(x[lane] >> 16U) || !units.push(x[lane] >> 32U)) return false;
  }
  return units.size() % 2 == 0 || units.push(0);
}

Status read_states(std::span<std::uint64_t> x, UnitReader& units) noexcept {
  if (x.size() == 1 && units.left() == 2) {
    x[0] = units.next() << 16U;
    x[0] |= units.next();
    return x[0] >= kYoung ? Status::ok : Status::bad_state;
  }
  if (units.left() < 3 * x.size()) return Status::truncated;
  std::uint64_t high = units.next();
  if (high == 0) high = units.next();  // there are four: streams are whole words, and three lanes do not exist
  for (std::size_t lane = 0; lane < x.size(); ++lane) {
    if (lane > 0) high = units.left() == 0 ? 0 : units.next();
    if (high == 0) return Status::bad_state;
    if (units.left() < 2) return Status::truncated;
    const std::uint64_t middle = units.next();
    x[lane] = high << 32U | middle << 16U | units.next();
  }
  return Status::ok;
}

Status check_end(std::span<const std::uint64_t> x, const UnitReader& units) noexcept {
  if (units.overrun()) return Status::truncated;
  if (units.left() != 0) return Status::trailing;
  const bool home = std::all_of(x.begin(), x.end(), [&](std::uint64_t s) { return s == home_state(x.size()); });
  return home ? Status::ok : Status::end_state;
}

namespace {

// Calls code.template operator()<N>() with the lanes as a compile-time number: their states stay in registers.
template <class Code>
Status with_few_lanes(std::size_t lanes, Code code) noexcept {
  switch (lanes) {
    case 1: return code.template operator()<1>();
    case 2: return code.template operator()<2>();
    default: return code.template operator()<4>();
  }
}

// ---- encoder ---------------------------------------------------------------------------------------------------

// Codes a segment whose first symbol has the number `first` in the whole stream, last symbol first.
template <std::size_t N, class Symbol>
Status put_segment(States& states, std::size_t first, const EncodeSegment<Symbol>& segment, UnitStack& units) noexcept {
  std::array<std::uint64_t, N> x{};
  std::copy_n(states.x.begin(), N, x.begin());
  const auto entries = segment.table->entries();
  std::size_t i = segment.symbols.size();
  Status status = Status::ok;
  const auto put_one = [&](std::size_t lane) {
    status = put(x[lane], entry_of(entries, segment.symbols[--i]), units);
    return status == Status::ok;
  };
  while (i > 0 && (first + i) % N != 0 && put_one((first + i - 1) % N)) {
  }
  while (i >= N && status == Status::ok) {
    for (std::size_t lane = N; lane-- > 0;) {
      if (!put_one(lane)) break;
    }
  }
  while (i > 0 && status == Status::ok && put_one((first + i - 1) % N)) {
  }
  std::copy_n(x.begin(), N, states.x.begin());
  return status;
}

template <class Symbol>
Status put_any(States& states, std::size_t lanes, std::size_t first, const EncodeSegment<Symbol>& segment,
               UnitStack& units) noexcept {
  if (lanes >= kUnitsOfVector) return put_segment_simd(states, lanes, first, segment, units);
  return with_few_lanes(lanes, [&]<std::size_t N>() { return put_segment<N>(states, first, segment, units); });
}

// ---- decoder ---------------------------------------------------------------------------------------------------

template <std::size_t N, class Slot, class Symbol>
Status get_segment(States& states, std::size_t first, const DecodeSegment<Symbol>& segment, const Slot* symbol_of_slot,
                   UnitReader& units) noexcept {
  std::array<std::uint64_t, N> x{};
  std::copy_n(states.x.begin(), N, x.begin());
  const DecodeTable& table = *segment.table;
  const std::size_t n = segment.symbols.size();
  std::size_t i = 0;
  const auto get_one = [&](std::size_t lane) {
    return get(x[lane], symbol_of_slot, table, segment.symbols[i++], units, N == 1);
  };
  while (i < n && (first + i) % N != 0) {
    if (!get_one((first + i) % N)) return Status::truncated;
  }
  while (i + N <= n) {
    for (std::size_t lane = 0; lane < N; ++lane) {
      if (!get_one(lane)) return Status::truncated;
    }
  }
  while (i < n) {
    if (!get_one((first + i) % N)) return Status::truncated;
  }
  std::copy_n(x.begin(), N, states.x.begin());
  return Status::ok;
}

template <class Symbol>
Status get_any(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<Symbol>& segment,
               UnitReader& units) noexcept {
  if constexpr (sizeof(Symbol) == 1) {
    if (lanes == kRowLanes && has_rows(segment)) return get_segment_rows(states, first, segment, units);
  }
  if (lanes >= kUnitsOfVector) return get_segment_simd(states, lanes, first, segment, units);
  return with_few_lanes(lanes, [&]<std::size_t N>() {
    const auto narrow = segment.table->narrow_symbols();
    return narrow.empty() ? get_segment<N>(states, first, segment, segment.table->wide_symbols().data(), units)
                          : get_segment<N>(states, first, segment, narrow.data(), units);
  });
}

}  // namespace
}  // namespace rans

unsigned lanes_for(std::size_t n_symbols, std::size_t coded_bytes) noexcept {
  constexpr std::size_t bytes_per_lane = 16384;  // 6 of them are 0.04 %, and less for streams beyond 1 MiB
  constexpr std::size_t symbols_per_lane = 256;
  const std::size_t lanes = std::min(coded_bytes / bytes_per_lane, n_symbols / symbols_per_lane);
  return static_cast<unsigned>(std::bit_floor(std::clamp<std::size_t>(lanes, 1, kMaxLanes)));
}

std::size_t max_words(std::size_t n_symbols, unsigned precision_bits, unsigned lanes) noexcept {
  // A symbol adds at most precision + 2^-15 bits to its lane's state, and never more than one unit to the stream.
  const std::size_t whole = n_symbols / 16 * precision_bits + (n_symbols % 16 * precision_bits + 15) / 16;
  const std::size_t pushed = std::min(n_symbols, whole + n_symbols / (std::size_t{1} << 19U) + lanes);
  return (pushed + 3 * std::size_t{lanes}) / 2 + 1;
}

template <class Symbol>
EncodeResult encode(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                    std::span<std::uint32_t> out) noexcept {
  return rans::encode_segments(segments, lanes, out, rans::put_any<Symbol>);
}

template <class Symbol>
Status decode(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
              unsigned lanes) noexcept {
  return rans::decode_segments(words, segments, lanes, rans::get_any<Symbol>);
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
template EncodeResult encode(std::span<const EncodeSegment<U8>>, unsigned, std::span<std::uint32_t>) noexcept;
template EncodeResult encode(std::span<const EncodeSegment<U16>>, unsigned, std::span<std::uint32_t>) noexcept;
template Status decode(std::span<const std::uint32_t>, std::span<const DecodeSegment<U8>>, unsigned) noexcept;
template Status decode(std::span<const std::uint32_t>, std::span<const DecodeSegment<U16>>, unsigned) noexcept;

}  // namespace vaerans::kernels
