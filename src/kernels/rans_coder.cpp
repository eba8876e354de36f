// The two loops of the entropy coder.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "kernels/rans.hpp"

namespace vaerans::kernels {
namespace {

constexpr std::uint64_t kLow = std::uint64_t{1} << 31U;  // states live in [kLow, kHigh)
constexpr std::uint64_t kHigh = std::uint64_t{1} << 63U;

// High 64 bits of a 64 x 64 bit product.
inline std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) noexcept {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(a) * b) >> 64U);
#else
  const std::uint64_t a0 = a & 0xFFFFFFFFU, a1 = a >> 32U, b0 = b & 0xFFFFFFFFU, b1 = b >> 32U;
  const std::uint64_t middle = a1 * b0 + ((a0 * b0) >> 32U);
  const std::uint64_t other = a0 * b1 + (middle & 0xFFFFFFFFU);
  return a1 * b1 + (middle >> 32U) + (other >> 32U);
#endif
}

template <class Segments>
std::size_t count_symbols(Segments segments) noexcept {
  std::size_t n = 0;
  for (const auto& segment : segments) n += segment.symbols.size();
  return n;
}

// Calls code.template operator()<N>() with the lanes as a compile-time number.
template <class Code>
auto with_lanes(std::size_t lanes, Code code) noexcept {
  switch (lanes) {
    case 1: return code.template operator()<1>();
    case 2: return code.template operator()<2>();
    case 3: return code.template operator()<3>();
    case 4: return code.template operator()<4>();
    case 5: return code.template operator()<5>();
    case 6: return code.template operator()<6>();
    case 7: return code.template operator()<7>();
    default: return code.template operator()<8>();
  }
}

// ---- encoder ---------------------------------------------------------------------------------------------------

// Fills a span from its end.
class WordStack {
 public:
  explicit WordStack(std::span<std::uint32_t> out) noexcept
      : begin_(out.data()), at_(out.data() + out.size()), end_(at_) {}
  [[nodiscard]] bool push(std::uint64_t low_bits) noexcept {
    if (at_ == begin_) return false;
    *--at_ = static_cast<std::uint32_t>(low_bits & 0xFFFFFFFFU);
    return true;
  }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - at_); }

 private:
  std::uint32_t* begin_;
  std::uint32_t* at_;
  std::uint32_t* end_;
};

inline Status put(std::uint64_t& x, const EncodeTable::Entry& e, WordStack& words) noexcept {
  if (x >= e.limit) {
    if (e.limit == 0) return Status::bad_symbol;
    if (!words.push(x)) return Status::output_full;
    x >>= 32U;
  }
  const std::uint64_t quotient = multiply_high(x, e.reciprocal) >> e.shift;
  x += e.bias + quotient * e.complement;
  return Status::ok;
}

// Codes a segment whose first symbol has the number `first` in the whole stream, last symbol first.
template <std::size_t N, class Symbol>
Status put_segment(std::array<std::uint64_t, N>& x, std::size_t first, const EncodeSegment<Symbol>& segment,
                   WordStack& words) noexcept {
  const auto entries = segment.table->entries();
  std::size_t i = segment.symbols.size();
  const auto put_one = [&](std::size_t lane) {
    const std::size_t s = segment.symbols[--i];
    return s < entries.size() ? put(x[lane], entries[s], words) : Status::bad_symbol;
  };
  const auto put_down_to = [&](std::size_t stop) {
    Status status = Status::ok;
    while (i > stop && status == Status::ok) status = put_one((first + i - 1) % N);
    return status;
  };
  const std::size_t ragged = (first + i) % N;
  if (const Status status = put_down_to(i - std::min(i, ragged)); status != Status::ok) return status;
  while (i >= N) {
    for (std::size_t lane = N; lane-- > 0;) {
      if (const Status status = put_one(lane); status != Status::ok) return status;
    }
  }
  return put_down_to(0);
}

template <std::size_t N, class Symbol>
EncodeResult encode_lanes(std::span<const EncodeSegment<Symbol>> segments, std::size_t n,
                          std::span<std::uint32_t> out) noexcept {
  WordStack words(out);
  std::array<std::uint64_t, N> x{};
  x.fill(kLow);
  for (std::size_t k = segments.size(); k-- > 0;) {
    const auto& segment = segments[k];
    if (segment.symbols.empty()) continue;
    if (segment.table == nullptr || segment.table->entries().empty()) return {Status::bad_table, 0};
    n -= segment.symbols.size();
    if (const Status status = put_segment<N>(x, n, segment, words); status != Status::ok) return {status, 0};
  }
  for (std::size_t lane = N; lane-- > 0;) {
    if (!words.push(x[lane] >> 32U) || !words.push(x[lane])) return {Status::output_full, 0};
  }
  return {Status::ok, words.size()};
}

// ---- decoder ---------------------------------------------------------------------------------------------------

class WordReader {
 public:
  explicit WordReader(std::span<const std::uint32_t> words) noexcept
      : at_(words.data()), end_(words.data() + words.size()) {}
  [[nodiscard]] bool empty() const noexcept { return at_ == end_; }
  [[nodiscard]] std::uint64_t next() noexcept { return *at_++; }  // not when empty

