// Seeded data for tests: the same numbers on every machine (no standard distribution is used).
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace vaerans::test {

inline std::vector<float> noise(std::size_t n, unsigned seed, float scale = 1) {
  std::mt19937 generator(seed);
  std::vector<float> out(n);
  for (float& x : out) x = scale * (static_cast<float>(generator() % 20001) / 10000.F - 1.F);
  return out;
}

/// A picture with slopes and noise: (h, w, 3).
inline std::vector<std::uint8_t> picture_bytes(std::size_t h, std::size_t w, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<std::uint8_t> out(h * w * 3);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t x = i / 3 % w;
    const std::size_t y = i / 3 / w;
    out[i] = static_cast<std::uint8_t>((x * 3 + y * 2 + i % 3 * 40 + generator() % 16) & 255U);
  }
  return out;
}

}  // namespace vaerans::test
