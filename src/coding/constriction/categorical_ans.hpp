// The streams of `constriction.stream.stack.AnsCoder` with `Categorical(probabilities, perfect=False)` models, word for
// word (constriction 0.5, Bamler 2022, arXiv:2201.01741): another library reads what this writes, and the other way.
//
// Coder: one state of 64 bits, words of 32 bits, tables of 24 bits (Duda 2013, arXiv:1311.2540). Symbol s with f slots
// from slot c on turns the state x into  floor(x / f) * 2^24 + c + x mod f.  Before, if floor(x / 2^40) >= f, the low
// word of x is moved out. The first state is 0, so a short stream pays no start-up: while no word is out, x may lie
// anywhere; afterwards it is at least 2^32. At the end the state itself is moved out, low word first, without leading
// zeros. Hence a stream never ends in a zero word, and it is read from its end. The coder is a stack: the encoder walks
// backwards through the symbols, so that the decoder meets them in order.
//
// Tables: n probabilities p, summed up one after the other in their own type (double or float), give
//
//   cumulative[s] = s + floor((p[0] + ... + p[s-1]) * ((2^24 - n) / (p[0] + ... + p[n-1])))     cumulative[n] = 2^24
//
// so each symbol has at least one slot, p = 0 included. These are additions, one division and one product for each
// symbol, all of them exactly defined by IEEE 754: the same table on every machine (this file must not be compiled with
// -ffast-math or fused multiply-add). It costs up to n / 2^24 of the code space: nothing, unless n is huge.
//
// The decoder never reads outside the words, whatever they are. What it accepts is what the encoder writes for the
// decoded symbols. A stream that was cut or altered rarely comes back to state 0 and is recognised by that, but this is
// no checksum. The code is scalar: most of its time goes into the division and the search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.hpp"

namespace vaerans::kernels::categorical {

inline constexpr unsigned kPrecision = 24;
inline constexpr std::size_t kMinAlphabet = 2;  // constriction refuses fewer: give a lone symbol a neighbour with p = 0
inline constexpr std::size_t kMaxAlphabet = std::size_t{1} << 16U;

// probabilities[s] = counts[s] / (sum of counts) as NumPy computes it, in double. bad_argument: spans of unequal
// length, nothing counted.
[[nodiscard]] Status probabilities_of(std::span<const std::uint32_t> counts, std::span<double> probabilities) noexcept;

// The slots of each symbol. One that is built again reuses its memory: no allocation up to the largest alphabet so far.
class Table {
 public:
  // The probabilities need not sum up to 1. On an error the table stays empty.
  // bad_argument: alphabet out of range. bad_table: a probability that is negative or no number, a sum that is zero,
  // subnormal or infinite or so small that the scale overflows; with float, also tables in which rounding leaves a
  // symbol without slot (constriction makes such tables, and cannot code these symbols).
  [[nodiscard]] Status build(std::span<const double> probabilities);
  [[nodiscard]] Status build(std::span<const float> probabilities);

  // alphabet() + 1 numbers, rising from 0 to 2^24; empty before build().
  [[nodiscard]] std::span<const std::uint32_t> cumulative() const noexcept { return cumulative_; }
  [[nodiscard]] std::size_t alphabet() const noexcept { return cumulative_.empty() ? 0 : cumulative_.size() - 1; }
  // The symbol that owns a slot below 2^24. Requires a built table.
  [[nodiscard]] std::uint32_t symbol_of(std::uint32_t slot) const noexcept;

 private:
  template <class Real>
  Status build_from(std::span<const Real> probabilities);
  void build_first_symbols();

  std::vector<std::uint32_t> cumulative_;
  std::vector<std::uint16_t> first_symbol_;  // for each run of slots, where the search begins
};

// Words that always suffice for n symbols: 24 bits each, and the ends.
[[nodiscard]] constexpr std::size_t max_words(std::size_t n_symbols) noexcept { return n_symbols - n_symbols / 4 + 2; }

struct EncodeResult {
  Status status = Status::ok;
  std::size_t words = 0;  // the stream is out.first(words); 0 where each symbol is the first of its table
};

// Takes runs of symbols, each with its table, from the last to the first, so that they come out in order. Symbol is
// uint8_t or uint16_t. After an error the stream is of no use.
class Encoder {
 public:
  explicit Encoder(std::span<std::uint32_t> out) noexcept : out_(out) {}

  // bad_symbol: outside its table; bad_table: one that was not built; output_full: max_words is enough.
  template <class Symbol>
  [[nodiscard]] Status put(std::span<const Symbol> symbols, const Table& table) noexcept;
  [[nodiscard]] EncodeResult finish() noexcept;

 private:
  bool push(std::uint32_t start, std::uint32_t freq) noexcept;
  bool move_out() noexcept;

  std::span<std::uint32_t> out_;
  std::size_t words_ = 0;
  std::uint64_t state_ = 0;
};

// Gives the runs back from the first to the last. What they hold after an error is unspecified.
class Decoder {
 public:
  explicit Decoder(std::span<const std::uint32_t> words) noexcept;

  // bad_state: the stream ends in a zero word; bad_table: not built, or with symbols that do not fit Symbol.
  template <class Symbol>
  [[nodiscard]] Status get(std::span<Symbol> symbols, const Table& table) noexcept;
  // Call it after the last run. trailing, end_state: the words are not what an encoder wrote for these tables.
  [[nodiscard]] Status finish() const noexcept;

 private:
  std::uint32_t pop(const Table& table) noexcept;
  void refill() noexcept;

  std::span<const std::uint32_t> words_;
  std::uint64_t state_ = 0;
  bool bad_state_;
};

}  // namespace vaerans::kernels::categorical
