// Range asymmetric numeral systems (Duda 2013, arXiv:1311.2540): the entropy coder.
//
// A state x is a 48-bit integer in [2^32, 2^48). Coding symbol s with integer frequency f and first slot c out of 2^16
// multiplies the state by about 2^16 / f:   x -> floor(x / f) * 2^16 + c + x mod f.
// When the state would leave its interval its low 16 bits, a *unit*, are moved out first. The decoder undoes this step
// by step, so it meets the symbols in the opposite order: the encoder walks backwards through the symbols and fills its
// output from the end, the decoder runs forwards through both. Tables may be coarser than 2^16 (fewer bits to send,
// smaller look-up tables); the coder scales their frequencies up. Since x / f >= 2^16 always, the coder itself loses
// nothing that can be measured: a stream exceeds its entropy by the tables' rounding and by its start states.
//
// N lanes (1, 2, 4 ... 64) are N independent states that share one sequence of units; symbol number i, counted over all
// segments, belongs to lane i mod N. From 8 lanes on, vectors of states advance together. A stream of fewer symbols
// than lanes uses the largest power of two that is not greater than their number; no symbols at all take no words.
//
// Stream = the start states of the lanes in order, three units each, highest first; then the units in the order in
// which the decoder asks for them. Units fill 32-bit words, low half first; an odd number of units is preceded by a
// unit of zero (the first unit of a state is never zero). Several lanes end at exactly 2^32, the encoder's start, which
// costs 4 bytes each. A single lane ends at 2^16: it emits nothing before it first passes 2^32, and if it never does
// the stream is the state itself, in one word. So a short stream is about 4 bytes, and at most 6, longer
// than its symbols need.
//
// The decoder checks the end states, and that all units are used: what it accepts is always what the encoder writes for
// the decoded symbols. That finds truncated and most altered streams but is no checksum (words may change such that a
// symbol becomes another of the same frequency, and nothing else): the container checks the words' integrity.
//
// A stream is a list of *segments*, runs of symbols with a table each: a band, a channel, a context. The coder knows
// nothing of what they mean. Symbols are stored as uint8_t or uint16_t (template parameter Symbol).
//
// The same input gives the same words on every machine and instruction set (rans_ref.cpp is the twin that says which).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "base/status.hpp"

namespace vaerans::kernels {

inline constexpr unsigned kMinPrecision = 1;
inline constexpr unsigned kMaxPrecision = 16;
inline constexpr std::size_t kMaxAlphabet = std::size_t{1} << 16U;
inline constexpr unsigned kMaxLanes = 64;

// ---- tables ----------------------------------------------------------------------------------------------------

// freq[s] = slots of symbol s; they sum up to 2^precision_bits. Zero marks a symbol that does not occur.
struct TableView {
  std::span<const std::uint32_t> freq;
  unsigned precision_bits = 0;
};

// bad_argument: precision out of range, alphabet empty or over 2^16. bad_table: the sum is wrong.
[[nodiscard]] Status check_table(TableView table) noexcept;

// Room that normalize works in. One object for many calls: it allocates only while it grows.
class NormalizeWorkspace {
 public:
  struct Move {
    std::uint64_t bits;  // gained or lost over the whole message by moving one slot
    std::uint32_t symbol;
    std::uint32_t freq;  // before the move
  };
  RecycledVector<Move> gains, losses;  // heaps
};

// Frequencies that code `counts` in the fewest bits: among all integer tables of this precision with freq >= 1 for
// every counted symbol (and 0 for the others), one that minimises the sum of counts * (precision - log2 freq). The cost
// is separable and concave, so the table is optimal once moving one slot from any symbol to any other no longer pays;
// that is what is done, starting from rounded proportions (cost in 32 fractional bits, ties by symbol number).
// too_many_symbols: more counted symbols than slots. bad_argument: spans of unequal length, nothing counted, alphabet
// or precision out of range.
[[nodiscard]] Status normalize(std::span<const std::uint32_t> counts, unsigned precision_bits,
                               std::span<std::uint32_t> freq, NormalizeWorkspace& workspace);
[[nodiscard]] Status normalize(std::span<const std::uint32_t> counts, unsigned precision_bits,
                               std::span<std::uint32_t> freq);

// The simple method, to compare with: rounded proportions, at least one slot each; what is then missing or too much
// goes to or comes from the most frequent symbol. Same errors. With 200 geometrically distributed symbols, the optimum
// saves up to 1.7 % of the bits at a precision of 8, 0.1 % at 10, 0.006 % at 12 and nothing to speak of at 14.
[[nodiscard]] Status normalize_by_rounding(std::span<const std::uint32_t> counts, unsigned precision_bits,
                                           std::span<std::uint32_t> freq) noexcept;

// Bits that coding `counts` with this table takes, in units of 2^-16 bit, without the lanes' start states; UINT64_MAX
// if a counted symbol has no slot. Integer arithmetic, error below 2^-24 bit per symbol: fit to compare tables.
// Requires equal lengths and fewer than 2^32 symbols in all.
[[nodiscard]] std::uint64_t cost_bits_q16(std::span<const std::uint32_t> counts, std::span<const std::uint32_t> freq,
                                          unsigned precision_bits) noexcept;

// log2(x) for x >= 1 in units of 2^-32; exact for powers of two, otherwise wrong by less than 2^-27. By the series of
// atanh in integers, so it is the same number everywhere.
[[nodiscard]] std::uint64_t log2_q32(std::uint32_t x) noexcept;

// What the encoder needs per symbol: 16 bytes each, at most 1 MiB.
class EncodeTable {
 public:
  struct Entry {
    double reciprocal;         // a little over 1 / freq, so that truncated products are exact quotients
    std::uint32_t complement;  // 2^16 - freq, scaled; 2^16: the symbol has no slot
    std::uint32_t start;       // scaled
  };

