// What the fast pixel coder does side by side, plainly: the twin of fast_lanes_simd.hpp, and its documentation.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/fast/fast_model.hpp"

namespace vaerans::kernels {

// The bits of v as an IEEE single: exponent + 127, then those behind the leading one. 0 < v < 2^24, so none is lost;
// CPUs are quicker at this than at finding the leading bit.
[[nodiscard]] constexpr std::uint32_t float_bits(int v) noexcept {
  return std::bit_cast<std::uint32_t>(static_cast<float>(v));
}

struct FastLanesRef {
  // ---- samples less their base ------------------------------------------------------------------------------------
  using Eight = std::array<std::int16_t, 8>;
  using Taps = std::array<Eight, 4>;  // and weights, 2^14 for one
  using Four = std::array<std::int16_t, 4>;

  static Eight load(const std::int16_t* p) {
    Eight out;
    std::copy_n(p, out.size(), out.begin());
    return out;
  }
  static Eight less(const std::int16_t* p, int base) { return less(p, base, p + 4, base); }
  // Four from each of two places.
  static Eight less(const std::int16_t* p, int from_p, const std::int16_t* q, int from_q) {
    Eight out{};
    for (std::size_t i = 0; i < 4; ++i) {
      out[i] = static_cast<std::int16_t>(p[i] - from_p);
      out[i + 4] = static_cast<std::int16_t>(q[i] - from_q);
    }
    return out;
  }
  static Taps taps(const Eight& a, const Eight& b, const Eight& c, const Eight& d) { return {a, b, c, d}; }

  // ---- opinions: two linear ones, two others, and in the place of four more the blend of these --------------------
  // The four, limited to 16 bits, of Σ weight tap >> 8 and the others; power is Σ tap².
  static Four opinions(const Taps& fast, const Taps& slow, const Taps& taps, int third, int fourth, int& power) {
    const std::array<int, 4> all{dot(fast, taps) >> 8, dot(slow, taps) >> 8, third, fourth};
    power = dot(taps, taps);
    Four out{};
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = limited(all[k]);
    return out;
  }
  // What eight opinions missed by at places above and to the left: 2 (north + west) + northwest + northeast + west of
  // west + east of northeast, in sixteenths.
  static Eight sum_errors(const std::int16_t* north, const std::int16_t* west) {
    Eight out{};
    for (std::size_t i = 0; i < 8; ++i) {
      const int near = 2 * (north[i] + west[i]);
      const int far = *(north + i - 8) + north[i + 8] + *(west + i - 8) + north[i + 16];
      out[i] = static_cast<std::int16_t>((near + far) >> 4);
    }
    return out;
  }
  static int fifth(const Eight& v) { return v[4]; }
  struct Blend {
    int top;               // Σ weight opinion
    std::uint32_t bottom;  // Σ weight, as float_bits
  };
  // kInverse less the bits of v as a single are about those of 2^22 / v.
  static constexpr std::uint32_t kInverse = std::uint32_t{2 * 127 + 22} << 23U;
  // The weight of an opinion is about 2^22 / (error + 16)².
  static Blend blend(const Four& opinions, const Eight& errors) {
    int top = 0, bottom = 0;
    for (std::size_t k = 0; k < opinions.size(); ++k) {
      const int far = errors[k] + 16;
      const int weight = std::max(1, whole_of(kInverse - float_bits(far * far)));
      top += weight * opinions[k];  // 2^14 · 2^15 · 4 at most
      bottom += weight;
    }
    return {top, float_bits(bottom)};
  }
  // What the opinions missed the target by, limited to 16 bits; their magnitudes, at most kErrorLimit, go to `errors`.
  static Eight miss(int target, const Four& opinions, int blend, std::int16_t* errors) {
    Eight out{};
    for (std::size_t i = 0; i < 8; ++i) {
      out[i] = limited(target - (i < 4 ? opinions[i] : blend));
      errors[i] = static_cast<std::int16_t>(std::min(out[i] < 0 ? -out[i] : int{out[i]}, kErrorLimit));
    }
    return out;
  }
  // The linear predictors learn: gain = missed reciprocal >> shift, limited to 16 bits, of the slow one a 16th.
  static void learn(const Eight& missed, int reciprocal, int shift, const Taps& taps, Taps& fast, Taps& slow) {
    add(taps, limited((missed[0] * reciprocal) >> shift), fast);
    add(taps, limited((missed[1] * reciprocal) >> shift) >> 4, slow);
  }

  // ---- distributions ----------------------------------------------------------------------------------------------
  // To `out`: the average of the first, and of the average of the other two, such that each symbol has four slots at
  // least. Returns the symbol that has `slot`.
  static int average(const std::array<FastCell*, 3>& cells, int slot, std::uint16_t* out) {
    const FastCell &a = *cells[0], &b = *cells[1], &c = *cells[2];
    int symbol = -1;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const int v = (a[i] + ((b[i] + c[i] + 1) >> 1) + 1) >> 1;
      out[i] = static_cast<std::uint16_t>(v - (v >> 8) + 4 * static_cast<int>(i));
      symbol += int{out[i]} <= slot ? 1 : 0;
    }
    return symbol;
  }
  // Moves each distribution towards `target` by 2^-rate of the way.
  static void move(const std::array<FastCell*, 3>& cells, const std::int16_t* target, const std::array<int, 3>& rates) {
    for (std::size_t k = 0; k < cells.size(); ++k) {
      FastCell& cell = *cells[k];
      for (std::size_t i = 0; i < cell.size(); ++i)
        cell[i] = static_cast<std::int16_t>(cell[i] + ((target[i] - cell[i]) >> rates[k]));
    }
  }

 private:
  // What an IEEE single of these bits is, rounded down; it is positive.
  static int whole_of(std::uint32_t bits) {
    const int exponent = static_cast<int>(bits >> 23U) - 127;
    const auto digits = static_cast<int>((bits & 0x7FFFFFU) | 0x800000U);
    return exponent < 0 ? 0 : digits >> (23 - exponent);
  }
  static std::int16_t limited(int v) { return static_cast<std::int16_t>(std::clamp(v, -32768, 32767)); }
  static int dot(const Taps& a, const Taps& b) {
    int out = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < 8; ++j) out += a[i][j] * b[i][j];
    }
    return out;
  }
  // weight + (64 tap gain + 2^14 >> 15), limited to 16 bits; |tap| <= 255.
  static void add(const Taps& taps, int gain, Taps& weights) {
    for (std::size_t i = 0; i < taps.size(); ++i) {
      for (std::size_t j = 0; j < 8; ++j)
        weights[i][j] = limited(weights[i][j] + ((64 * taps[i][j] * gain + 16384) >> 15));
    }
  }
};

}  // namespace vaerans::kernels
