// Parametric tables: the discrete generalised Gaussian, by integer arithmetic only, so the same on every machine.
//
// A symbol at distance d from the centre has the weight w(d) = 2^-(d / scale)^alpha, with
//   scale = 2^((class - 12) / 4) symbols  (48 classes, four to the octave: from 1/8 to 430)
//   alpha = 3/4, 1, 3/2, 2 for the shapes 0..3  (1: Laplace, 2: Gauss).
// Logarithms and powers are fixed-point numbers with 32 fractional bits, right to about 2^-26.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/memory.hpp"

namespace vaerans {

inline constexpr std::uint32_t kSpreadClasses = 48;
inline constexpr std::uint32_t kShapes = 4;
inline constexpr unsigned kMinSpreadPrecision = 8, kMaxSpreadPrecision = 15;

struct Spread {
  std::uint32_t spread_class = 0;  ///< 0..47
  std::uint32_t shape = 0;         ///< 0..3
};

/// As StreamTables::Table, in memory that is used again.
struct SymbolTable {
  unsigned precision_bits = 0;
  std::uint32_t first = 0;
  RecycledVector<std::uint32_t> freq;
};

/// The largest distance that a table of this precision has a slot for: where a symbol deserves an eighth of one.
[[nodiscard]] std::uint32_t spread_reach(const Spread& spread, unsigned precision_bits);

/// The table of a spread around `center`: the symbols within its reach, and `extra` more on either side with one slot
/// each, as far as they lie in [0, max_symbol]. It always holds the centre. A table of one symbol has precision 0.
/// Requires center <= max_symbol <= 65535 and precision_bits in [8, 15]. False: more than half of the slots would be
/// taken by symbols that have only one.
[[nodiscard]] bool spread_table(const Spread& spread, unsigned precision_bits, std::uint32_t center,
                                std::uint32_t extra, std::uint32_t max_symbol, SymbolTable& out);

/// What coding a symbol costs under a spread: close to the table's own cost, at the price of a look-up. For choosing.
class SpreadCosts {
 public:
  static constexpr std::uint32_t kUnit = 1U << 16U;  ///< a bit

  /// The only instance: 0.2 MB, made at the first call.
  [[nodiscard]] static const SpreadCosts& get();

  /// What a symbol at distance d costs, in 2^-16 bit; beyond the reach, 4 bits more than the least likely within it.
  [[nodiscard]] std::uint32_t cost(const Spread& spread, std::uint32_t d, unsigned precision_bits) const noexcept {
    return clamped(exponent(spread, d) + log2_sum_[spread.spread_class][spread.shape], precision_bits * kUnit,
                   (precision_bits + 4) * kUnit);
  }

  /// Sum of count times cost of the first distances, of which there are at most kRow; one beyond the reach costs
  /// `beyond`. Without branches, so that compilers make vectors of it.
  [[nodiscard]] std::uint64_t sum(const Spread& spread, std::span<const std::uint32_t> counts, unsigned precision_bits,
                                  std::uint32_t beyond) const noexcept {
    const auto& exponents = exponent_[spread.spread_class + kBelow][spread.shape];
    const std::uint32_t whole = log2_sum_[spread.spread_class][spread.shape], rarest = precision_bits * kUnit;
    std::uint64_t bits = 0;
    for (std::size_t d = 0; d < counts.size(); ++d)
      bits += std::uint64_t{counts[d]} * clamped(exponents[d] + whole, rarest, beyond);
    return bits;
  }
  static constexpr std::uint32_t kRow = 64;  ///< larger distances: (d / 2^k) under a scale that is 2^k smaller

 private:
  static constexpr std::uint32_t kBelow = 4 * 11;  ///< classes below 0 that this needs: 65535 < 64 * 2^11

  SpreadCosts();
  [[nodiscard]] static constexpr std::uint32_t clamped(std::uint32_t bits, std::uint32_t rarest,
                                                       std::uint32_t beyond) noexcept {
    return bits <= rarest + 3 * kUnit ? std::min(bits, rarest) : beyond;
  }
  [[nodiscard]] std::uint32_t exponent(const Spread& spread, std::uint32_t d) const noexcept {
    std::uint32_t row = spread.spread_class + kBelow;
    for (; d >= kRow; d = (d + 1) / 2) row -= 4;
    return exponent_[row][spread.shape][d];
  }

  std::array<std::array<std::array<std::uint32_t, kRow>, kShapes>, kBelow + kSpreadClasses> exponent_{};
  std::array<std::array<std::uint32_t, kShapes>, kSpreadClasses> log2_sum_{};
};

}  // namespace vaerans
