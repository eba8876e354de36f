// What the tile coder has to know of the bit depth of samples: types that its templates are written over.
#pragma once

#include <algorithm>
#include <cstdint>

namespace vaerans::kernels {

// Eight bits: all constants, so that nothing is paid for what deeper samples need.
struct EightBits {
  using Sample = std::uint8_t;
  static constexpr bool kDeep = false;
  explicit EightBits(int /*bits*/) noexcept {}
  static constexpr int top = 255;
  static constexpr int most_miss = 4095;  // in 1/16 of a grey level
  static constexpr int power_floor = 64;  // keeps the linear predictors from learning fast where nothing changes
};

// Nine to sixteen bits. Where 32-bit arithmetic would overflow, samples and scales are taken in coarser units: of
// 2^coarse grey levels, which is 1 up to twelve bits.
struct DeepBits {
  using Sample = std::uint16_t;
  static constexpr bool kDeep = true;
  explicit DeepBits(int bits) noexcept
      : top((1 << bits) - 1),
        coarse(std::max(0, bits - 12)),
        power_floor(64 << 2 * (std::min(bits, 12) - 8)),
        floor_shift(bits - 8) {}
  int top, coarse, power_floor;
  int floor_shift;  // the uniform distribution under each logistic one is thinner by so many octaves
  static constexpr int most_miss = (1 << 20) - 1;  // the sum of those nearby stays below 2^24
};

}  // namespace vaerans::kernels
