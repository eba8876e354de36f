// Eight 32-bit integers, plainly: the twin of lanes_simd.hpp, and its documentation. What runs on lanes is written
// once, as templates over a class with these functions.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vaerans::kernels {

struct LanesRef {
  using Lanes = std::array<std::int32_t, 8>;

  static Lanes set(std::int32_t v) { return {v, v, v, v, v, v, v, v}; }
  static Lanes of(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d, std::int32_t e, std::int32_t f,
                  std::int32_t g, std::int32_t h) {
    return {a, b, c, d, e, f, g, h};
  }
  static Lanes load(const std::int32_t* p) { return {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]}; }
  // Four from each of two places.
  static Lanes load_halves(const std::int32_t* p, const std::int32_t* q) {
    return {p[0], p[1], p[2], p[3], q[0], q[1], q[2], q[3]};
  }
  static void store(const Lanes& v, std::int32_t* p) { std::copy(v.begin(), v.end(), p); }

  static Lanes add(const Lanes& a, const Lanes& b) {
    return map([](auto x, auto y) { return x + y; }, a, b);
  }
  static Lanes sub(const Lanes& a, const Lanes& b) {
    return map([](auto x, auto y) { return x - y; }, a, b);
  }
  static Lanes mul(const Lanes& a, const Lanes& b) {
    return map([](auto x, auto y) { return x * y; }, a, b);
  }
  // Factors of 0..32767, which x86 multiplies in half the time.
  static Lanes mul_short(const Lanes& a, const Lanes& b) { return mul(a, b); }
  static Lanes min(const Lanes& a, const Lanes& b) {
    return map([](auto x, auto y) { return std::min(x, y); }, a, b);
  }
  static Lanes max(const Lanes& a, const Lanes& b) {
    return map([](auto x, auto y) { return std::max(x, y); }, a, b);
  }
  static Lanes abs(const Lanes& a) {
    return map([](auto x, auto) { return x < 0 ? -x : x; }, a, a);
  }
  // Shifts; to the right they round down.
  template <int n>
  static Lanes shl(const Lanes& a) {
    return map([](auto x, auto) { return x * (1 << n); }, a, a);
  }
  template <int n>
  static Lanes shr(const Lanes& a) {
    return map([](auto x, auto) { return x >> n; }, a, a);
  }
  static Lanes shr_by(const Lanes& a, int n) {
    return map([n](auto x, auto) { return x >> n; }, a, a);
  }
  static Lanes gather(const std::int32_t* table, const Lanes& index) {
    return map([&](auto i, auto) { return table[i]; }, index, index);
  }
  // The bits of v as an IEEE single: exponent + 127, then 23 bits of mantissa. 0 <= v < 2^24, so nothing is rounded.
  static Lanes float_bits(const Lanes& a) {
    return map([](auto x, auto) { return float_bits_of(x); }, a, a);
  }
  // Σ a b, in 64 bits.
  static std::int64_t dot(const Lanes& a, const Lanes& b) {
    std::int64_t out = 0;
    for (std::size_t i = 0; i < a.size(); ++i) out += std::int64_t{a[i]} * b[i];
    return out;
  }
  static std::int32_t sum(const Lanes& a) {
    std::int32_t out = 0;
    for (const std::int32_t x : a) out += x;
    return out;
  }

 private:
  template <typename F>
  static Lanes map(F f, const Lanes& a, const Lanes& b) {
    Lanes out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(a[i], b[i]);
    return out;
  }
  static std::int32_t float_bits_of(std::int32_t v) {
    if (v <= 0) return 0;
    const int exponent = static_cast<int>(std::bit_width(static_cast<std::uint32_t>(v))) - 1;
    return (exponent + 127) * (1 << 23) + ((v << (23 - exponent)) & 0x7FFFFF);
  }
};

}  // namespace vaerans::kernels
