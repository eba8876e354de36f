// Scalar twins of quantize.hpp: the same results in every bit. The vectorised kernels leave to them what does not fill
// a vector, and tests compare with them. Internal to the kernels.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "kernels/quantize/quantize.hpp"

namespace vaerans::kernels {

// Sixteen running extremes side by side, whatever the length of vectors: it must not decide which of 0 and -0 is found.
struct Extremes {
  static constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> low;
  std::array<float, kLanes> high;
  std::array<std::uint32_t, kLanes> magnitude{};  // bits of |x|: those of infinities and NaN exceed all others

  explicit Extremes(float first) noexcept {
    low.fill(first);
    high.fill(first);
  }
  void add(std::size_t lane, float v) noexcept {
    low[lane] = v < low[lane] ? v : low[lane];
    high[lane] = v > high[lane] ? v : high[lane];
    magnitude[lane] = std::max(magnitude[lane], std::bit_cast<std::uint32_t>(v) & 0x7FFFFFFFU);
  }
  [[nodiscard]] Range result() const noexcept {
    constexpr std::uint32_t infinity = 0x7F800000U;
    return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end()),
            *std::max_element(magnitude.begin(), magnitude.end()) < infinity};
  }
};

[[nodiscard]] Range min_max_ref(std::span<const float> x) noexcept;
[[nodiscard]] IntRange min_max_ref(std::span<const std::int32_t> x) noexcept;
void quantize_affine_ref(std::span<const float> x, float min, float scale, std::span<std::uint8_t> out) noexcept;
void quantize_affine_ref(std::span<const float> x, float min, float scale, std::uint16_t max_level,
                         std::span<std::uint16_t> out) noexcept;
IntRange quantize_step_ref(std::span<const float> x, float step, float rounding, std::span<std::int32_t> out) noexcept;
template <class T>
IntRange quantize_step_int_ref(std::span<const T> x, std::int32_t step, std::int32_t rounding,
                               std::span<std::int32_t> out) noexcept;
template <class Symbol>
[[nodiscard]] bool to_symbols_ref(std::span<const std::int32_t> q, std::int32_t offset, std::span<Symbol> out) noexcept;
template <class Symbol>
void dequantize_ref(std::span<const Symbol> sym, std::int32_t offset, float scale, float bias,
                    std::span<float> out) noexcept;
template <class Symbol>
void dequantize_step_ref(std::span<const Symbol> sym, std::int32_t offset, float step, float shrink,
                         std::span<float> out) noexcept;
template <class Symbol, class T>
void dequantize_int_ref(std::span<const Symbol> sym, std::int32_t offset, std::int32_t step, std::span<T> out) noexcept;

// Both spans cut to the shorter one's length.
template <class A, class B, class Run>
auto on_common(std::span<A> a, std::span<B> b, Run run) {
  const std::size_t n = std::min(a.size(), b.size());
  return run(a.first(n), b.first(n));
}

}  // namespace vaerans::kernels
