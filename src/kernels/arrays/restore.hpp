// From symbols back to the numbers of an array, and the Haar split on the way there.
//
// A symbol stands for the integer q = symbol - zero. The number is q * step + center: the product rounded to a float,
// then the sum, then the result to its type. Every instruction set gives the same bits; restore_ref.hpp has the twins.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/arrays/numbers.hpp"

namespace vaerans::kernels {

struct Affine {
  float step = 1, center = 0;
};

// out[i] = number of symbols[i]. Symbol = uint8_t, uint16_t; Out = float, Half, Brain; Whole where the number is an
// integer of 16 bits.
template <class Symbol, class Out>
void restore(std::span<const Symbol> symbols, std::int32_t zero, Affine affine, Out* out) noexcept;

// The same with a step and a center for each column: step and center have at least symbols.size() values.
template <class Symbol, class Out>
void restore_columns(std::span<const Symbol> symbols, std::int32_t zero, const float* step, const float* center,
                     Out* out) noexcept;

// The four bands of a plane, one Haar level: LL, HL (differences along rows), LH (along columns), HH, row by row. A low
// band has (n + 1) / 2 samples along an axis of n, a high band n / 2: the last of an odd number has no partner.
template <class Value>
struct HaarBands {
  std::array<Value*, 4> band;
  std::size_t height, width;

  [[nodiscard]] std::size_t low_width() const noexcept { return (width + 1) / 2; }
  [[nodiscard]] std::size_t high_width() const noexcept { return width / 2; }
  [[nodiscard]] static constexpr std::size_t band_size(std::size_t b, std::size_t h, std::size_t w) noexcept {
    return ((b & 2U) != 0 ? h / 2 : (h + 1) / 2) * ((b & 1U) != 0 ? w / 2 : (w + 1) / 2);
  }
};

// out = the plane: a pair of rows and columns is (l + h + v + d, l - h + v - d; l + h - v - d, l - h - v + d) of the
// integers of LL, HL, LH, HH, as a number. Integers of bands that end before count as 0. affine.step is half a step of
// the bands, since these are orthonormal.
template <class Symbol, class Out>
void restore_haar(const HaarBands<const Symbol>& bands, std::int32_t zero, Affine affine, Out* out) noexcept;

// Channels that were rotated: number i of channel c has the integer of sums over k of matrix[c * channels + k] *
// in[k * n + i]. At most kMaxMixedChannels.
inline constexpr std::size_t kMaxMixedChannels = 64;
template <class Out>
void restore_rotated(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* matrix,
                     const Affine* affines, Out* out) noexcept;

// The way there: LL = (a + b + c + d) / 2, HL = (a - b + c - d) / 2, LH = (a + b - c - d) / 2, HH = (a - b - c + d) / 2
// of the samples less `center`. A sample without a partner is its own.
void haar_split(const float* plane, float center, const HaarBands<float>& bands) noexcept;

// out[i] = in[i] as a float.
void widen(std::span<const Half> in, float* out) noexcept;
void widen(std::span<const Brain> in, float* out) noexcept;

}  // namespace vaerans::kernels
