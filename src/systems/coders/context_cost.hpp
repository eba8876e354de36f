// What coefficients cost the context coder: for choosing the operating point, and for rate-distortion optimisation.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "systems/coders/context_walk.hpp"

namespace vaerans {

/// Costs are in units of 1/1024 bit.
inline constexpr unsigned kBitUnit = 1024;
/// A channel's classes may be moved by so much at most.
inline constexpr std::int32_t kMaxShift = 2;
using Shifts = std::array<std::uint64_t, 2 * kMaxShift + 1>;  ///< costs for moves by −2 … 2
[[nodiscard]] constexpr std::size_t index_of_shift(std::int32_t shift) noexcept {
  return static_cast<std::size_t>(std::int64_t{shift} + kMaxShift);
}
using ShiftsOfChannels = std::array<Shifts, ContextPrior::max_channels>;

[[nodiscard]] inline std::uint8_t moved(std::uint8_t spread_class, std::int32_t shift) {
  return static_cast<std::uint8_t>(std::clamp<std::int32_t>(spread_class + shift, 0, kernels::kContextClasses - 1));
}

/// A value as a distribution sees it: the symbol, and low bits that are coded raw.
struct Parts {
  std::int32_t high;
  std::uint32_t z;  ///< kEscape: the distribution has no place for it
};

[[nodiscard]] inline Parts split(const Distribution& d, std::int32_t v, unsigned low_bits) {
  const std::int32_t high = v >> low_bits;
  const std::uint32_t z = kernels::zigzag(high);
  return {high, z < kernels::kEscape && d.has(z) ? z : kernels::kEscape};
}

/// An escaped value: 5 bits with this width of zigzag + 1, then what follows its leading one.
[[nodiscard]] inline unsigned escape_width(std::int32_t high) {
  return static_cast<unsigned>(std::bit_width(std::uint64_t{kernels::zigzag(high)} + 1)) - 1;
}

[[nodiscard]] inline std::uint32_t cost(const ContextPrior& prior, std::uint8_t spread_class, std::uint8_t phase,
                                        std::int32_t v) {
  const unsigned low_bits = kernels::shift_of_class(spread_class);
  const Distribution& d = prior.distribution(spread_class, phase);
  const Parts parts = split(d, v, low_bits);
  const unsigned raw = low_bits + (parts.z == kernels::kEscape ? 5 + escape_width(parts.high) : 0);
  return d.cost[parts.z] + raw * kBitUnit;
}

/// The value that is coded for index q.
[[nodiscard]] inline std::int32_t coded_value(const kernels::Context& context, std::int32_t q) {
  const std::int32_t v = q - context.centre;
  return context.mirrored ? -v : v;
}

/// Whether the sections are bands that the prior was trained for.
[[nodiscard]] bool fits(const ContextPrior& prior, std::span<const Section> sections) noexcept;

/// The operating point that costs least for the indices that the walk holds.
[[nodiscard]] std::uint32_t best_point(ContextWalk& walk, const ContextPrior& prior);

/// What each channel costs at a point, for each move of its classes.
void cost_of_shifts(ContextWalk& walk, const ContextPrior& prior, std::uint32_t point, ShiftsOfChannels& out);

}  // namespace vaerans
