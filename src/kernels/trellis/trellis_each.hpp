// Arithmetic of the trellis that the kernels and their twins share. Internal.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/trellis/trellis.hpp"

namespace vaerans::kernels::trellis {

// The points of each quantiser are two subsets, one for each parity of the index. On the positive side they are the
// multiples 0, 1, 2 and 3 modulo 4; the subset 3 has zero instead of what would be -1.
inline constexpr std::int32_t kUnit = 32, kPeriod = 4 * kUnit;  // a step, and the distance of a subset's points
inline constexpr float kLargest = 0x1p30F;
inline constexpr std::int32_t kEarly = 16000;  // the cost of a start in a state that is not 0: beyond all that count
inline constexpr std::size_t kSettle = 8;      // numbers after which 16-bit costs are brought back near 0

[[nodiscard]] constexpr std::uint8_t subset_of(std::size_t state, std::size_t parity) noexcept {
  return static_cast<std::uint8_t>((state & 1U) != 0 ? 3 - 2 * parity : 2 * parity);
}

// A magnitude: whole periods and the place in the next one, 0 … kPeriod, rounded.
struct Folded {
  std::int32_t periods, place;
};
[[nodiscard]] inline Folded fold(float x) noexcept {
  const float magnitude = std::min(std::abs(x), kLargest);
  const auto periods = static_cast<std::int32_t>(magnitude * 0.25F);
  const float rest = magnitude - static_cast<float>(periods) * 4.0F;
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): as the vectors do it
  return {periods, static_cast<std::int32_t>(rest * kUnit + 0.5F)};
}

// Between the magnitude and the nearest point of a subset.
[[nodiscard]] inline std::int32_t distance(std::int32_t subset, Folded a) noexcept {
  const std::int32_t inside = std::abs(a.place - subset * kUnit);
  if (subset < 2) return std::min(inside, kPeriod + subset * kUnit - a.place);
  return subset == 2 ? inside : std::min(inside, a.place + (a.periods == 0 ? 0 : kUnit));
}

// That point.
[[nodiscard]] inline std::int32_t nearest(std::int32_t subset, Folded a) noexcept {
  if (subset == 3 && a.periods == 0 && 2 * a.place < 3 * kUnit) return 0;
  return 4 * (a.periods + ((a.place - subset * kUnit + kPeriod / 2) >> 7)) + subset;
}

// The two ways into each state: state before * 2 + parity.
struct Ways {
  std::array<std::array<std::uint8_t, 2>, kTrellisStates> into{};
  constexpr Ways() {
    std::array<std::size_t, kTrellisStates> found{};
    for (std::size_t state = 0; state < kTrellisStates; ++state) {
      for (std::size_t parity = 0; parity < 2; ++parity) {
        const std::size_t next = kTrellisNext[state][parity];
        into[next][found[next]++] = static_cast<std::uint8_t>(2 * state + parity);
      }
    }
  }
};
inline constexpr Ways kWays;

// u + kMultipleZero of an index, and the state after it.
[[nodiscard]] inline std::uint16_t follow(std::int32_t index, std::uint8_t& state) noexcept {
  const std::int32_t sign = index > 0 ? 1 : index >> 31;
  const std::int32_t u = 2 * index - ((state & 1U) != 0 ? sign : 0);
  state = kTrellisNext[state][static_cast<std::uint32_t>(index) & 1U];
  return static_cast<std::uint16_t>(u + kMultipleZero);
}

}  // namespace vaerans::kernels::trellis
