// Weighted sums over neighbours of a whole row: the part of the context model that does not wait for the row itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::kernels {

// One neighbour of place 0 of a plane, and its weight.
struct Tap {
  const std::int16_t* at;
  std::int32_t weight;
};

// Rows are worked on in steps of so many places: `out` has a multiple of that, and every tap can be read as far.
inline constexpr std::size_t kRowStep = 16;
[[nodiscard]] constexpr std::size_t whole_steps(std::size_t n) noexcept {
  return (n + kRowStep - 1) / kRowStep * kRowStep;
}

// out[x] += sum of weight * at[shift + x]. The sums must stay below 2^31.
void weighted_row(std::span<const Tap> taps, std::ptrdiff_t shift, std::span<std::int32_t> out) noexcept;
void weighted_row_ref(std::span<const Tap> taps, std::ptrdiff_t shift, std::span<std::int32_t> out) noexcept;

// out[x] = half[x / 2].
void doubled_row(std::span<const std::int32_t> half, std::span<std::int32_t> out) noexcept;

}  // namespace vaerans::kernels
