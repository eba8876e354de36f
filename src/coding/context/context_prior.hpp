// ContextPrior: integer weights and distributions of the context coder, trained with a model and shipped in its folder.
//
// File, little endian (written by training/prior.py; varint and svarint as in base/bytes.hpp):
//   "VPRI" · u8 version 2 · u8 channels − 1 · u8 levels L · u8 points P
//   112 classes × 3 phases: u8 n ≤ 81 · n varint frequencies of the values in positive-first zigzag; the escape has
//   what is left of 2^14, at least 1
//   16 expectations × 3 kinds of parent: varint frequency, out of 2^14, of "all of this band is zero"
//   rows, for LL and then for levels L … 1 and HL, LH, HH; in each row for each channel: 29 svarint magnitude weights,
//   34 svarint mean weights (both in 1/256, in the order of coding/context/band_context.hpp), P svarint biases
//   (1/4096), one for each operating point: the quantiser steps that the prior was trained for, fine to coarse.
// A prior's identity in streams is the CRC-32 of its file.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "coding/context/band_context.hpp"
#include "kernels/rans/interval_coder.hpp"
#include "vaerans/core/component.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

/// The distribution of one (class, phase): 81 values in positive-first zigzag, and the escape.
struct Distribution {
  std::array<std::uint16_t, kernels::kContextAlphabet + 1> start{};  ///< cumulative, from 0 to 2^14
  /// Cost of each value in units of 1/1024 bit; for values without a slot, the escape and what follows it.
  std::array<std::uint16_t, kernels::kContextAlphabet> cost{};
  [[nodiscard]] kernels::Interval interval(std::uint32_t z) const noexcept {
    return {start[z], static_cast<std::uint16_t>(start[z + 1] - start[z])};
  }
  [[nodiscard]] bool has(std::uint32_t z) const noexcept { return start[z + 1] != start[z]; }
};

/// Costs are in units of 1/1024 bit.
inline constexpr unsigned kBitUnit = 1024;

[[nodiscard]] std::uint16_t interval_cost(kernels::Interval i);

/// How an escaped value is coded: 5 bits hold this width of its positive-first zigzag + 1, and the bits after the
/// leading one follow.
[[nodiscard]] constexpr unsigned escape_width(std::uint64_t z) noexcept {
  return static_cast<unsigned>(std::bit_width(z + 1)) - 1;
}

/// What is known of a band's parent.
enum class Above : std::uint8_t { nothing, zero, coded };

struct ContextPrior final : EntropyPrior {
  static constexpr std::size_t max_channels = 256;  ///< the file's field is a byte
  static constexpr std::size_t max_levels = 16;
  static constexpr std::size_t expectations = 16, aboves = 3;
  std::uint32_t id = 0;
  std::uint32_t channels = 0, levels = 0, points = 0;
  std::vector<Distribution> distributions;                             ///< [class][phase]
  std::array<std::array<std::uint16_t, aboves>, expectations> zero{};  ///< slots of "all of this band is zero"
  std::vector<kernels::ContextWeights> weights;                        ///< [row][channel]
  std::vector<std::int32_t> bias;                                      ///< [row][channel][point]

  /// The row of a band; level 0 stands for LL.
  [[nodiscard]] std::size_t row(std::uint32_t level, Orientation band) const noexcept {
    return band == Orientation::LL ? 0 : std::size_t{3} * (levels - level) + static_cast<std::size_t>(band);
  }
  /// `row_of_channel`: row * channels + channel, as for weights.
  [[nodiscard]] std::int32_t bias_of(std::size_t row_of_channel, std::uint32_t point) const noexcept {
    return bias[row_of_channel * points + point];
  }
  [[nodiscard]] const Distribution& distribution(std::uint32_t spread_class, std::uint32_t phase) const noexcept {
    return distributions[spread_class * kernels::kContextPhases + phase];
  }
  /// The interval of "all n coefficients of this band are zero", or of the contrary. Its context is the number of
  /// coefficients that the bias alone lets expect not to be zero, and the parent.
  [[nodiscard]] kernels::Interval zero_band(std::uint64_t n, std::int32_t bias_of_band, Above above,
                                            bool is_zero) const noexcept;
};

/// Reads a prior's file. Throws Error(corrupt_stream).
[[nodiscard]] ContextPrior parse_prior(std::span<const std::byte> file);

/// The prior built in for residuals of RGB pictures in reversible colour.
[[nodiscard]] std::shared_ptr<const ContextPrior> residual_prior();

/// A prior as this coder knows it; nullptr if it is none, or another coder's.
[[nodiscard]] const ContextPrior* context_prior(const EntropyPrior* prior) noexcept;

}  // namespace vaerans