 private:
  const std::uint32_t* at_;
  const std::uint32_t* end_;
};

template <class Symbol>
Status check(const DecodeSegment<Symbol>& segment) noexcept {
  constexpr std::size_t storable = std::size_t{std::numeric_limits<Symbol>::max()} + 1;
  if (segment.table == nullptr || segment.table->entries().empty()) return Status::bad_table;
  return segment.table->entries().size() <= storable ? Status::ok : Status::bad_table;
}

template <std::size_t N, class Symbol>
bool get_segment(std::array<std::uint64_t, N>& x, std::size_t first, const DecodeSegment<Symbol>& segment,
                 WordReader& words) noexcept {
  const std::uint16_t* const symbol_of_slot = segment.table->symbol_of_slot().data();
  const DecodeTable::Entry* const entries = segment.table->entries().data();
  const unsigned precision = segment.table->precision_bits();
  const std::uint64_t mask = (std::uint64_t{1} << precision) - 1;
  const std::size_t n = segment.symbols.size();
  Symbol* const out = segment.symbols.data();
  std::size_t i = 0;

  const auto get_one = [&](std::uint64_t& state) {
    const std::uint64_t slot = state & mask;
    const std::uint16_t symbol = symbol_of_slot[slot];
    const DecodeTable::Entry e = entries[symbol];
    out[i++] = static_cast<Symbol>(symbol);
    state = e.freq * (state >> precision) + slot - e.start;
    if (state >= kLow) return true;
    if (words.empty()) return false;
    state = state << 32U | words.next();
    return true;
  };
  while (i < n && (first + i) % N != 0) {
    if (!get_one(x[(first + i) % N])) return false;
  }
  while (i + N <= n) {
    for (std::size_t lane = 0; lane < N; ++lane) {
      if (!get_one(x[lane])) return false;
    }
  }
  for (std::size_t lane = 0; i < n; ++lane) {
    if (!get_one(x[lane])) return false;
  }
  return true;
}

template <std::size_t N, class Symbol>
Status decode_lanes(std::span<const std::uint32_t> all_words,
                    std::span<const DecodeSegment<Symbol>> segments) noexcept {
  if (all_words.size() < 2 * N) return Status::truncated;
  WordReader words(all_words);
  std::array<std::uint64_t, N> x{};
  for (std::uint64_t& state : x) {
    const std::uint64_t low = words.next();
    state = words.next() << 32U | low;
    if (state < kLow || state >= kHigh) return Status::bad_state;
  }
  std::size_t first = 0;
  for (const auto& segment : segments) {
    if (segment.symbols.empty()) continue;
    if (const Status status = check(segment); status != Status::ok) return status;
    if (!get_segment<N>(x, first, segment, words)) return Status::truncated;
    first += segment.symbols.size();
  }
  if (!words.empty()) return Status::trailing;
  const bool home = std::all_of(x.begin(), x.end(), [](std::uint64_t state) { return state == kLow; });
  return home ? Status::ok : Status::end_state;
}

}  // namespace

std::size_t max_words(std::size_t n_symbols, unsigned precision_bits, unsigned lanes) noexcept {
  // A symbol adds at most precision + 2^-14 bits to its lane's state and never more than one word to the stream.
  const std::size_t whole = n_symbols / 32 * precision_bits + (n_symbols % 32 * precision_bits + 31) / 32;
  return std::min(n_symbols, whole + n_symbols / (std::size_t{1} << 19U) + lanes + 1) + 2 * std::size_t{lanes};
}

template <class Symbol>
EncodeResult encode(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                    std::span<std::uint32_t> out) noexcept {
  if (lanes < 1 || lanes > kMaxLanes) return {Status::bad_argument, 0};
  const std::size_t n = count_symbols(segments);
  if (n == 0) return {};
  return with_lanes(std::min<std::size_t>(lanes, n),
                    [&]<std::size_t N>() { return encode_lanes<N>(segments, n, out); });
}

template <class Symbol>
Status decode(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
              unsigned lanes) noexcept {
  if (lanes < 1 || lanes > kMaxLanes) return Status::bad_argument;
  const std::size_t n = count_symbols(segments);
  if (n == 0) return words.empty() ? Status::ok : Status::trailing;
  return with_lanes(std::min<std::size_t>(lanes, n), [&]<std::size_t N>() { return decode_lanes<N>(words, segments); });
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
template EncodeResult encode(std::span<const EncodeSegment<U8>>, unsigned, std::span<std::uint32_t>) noexcept;
template EncodeResult encode(std::span<const EncodeSegment<U16>>, unsigned, std::span<std::uint32_t>) noexcept;
template Status decode(std::span<const std::uint32_t>, std::span<const DecodeSegment<U8>>, unsigned) noexcept;
template Status decode(std::span<const std::uint32_t>, std::span<const DecodeSegment<U16>>, unsigned) noexcept;

}  // namespace vaerans::kernels
