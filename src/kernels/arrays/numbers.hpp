// Half and bfloat16 numbers as arrays hold them: types of their own, so that one cannot be taken for the other.
#pragma once

#include <bit>
#include <cstdint>

#include "base/half.hpp"

namespace vaerans::kernels {

struct Half {
  std::uint16_t bits;  // IEEE 754 binary16
};
struct Brain {
  std::uint16_t bits;  // the upper half of a float
};
// An integer that is no number yet.
struct Whole {
  std::int16_t value;
};

[[nodiscard]] constexpr float to_float(float v) noexcept { return v; }
[[nodiscard]] constexpr float to_float(Half v) noexcept { return from_half(v.bits); }
[[nodiscard]] constexpr float to_float(Brain v) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(v.bits) << 16U);
}

// Rounds to the nearest number of the type, ties to the even one; beyond its range to infinity. `v` is no NaN.
template <class Out>
[[nodiscard]] constexpr Out from_float(float v) noexcept = delete;
template <>
[[nodiscard]] constexpr float from_float<float>(float v) noexcept {
  return v;
}
template <>
[[nodiscard]] constexpr Whole from_float<Whole>(float v) noexcept {
  return {static_cast<std::int16_t>(v)};
}
template <>
[[nodiscard]] constexpr Half from_float<Half>(float v) noexcept {
  return {to_half(v)};
}
template <>
[[nodiscard]] constexpr Brain from_float<Brain>(float v) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(v);
  return {static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U)};
}

}  // namespace vaerans::kernels
