// Inside the entropy coder: states, the sequence of units, and the step of one symbol. For rans_*.cpp only.
//
// Vectors read and write several units at a time, however few of them they use: UnitStack::has_room and
// UnitReader::refill keep such accesses inside the caller's words.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

#include "kernels/rans/rans.hpp"

namespace vaerans::kernels::rans {

static_assert(std::endian::native == std::endian::little, "units fill words as they lie in memory");

inline constexpr unsigned kScaleBits = 16;  // every table is scaled up to this precision
inline constexpr std::uint32_t kScale = std::uint32_t{1} << kScaleBits;
inline constexpr unsigned kLowBits = 32;
inline constexpr std::uint64_t kLow = std::uint64_t{1} << kLowBits;  // states live in [kLow, kHigh)
inline constexpr std::uint64_t kHigh = kLow << 16U;
inline constexpr std::size_t kUnitBytes = 2;
inline constexpr std::size_t kUnitsOfVector = 8;
inline constexpr std::size_t kUnitsAtOnce = 32;  // that the decoder's vectors may take before they look again

// States of all lanes, as they lie in memory between vectors.
struct alignas(64) States {
  std::array<std::uint64_t, kMaxLanes> x{};
};

// Every lane starts (encoder) and ends (decoder) here.
inline constexpr std::uint64_t kYoung = std::uint64_t{1} << 16U;
[[nodiscard]] constexpr std::uint64_t home_state(std::size_t lanes) noexcept { return lanes == 1 ? kYoung : kLow; }

[[nodiscard]] constexpr bool lanes_ok(unsigned lanes) noexcept {
  return lanes <= kMaxLanes && std::has_single_bit(lanes);
}

// The lanes that a stream of n > 0 symbols really has.
[[nodiscard]] constexpr std::size_t lanes_used(unsigned lanes, std::size_t n) noexcept {
  return std::min<std::size_t>(lanes, std::bit_floor(n));
}

template <class Segments>
[[nodiscard]] std::size_t count_symbols(Segments segments) noexcept {
  std::size_t n = 0;
  for (const auto& segment : segments) n += segment.symbols.size();
  return n;
}

// ---- encoder ---------------------------------------------------------------------------------------------------

// Fills words from their end.
class UnitStack {
 public:
  explicit UnitStack(std::span<std::uint32_t> out) noexcept
      : begin_(reinterpret_cast<std::byte*>(out.data())), at_(begin_ + out.size_bytes()), end_(at_) {}

  [[nodiscard]] bool push(std::uint64_t low_bits) noexcept {
    if (at_ == begin_) return false;
    const auto unit = static_cast<std::uint16_t>(low_bits & 0xFFFFU);
    at_ -= kUnitBytes;
    std::memcpy(at_, &unit, kUnitBytes);
    return true;
  }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - at_) / kUnitBytes; }

  // For vectors, which write kUnitsOfVector units below the top and then lower it by those that count. They may if
  // has_room() and then while top() >= lowest_top().
  [[nodiscard]] bool has_room() const noexcept {
    return static_cast<std::size_t>(at_ - begin_) >= kUnitsOfVector * kUnitBytes;
  }
  [[nodiscard]] std::byte* top() const noexcept { return at_; }
  [[nodiscard]] std::byte* lowest_top() const noexcept { return begin_ + kUnitsOfVector * kUnitBytes; }
  void set_top(std::byte* at) noexcept { at_ = at; }

 private:
  std::byte* begin_;
  std::byte* at_;
  std::byte* end_;
};

// The entry of a symbol; that of a symbol without a slot where the table does not know it.
template <class Symbol>
[[nodiscard]] inline const EncodeTable::Entry& entry_of(std::span<const EncodeTable::Entry> entries,
                                                        Symbol symbol) noexcept {
  if constexpr (std::numeric_limits<Symbol>::max() <= 255) return entries[symbol];
  return entries[std::min<std::size_t>(symbol, entries.size() - 1)];
}

