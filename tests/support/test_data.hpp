// Deterministic test data, the same on every machine and standard library.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace vaerans::kernels::test {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>((bits() >> 32U) * n >> 32U); }
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

// Floats in [-1, 1), integers over their whole range.
template <class T>
std::vector<T> noise(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<T> out(n);
  for (T& v : out) {
    if constexpr (std::is_integral_v<T>) {
      v = static_cast<T>(random.bits());
    } else {
      v = static_cast<T>(2 * random.unit() - 1);
    }
  }
  return out;
}

// Geometrically distributed symbols below `alphabet` with the given mean, roughly.
template <class Symbol>
std::vector<Symbol> skewed(std::size_t n, std::uint32_t alphabet, double mean, std::uint64_t seed) {
  Random random(seed);
  std::vector<Symbol> out(n);
  for (Symbol& s : out) {
    const double v = std::min(-mean * std::log(1 - random.unit()), static_cast<double>(alphabet - 1));
    s = static_cast<Symbol>(v);
  }
  return out;
}

}  // namespace vaerans::kernels::test
