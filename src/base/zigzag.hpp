// The two codes of signed numbers as unsigned ones. docs/format.md says which is used where.
#pragma once

#include <cstdint>

namespace vaerans {

/// Zigzag, as in Protocol Buffers: 0, −1, 1, −2, 2 … become 0, 1, 2, 3, 4 …
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t v) noexcept {
  return (static_cast<std::uint64_t>(v) << 1U) ^ static_cast<std::uint64_t>(v >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t z) noexcept {
  return static_cast<std::int64_t>(z >> 1U) ^ -static_cast<std::int64_t>(z & 1U);
}

/// Positive-first zigzag: 0, 1, −1, 2, −2 … become 0, 1, 2, 3, 4 … The context coder's: its values are mirrored so that
/// a positive one is the likelier.
[[nodiscard]] constexpr std::uint64_t positive_first_zigzag(std::int64_t v) noexcept {
  return v > 0 ? 2 * static_cast<std::uint64_t>(v) - 1 : 2 * (0 - static_cast<std::uint64_t>(v));
}
[[nodiscard]] constexpr std::int64_t positive_first_unzigzag(std::uint64_t z) noexcept {
  const auto half = static_cast<std::int64_t>(z / 2 + z % 2);
  return z % 2 != 0 ? half : -half;
}

}  // namespace vaerans