// x * reciprocal is at least x / f, and too large by less than 1 / f: truncation gives the exact quotient, for every x
// below f * 2^32 (rans_table.cpp says why).
[[nodiscard]] inline Status put(std::uint64_t& x, const EncodeTable::Entry& e, UnitStack& units) noexcept {
  if (e.complement == kScale) return Status::bad_symbol;
  if ((x >> kLowBits) + e.complement >= kScale) {
    if (!units.push(x)) return Status::output_full;
    x >>= 16U;
  }
  const double product = static_cast<double>(static_cast<std::int64_t>(x)) * e.reciprocal;
  x += static_cast<std::uint64_t>(static_cast<std::int64_t>(product)) * e.complement + e.start;
  return Status::ok;
}

// ---- decoder ---------------------------------------------------------------------------------------------------

class UnitReader {
 public:
  explicit UnitReader(std::span<const std::uint32_t> words) noexcept
      : at_(reinterpret_cast<const std::byte*>(words.data())), end_(at_ + words.size_bytes()) {
    if (left() < kUnitsAtOnce) {
      move_to_tail();
    } else {
      limit_ = end_ - kUnitsAtOnce * kUnitBytes;
    }
  }
  UnitReader(const UnitReader&) = delete;
  UnitReader& operator=(const UnitReader&) = delete;

  [[nodiscard]] std::size_t left() const noexcept { return at_ < end_ ? units(end_ - at_) : 0; }
  [[nodiscard]] bool overrun() const noexcept { return at_ > end_; }
  [[nodiscard]] std::uint64_t next() noexcept {  // only if some are left
    std::uint16_t unit = 0;
    std::memcpy(&unit, at_, kUnitBytes);
    at_ += kUnitBytes;
    return unit;
  }

  // For vectors, which read kUnitsAtOnce units at the top and then raise it by those that they took: makes that
  // possible while top() <= limit(). The last units are moved to where zeros follow them. False once more were taken
  // than there are.
  [[nodiscard]] bool refill() noexcept {
    if (at_ <= limit_) return true;
    if (limit_ == end_) return false;  // they lie there already
    move_to_tail();
    return true;
  }
  [[nodiscard]] const std::byte* top() const noexcept { return at_; }
  [[nodiscard]] const std::byte* limit() const noexcept { return limit_; }
  void set_top(const std::byte* at) noexcept { at_ = at; }

 private:
  [[nodiscard]] static std::size_t units(std::ptrdiff_t bytes) noexcept {
    return static_cast<std::size_t>(bytes) / kUnitBytes;
  }
  void move_to_tail() noexcept {
    const std::size_t bytes = left() * kUnitBytes;
    if (bytes != 0) std::memcpy(tail_.data(), at_, bytes);
    at_ = tail_.data();
    end_ = at_ + bytes;
    limit_ = end_;
  }

  const std::byte* at_;
  const std::byte* end_;
  const std::byte* limit_ = nullptr;  // vectors may read up to here and kUnitsAtOnce more
  std::array<std::byte, 2 * kUnitsAtOnce * kUnitBytes> tail_{};
};

// Undoes one symbol. False: the units ended too early. A single lane may then still be below kLow.
template <class Slot, class Symbol>
[[nodiscard]] inline bool get(std::uint64_t& x, const Slot* symbol_of_slot, const DecodeTable& table, Symbol& out,
                              UnitReader& units, bool single) noexcept {
  const std::uint64_t slot = x & (kScale - 1);
  const DecodeTable::Entry& e = table.entries()[symbol_of_slot[slot >> (kScaleBits - table.precision_bits())]];
  out = static_cast<Symbol>(e.symbol);
  x = e.freq * (x >> kScaleBits) + slot - e.start;
  if (x >= kLow) return true;
  if (units.left() == 0) return single && x >= kYoung;
  x = x << 16U | units.next();
  return true;
}

