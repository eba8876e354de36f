// One layer over the places of a block, and the memory that layers hand on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/restoration/restoration.hpp"

namespace vaerans::kernels {

// What channels may hold, so that no sum of products leaves 32 bits (training/restoration/file.py checks the weights).
inline constexpr std::int32_t kMostActivation = 8191;

// Leaky, limited: what goes on to the next layer.
[[nodiscard]] constexpr std::int32_t activation_of(std::int32_t sum) noexcept {
  return std::clamp(std::max(sum, sum >> 3), -kMostActivation, kMostActivation);
}

[[nodiscard]] constexpr ChannelPair pair_of(std::int32_t first, std::int32_t second) noexcept {
  return static_cast<ChannelPair>((static_cast<std::uint32_t>(second) << 16) |
                                  (static_cast<std::uint32_t>(first) & 0xFFFFU));
}

// out: `rows` rows of at least `places` places, from `in`, which has two rows and two places more.
void convolve(const RestorationLayer& layer, const ChannelPair* in, ChannelPair* out, std::size_t rows,
              std::size_t places) noexcept;
void convolve_ref(const RestorationLayer& layer, const ChannelPair* in, ChannelPair* out, std::size_t rows,
                  std::size_t places) noexcept;

}  // namespace vaerans::kernels
