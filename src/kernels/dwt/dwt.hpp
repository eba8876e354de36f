// Multi-level two-dimensional wavelet transform by lifting: CDF 5/3 (LeGall) and Haar, float and reversible integer,
// and CDF 9/7, float.
//
// One level, in one dimension, on x[0..n) with n >= 2. Even samples become the low band s (ceil(n/2) of them), odd
// ones the high band d (floor(n/2)); borders are mirrored at the sample (x[-1] = x[1], x[n] = x[n-2]):
//
//   cdf53   d[i] = x[2i+1] - floor((x[2i] + x[2i+2]) / 2)      s[i] = x[2i] + floor((d[i-1] + d[i] + 2) / 4)
//   haar    d[i] = x[2i+1] - x[2i]                             s[i] = x[2i] + floor(d[i] / 2)     (S-transform)
//
// This is the reversible filter of JPEG 2000 (ITU-T T.800, Annex F) and, as there, a level filters the columns first
// and the rows second; the inverse goes the other way. An even sample without a right neighbour is its own low sample.
//
// Integers (int16_t, int32_t): arithmetic is modulo 2^bits, so that the inverse is exact for *every* input, extreme
// values included. The coefficients equal those of unbounded arithmetic as long as these fit the type; for int16_t and
// cdf53, inputs within +-2^11 are safe for any number of levels. No scale is applied.
//
// Float: the same steps without floor and without the "+ 2", then low * sqrt(2) and high / sqrt(2) per dimension, which
// makes both wavelets (nearly) orthonormal. The inverse undoes it; round trips are exact up to a few rounding errors.
// In the interior cdf53 equals PyWavelets' bior2.2 and haar PyWavelets' haar, with the sign of the one-dimensional high
// band reversed (so HL and LH are negated, LL and HH are not).
//
// cdf97 (float alone): the four lifting steps of dwt_97.cpp, then low * sqrt(2) / K and high * K / sqrt(2) per
// dimension; in the interior PyWavelets' bior4.4, signs as above.
//
// A dimension of length 1 passes through a level unfiltered and *unscaled*, in both directions and all types.
//
// Packed layout: each band is a contiguous row-major array; LL of the coarsest level at offset 0, then for each level
// from the coarsest (number `levels`) to the finest (number 1): HL, LH, HH. HL holds high-pass in x, low-pass in y.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.hpp"

namespace vaerans::kernels {

enum class Wavelet : std::uint8_t { cdf53, haar, cdf97 };
enum class BandKind : std::uint8_t { ll, hl, lh, hh };

struct SubbandExtent {
  std::uint8_t level = 0;  // 1 = finest; LL carries the coarsest level's number (0 where no level is applied)
  BandKind kind = BandKind::ll;
  std::uint32_t offset = 0;  // in elements from the start of the packed plane
  std::uint32_t h = 0;
  std::uint32_t w = 0;

  [[nodiscard]] constexpr std::size_t size() const noexcept { return std::size_t{h} * w; }
  friend constexpr bool operator==(const SubbandExtent&, const SubbandExtent&) = default;
};

inline constexpr std::uint32_t kMaxLevels = 32;
inline constexpr std::size_t kMaxBands = 1 + 3 * std::size_t{kMaxLevels};

// The levels that an h x w plane really gets: a level is applied only while max(h, w) >= 2 (1x1 gets none).
[[nodiscard]] std::uint32_t clamp_levels(std::uint32_t h, std::uint32_t w, std::uint32_t levels) noexcept;

// Number of bands for a clamped level count: 1 + 3 * levels, empty bands included.
[[nodiscard]] constexpr std::size_t band_count(std::uint32_t levels) noexcept { return 1 + 3 * std::size_t{levels}; }

// Writes the bands of the packed layout in their stored order, returns how many. `levels` is clamped first. Bands
// without samples (a dimension of 1) are listed with h or w 0, so that band 1 + 3 * (levels - level) + {0, 1, 2} always
// is {HL, LH, HH} of `level`. Returns 0 if `out` is too short or h * w does not fit 32 bits.
std::size_t band_layout(std::uint32_t h, std::uint32_t w, std::uint32_t levels, std::span<SubbandExtent> out) noexcept;

// Elements of scratch that dwt_forward and dwt_inverse need; `in_place` means in == out.
[[nodiscard]] std::size_t dwt_scratch_size(std::uint32_t h, std::uint32_t w, bool in_place) noexcept;

// in: h x w row-major; out: as many elements, packed. in == out is allowed at the cost of a copy, partial overlap is
// not; scratch overlaps neither. `levels` is clamped. Defined for T = float, int16_t, int32_t.
// bad_argument: scratch too short, h * w does not fit 32 bits, or cdf97 with integers.
template <class T>
Status dwt_forward(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                   std::span<T> scratch) noexcept;

// The inverse: in packed, out row-major; otherwise as above.
template <class T>
Status dwt_inverse(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                   std::span<T> scratch) noexcept;

// The transpose of the matrix that dwt_inverse multiplies with, float alone: what carries the slopes of a loss by the
// samples (in: h x w row-major) back to the coefficients (out: packed). Plain loops; scratch of h * w elements that
// overlaps neither. bad_argument: cdf97, scratch too short, or h * w does not fit 32 bits.
Status dwt_inverse_adjoint(Wavelet wavelet, const float* in, float* out, std::uint32_t h, std::uint32_t w,
                           std::uint32_t levels, std::span<float> scratch) noexcept;

// The scalar twins: the same bits from plain loops. Tests compare with them.
template <class T>
Status dwt_forward_ref(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                       std::span<T> scratch) noexcept;
template <class T>
Status dwt_inverse_ref(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                       std::span<T> scratch) noexcept;

}  // namespace vaerans::kernels