  // Checks and builds; on an error the table stays empty. Allocates only beyond the largest table it has held.
  [[nodiscard]] Status build(TableView table);
  // An entry for each symbol (at least for all that bytes can hold), and after the last one a symbol without a slot.
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] unsigned precision_bits() const noexcept { return precision_; }

 private:
  RecycledVector<Entry> entries_;
  unsigned precision_ = 0;
};

// What a slot stands for in one word: its place among its symbol's slots in the highest 12 bits, the frequency of that
// symbol in the next 12, the symbol in the lowest 8. That needs bytes, a precision of 13 and no symbol with half of all
// slots. 32 KiB.
class PackedSlots {
 public:
  static constexpr unsigned kPrecision = 13, kFieldBits = 12, kSymbolBits = 8;

  void build(TableView table);  // a checked one; stays empty where it does not fit
  void clear() noexcept { words_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  [[nodiscard]] const std::int32_t* words() const noexcept { return words_.data(); }

 private:
  RecycledVector<std::int32_t> words_;
};

// What the decoder needs: slot -> symbol in 1 byte for each slot (2 for alphabets over 256), then symbol -> frequency
// in 8 bytes for each symbol. 34 KiB for 15 bits and 256 symbols: fits a first-level cache. At most 640 KiB.
class DecodeTable {
 public:
  struct Entry {
    std::uint16_t start;   // scaled to 2^16
    std::uint16_t symbol;  // its own number
    std::uint32_t freq;    // scaled
  };

  // Checks and builds; on an error the table stays empty. Allocates only beyond the largest table it has held.
  [[nodiscard]] Status build(TableView table);
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t alphabet() const noexcept { return entries_.empty() ? 0 : entries_.size() - 1; }
  [[nodiscard]] unsigned precision_bits() const noexcept { return precision_; }
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }  // alphabet and one of padding
  // Indexed by slot of 2^precision: the first is empty for alphabets over 256, the second for all others.
  [[nodiscard]] std::span<const std::uint8_t> narrow_symbols() const noexcept { return narrow_; }
  [[nodiscard]] std::span<const std::uint16_t> wide_symbols() const noexcept { return wide_; }
  // For tables that decode many streams: the slots in another form, which vectors of 32 lanes are quicker with.
  void pack(TableView table) { packed_.build(table); }  // the table that it was built of
  [[nodiscard]] const PackedSlots& packed() const noexcept { return packed_; }

 private:
  RecycledVector<std::uint8_t> narrow_;
  RecycledVector<std::uint16_t> wide_;
  RecycledVector<Entry> entries_;
  PackedSlots packed_;
  unsigned precision_ = 0;
};

// ---- coding ----------------------------------------------------------------------------------------------------

template <class Symbol>
struct EncodeSegment {
  std::span<const Symbol> symbols;
  const EncodeTable* table = nullptr;  // may be null where there are no symbols
};

template <class Symbol>
struct DecodeSegment {
  std::span<Symbol> symbols;
  const DecodeTable* table = nullptr;
};

// The number of lanes that a stream of n symbols and about `coded_bytes` bytes should have: more lanes run faster, and
// their start states (6 bytes each) should not be felt.
[[nodiscard]] unsigned lanes_for(std::size_t n_symbols, std::size_t coded_bytes) noexcept;

// Words that always suffice for n symbols under tables of at most this precision.
[[nodiscard]] std::size_t max_words(std::size_t n_symbols, unsigned precision_bits, unsigned lanes) noexcept;

struct EncodeResult {
  Status status = Status::ok;
  std::size_t words = 0;  // the stream is out.last(words)
};

// bad_symbol: outside its table; output_full: `out` is shorter than needed (max_words is enough); bad_argument: lanes;
// bad_table: a segment with symbols and no table. Allocates nothing.
template <class Symbol>
[[nodiscard]] EncodeResult encode(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                                  std::span<std::uint32_t> out) noexcept;

// Fills the segments. Never reads outside `words`. truncated, trailing, bad_state, end_state: the words are not what an
// encoder wrote for these tables and counts; bad_table: no table, or one with symbols that do not fit Symbol.
// What the segments hold after an error is unspecified. Allocates nothing.
template <class Symbol>
[[nodiscard]] Status decode(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
                            unsigned lanes) noexcept;

// Two streams whose segments have the same lengths, side by side, in less time than one after the other takes. False:
// what the segments hold is unspecified, and decode() says of each stream what is wrong with it. That may be nothing:
// only some CPUs, tables and numbers of lanes can be decoded so.
[[nodiscard]] bool decode_both(std::span<const std::uint32_t> words,
                               std::span<const DecodeSegment<std::uint8_t>> segments,
                               std::span<const std::uint32_t> other_words,
                               std::span<const DecodeSegment<std::uint8_t>> other_segments, unsigned lanes) noexcept;

// The plain twins: one symbol after the other, division by division.
template <class Symbol>
[[nodiscard]] EncodeResult encode_ref(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                                      std::span<std::uint32_t> out) noexcept;
template <class Symbol>
[[nodiscard]] Status decode_ref(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
                                unsigned lanes) noexcept;

}  // namespace vaerans::kernels
