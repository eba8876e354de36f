// Parts of a whole, evenly spread over it, and when they stand for it.
#pragma once

#include <cstdint>
#include <vector>

namespace vaerans {

/// The most pixels of a sample that is tried in the place of a large picture.
inline constexpr std::uint64_t sample_pixels = std::uint64_t{2048} * 2048;

/// Whether trials of the whole would take more than what they tell is worth: above 8 megapixels.
[[nodiscard]] constexpr bool is_sampled(std::uint64_t height, std::uint64_t width) noexcept {
  return height * width > 2 * sample_pixels;
}

struct Stretch {
  std::uint64_t begin = 0, length = 0;
};

/// So many stretches of that length along a side, the first and the last at its ends; all of a side that has no room
/// for them. At least two.
[[nodiscard]] inline std::vector<Stretch> spread_along(std::uint64_t side, std::uint64_t length, std::uint64_t count) {
  if (side <= length * count) return {{0, side}};
  std::vector<Stretch> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back({i * (side - length) / (count - 1), length});
  return out;
}

}  // namespace vaerans