// ---- start states ----------------------------------------------------------------------------------------------

// Behind the last symbol: the states, highest unit first, and a unit of zero to fill the first word.
[[nodiscard]] bool push_states(std::span<const std::uint64_t> x, UnitStack& units) noexcept;

// Reads them back: truncated, bad_state.
[[nodiscard]] Status read_states(std::span<std::uint64_t> x, UnitReader& units) noexcept;

// After the last symbol: all units used, all lanes at home.
[[nodiscard]] Status check_end(std::span<const std::uint64_t> x, const UnitReader& units) noexcept;

template <class Symbol>
[[nodiscard]] Status check_segment(const DecodeSegment<Symbol>& segment) noexcept {
  constexpr std::size_t storable = std::size_t{std::numeric_limits<Symbol>::max()} + 1;
  if (segment.table == nullptr || segment.table->empty()) return Status::bad_table;
  return segment.table->alphabet() <= storable ? Status::ok : Status::bad_table;
}

// ---- streams ---------------------------------------------------------------------------------------------------

// What the encoder and its twin share: start states, segments from the last to the first, and the end of the stream.
// put(states, lanes, first, segment, units) codes a segment whose first symbol has the number `first`.
template <class Symbol, class Put>
[[nodiscard]] EncodeResult encode_segments(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                                           std::span<std::uint32_t> out, Put put) noexcept {
  if (!lanes_ok(lanes)) return {Status::bad_argument, 0};
  std::size_t n = count_symbols(segments);
  if (n == 0) return {};
  const std::size_t used = lanes_used(lanes, n);
  UnitStack units(out);
  States states;
  states.x.fill(home_state(used));
  for (std::size_t k = segments.size(); k-- > 0;) {
    if (segments[k].symbols.empty()) continue;
    if (segments[k].table == nullptr || segments[k].table->empty()) return {Status::bad_table, 0};
    n -= segments[k].symbols.size();
    if (const Status status = put(states, used, n, segments[k], units); status != Status::ok) return {status, 0};
  }
  if (!push_states(std::span(states.x).first(used), units)) return {Status::output_full, 0};
  return {Status::ok, units.size() / 2};
}

// The same for the decoders: get(states, lanes, first, segment, units).
template <class Symbol, class Get>
[[nodiscard]] Status decode_segments(std::span<const std::uint32_t> words,
                                     std::span<const DecodeSegment<Symbol>> segments, unsigned lanes,
                                     Get get) noexcept {
  if (!lanes_ok(lanes)) return Status::bad_argument;
  const std::size_t n = count_symbols(segments);
  if (n == 0) return words.empty() ? Status::ok : Status::trailing;
  UnitReader units(words);
  States states;
  const auto x = std::span(states.x).first(lanes_used(lanes, n));
  if (const Status status = read_states(x, units); status != Status::ok) return status;
  std::size_t first = 0;
  for (const auto& segment : segments) {
    if (segment.symbols.empty()) continue;
    if (const Status status = check_segment(segment); status != Status::ok) return status;
    if (const Status status = get(states, x.size(), first, segment, units); status != Status::ok) return status;
    first += segment.symbols.size();
  }
  return check_end(x, units);
}

// ---- vectors (rans_simd.cpp) -----------------------------------------------------------------------------------

// Both code a segment whose first symbol has the number `first` in the whole stream, with `lanes` >= 8.
template <class Symbol>
[[nodiscard]] Status put_segment_simd(States& states, std::size_t lanes, std::size_t first,
                                      const EncodeSegment<Symbol>& segment, UnitStack& units) noexcept;
template <class Symbol>
[[nodiscard]] Status get_segment_simd(States& states, std::size_t lanes, std::size_t first,
                                      const DecodeSegment<Symbol>& segment, UnitReader& units) noexcept;

}  // namespace vaerans::kernels::rans
