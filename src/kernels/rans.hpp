// Range asymmetric numeral systems (Duda 2013, arXiv:1311.2540): the entropy coder.
//
// A state x is a 64-bit integer in [2^31, 2^63). Coding symbol s with integer frequency f and first slot c out of
// 2^precision multiplies the state by about 2^precision / f:   x -> floor(x / f) * 2^precision + c + x mod f.
// When the state would leave its interval its low 32 bits are moved out as one word. The decoder undoes this step by
// step, so it meets the symbols in the opposite order: the encoder walks backwards through the symbols and fills its
// output from the end, the decoder runs forwards through both.
//
// N lanes (1..8) are N independent states that share one sequence of words; symbol number i, counted over all segments,
// belongs to lane i mod N. More lanes run faster and cost 8 bytes each; a stream of fewer symbols than lanes uses as
// many lanes as symbols, and no symbols at all take no words. Stream = the start states of the lanes in order (low word
// first), then the words in the order in which the decoder asks for them.
//
// Every lane ends at exactly 2^31, the encoder's start. The decoder checks this, and that all words are used: what it
// accepts is always what the encoder writes for the decoded symbols. That finds truncated and most altered streams but
// is no checksum (words may change such that a symbol becomes another of the same frequency, and nothing else): the
// container checks the words' integrity.
//
// A stream is a list of *segments*, runs of symbols with a table each: a band, a channel, a context. The coder knows
// nothing of what they mean. Symbols are stored as uint8_t or uint16_t (template parameter Symbol).
//
// All arithmetic is on integers; the same input gives the same words on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/status.hpp"

namespace vaerans::kernels {

inline constexpr unsigned kMinPrecision = 1;
inline constexpr unsigned kMaxPrecision = 16;
inline constexpr std::size_t kMaxAlphabet = std::size_t{1} << 16U;
inline constexpr unsigned kMaxLanes = 8;

// ---- tables ----------------------------------------------------------------------------------------------------

// freq[s] = slots of symbol s; they sum up to 2^precision_bits. Zero marks a symbol that does not occur.
struct TableView {
  std::span<const std::uint32_t> freq;
  unsigned precision_bits = 0;
};

// bad_argument: precision out of range, alphabet empty or over 2^16. bad_table: the sum is wrong.
[[nodiscard]] Status check_table(TableView table) noexcept;

// Frequencies that code `counts` in the fewest bits: among all integer tables of this precision with freq >= 1 for
// every counted symbol (and 0 for the others), one that minimises the sum of counts * (precision - log2 freq). The cost
// is separable and concave, so the table is optimal once moving one slot from any symbol to any other no longer pays;
// that is what is done, starting from rounded proportions (cost in 32 fractional bits, ties by symbol number).
// Allocates. too_many_symbols: more counted symbols than slots. bad_argument: spans of unequal length, nothing counted,
// alphabet or precision out of range.
[[nodiscard]] Status normalise(std::span<const std::uint32_t> counts, unsigned precision_bits,
                               std::span<std::uint32_t> freq);

// Bits that coding `counts` with this table takes, in units of 2^-16 bit, without the lanes' start states; UINT64_MAX
// if a counted symbol has no slot. Integer arithmetic, error below 2^-24 bit per symbol: fit to compare tables.
// Requires equal lengths and fewer than 2^32 symbols in all.
[[nodiscard]] std::uint64_t cost_bits_q16(std::span<const std::uint32_t> counts, std::span<const std::uint32_t> freq,
                                          unsigned precision_bits) noexcept;

// log2(x) for x >= 1 in units of 2^-32; exact for powers of two, otherwise wrong by less than 2^-27. By the series of
// atanh in integers, so it is the same number everywhere.
[[nodiscard]] std::uint64_t log2_q32(std::uint32_t x) noexcept;

// What the encoder needs per symbol: 32 bytes each, at most 2 MiB.
class EncodeTable {
 public:
  struct Entry {
    std::uint64_t reciprocal;  // of freq, for a division by multiplication
    std::uint64_t limit;       // a state of at least this is renormalised first; 0: the symbol has no slot
    std::uint32_t bias;
    std::uint32_t complement;  // 2^precision - freq
    std::uint32_t shift;
    std::uint32_t freq;
  };

  // Checks and builds; on an error the table stays empty. Allocates.
  [[nodiscard]] Status build(TableView table);
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }
  [[nodiscard]] unsigned precision_bits() const noexcept { return precision_; }

 private:
  std::vector<Entry> entries_;
  unsigned precision_ = 0;
};

// What the decoder needs: 2 bytes per slot and 8 per symbol; 10 KiB for 12 bits and 256 symbols, at most 640 KiB.
class DecodeTable {
 public:
  struct Entry {
    std::uint32_t freq;
    std::uint32_t start;
  };

  // Checks and builds; on an error the table stays empty. Allocates.
  [[nodiscard]] Status build(TableView table);
  [[nodiscard]] std::span<const std::uint16_t> symbol_of_slot() const noexcept { return symbol_of_slot_; }
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }
  [[nodiscard]] unsigned precision_bits() const noexcept { return precision_; }

 private:
  std::vector<std::uint16_t> symbol_of_slot_;
  std::vector<Entry> entries_;
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

// Words that always suffice for n symbols under tables of at most this precision.
[[nodiscard]] std::size_t max_words(std::size_t n_symbols, unsigned precision_bits, unsigned lanes) noexcept;

struct EncodeResult {
  Status status = Status::ok;
  std::size_t words = 0;  // the stream is out.last(words)
};

// bad_symbol: outside its table; output_full: `out` is shorter than needed (max_words is enough); bad_argument: lanes;
// bad_table: a segment with symbols and no table.
template <class Symbol>
[[nodiscard]] EncodeResult encode(std::span<const EncodeSegment<Symbol>> segments, unsigned lanes,
                                  std::span<std::uint32_t> out) noexcept;

// Fills the segments. Never reads outside `words`. truncated, trailing, bad_state, end_state: the words are not what an
// encoder wrote for these tables and counts; bad_table: no table, or one with symbols that do not fit Symbol.
// What the segments hold after an error is unspecified.
template <class Symbol>
[[nodiscard]] Status decode(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments,
                            unsigned lanes) noexcept;

}  // namespace vaerans::kernels
