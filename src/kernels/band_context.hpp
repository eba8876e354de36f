// Context modelling of wavelet bands: which distribution a coefficient is coded with, from what is known before it.
//
// Known before a coefficient are the ones above and to the left in its own band, the same place one level coarser
// (its parent), the same place in the other bands of its level that were coded before it, and the same band of the
// channels before it, all around the place. From these, with integer weights that were trained with the model:
//
//   spread   s  = bias + sum of weight * |neighbour|       an expected magnitude; its logarithm is the class
//   centre   mu = sum of weight * neighbour                the expected value; its fraction gives phase and mirroring
//
// Coded is v = (q - round(mu)), mirrored so that the fraction is positive, with the distribution of (class, phase).
// Linear prediction of magnitudes from neighbours and parents: Wu & Memon 1997 (CALIC), Buccigrossi & Simoncelli 1999;
// the quantised logarithm as context: Wu 1997 (ECECOW). All arithmetic is on integers and the same everywhere.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::kernels {

// Weights are in units of 1 / 256.
inline constexpr unsigned kWeightBits = 8;
inline constexpr std::int32_t kMaxWeight = 1 << 11;           // 8.0: keeps all sums below 2^31
inline constexpr std::int32_t kMaxBias = 1 << 24;             // 65536.0
inline constexpr std::int32_t kMaxMagnitude = (1 << 12) - 1;  // larger neighbours count as this
inline constexpr std::int32_t kMaxIndexForMean = (1 << 15) - 1;

// The neighbours that a magnitude weight belongs to.
enum Magnitude : std::uint8_t {
  kWest,
  kNorth,
  kNorthDiagonals,
  kSecondNeighbours,
  kParent,
  kSibling0,
  kSibling1,
  kPrevious,
  kPreviousCross,
  kSum,
  kSumCross,
  kParentSum,
  kMagnitudes
};
// And those of a mean weight.
enum Mean : std::uint8_t {
  kMeanWest,
  kMeanNorth,
  kMeanNorthWest,
  kMeanNorthEast,
  kMeanParent,
  kMeanPrevious0,
  kMeanPrevious1,
  kMeanPrevious2,
  kMeans
};

struct ContextWeights {
  std::array<std::int32_t, kMagnitudes> magnitude{};
  std::array<std::int32_t, kMeans> mean{};
};

// A band of another section, or nothing: reads outside give 0.
struct BandPlane {
  const std::int32_t* data = nullptr;
  std::uint32_t h = 0, w = 0;
};

// Everything that a section's contexts look at besides the section itself. `sum` and `parent_sum` hold sums of
// magnitudes over channels: of those before this one, and of all of them one level coarser.
struct BandNeighbours {
  BandPlane parent, parent_sum;
  std::array<BandPlane, 2> sibling;
  std::array<BandPlane, 3> previous;
  BandPlane sum;
};

inline constexpr unsigned kContextClasses = 64;
inline constexpr unsigned kContextPhases = 3;
// Values beyond are coded as an escape; coarse classes code v >> shift, so that 40 is always about five spreads or
// more.
inline constexpr std::int32_t kContextReach = 40;
inline constexpr unsigned kContextAlphabet = 2 * kContextReach + 2;
inline constexpr unsigned kEscape = kContextAlphabet - 1;

// The context of one coefficient.
struct Context {
  std::int32_t centre = 0;
  std::uint8_t spread_class = 0, phase = 0;
  bool mirrored = false;
};

// Four classes per octave of the spread, from 1/64 to 1024.
[[nodiscard]] constexpr std::uint8_t class_of_spread(std::int32_t spread) noexcept {
  const auto t = static_cast<std::uint32_t>(std::clamp(spread >> 2, 1, 65535));
  const auto octave = static_cast<unsigned>(std::bit_width(t)) - 1;
  return static_cast<std::uint8_t>(octave * 4 + ((t << 2U >> octave) & 3U));
}

// Low bits that a class leaves to be coded raw.
[[nodiscard]] constexpr unsigned shift_of_class(std::uint8_t spread_class) noexcept {
  return spread_class >= 36 ? spread_class / 4U - 8U : 0U;
}

[[nodiscard]] constexpr Context context_of(std::int32_t spread, std::int32_t mean) noexcept {
  const std::int32_t centre = (mean + (1 << (kWeightBits - 1))) >> kWeightBits;
  const std::int32_t fraction = mean - (centre << kWeightBits);  // -128..127
  const auto distance = static_cast<std::uint32_t>(fraction < 0 ? -fraction : fraction);
  return {centre, class_of_spread(spread), static_cast<std::uint8_t>((distance + 32) >> 6U), fraction < 0};
}

// 0, 1, -1, 2, -2 ... <-> 0, 1, 2, 3, 4 ...
[[nodiscard]] constexpr std::uint32_t zigzag(std::int32_t v) noexcept {
  return v > 0 ? 2 * static_cast<std::uint32_t>(v) - 1 : 2 * static_cast<std::uint32_t>(-v);
}
[[nodiscard]] constexpr std::int32_t unzigzag(std::uint32_t z) noexcept {
  const auto half = static_cast<std::int32_t>((z + 1) / 2);
  return z % 2 != 0 ? half : -half;
}

[[nodiscard]] constexpr std::int32_t magnitude_of(std::int32_t q) noexcept {
  return std::min(q < 0 ? -q : q, kMaxMagnitude);
}

// What all coefficients of row y get from everything but their own row: spread[x] and mean[x], each w long. `band` is
// the section itself, whose rows before y are known.
void context_row(const BandNeighbours& n, const ContextWeights& weights, std::int32_t bias, BandPlane band,
                 std::uint32_t y, std::span<std::int32_t> spread, std::span<std::int32_t> mean) noexcept;

// Adds the row's own neighbours to the left: west = q[x-1], second = q[x-2], 0 outside.
[[nodiscard]] inline Context context_at(const ContextWeights& weights, std::int32_t spread, std::int32_t mean,
                                        std::int32_t west, std::int32_t second) noexcept {
  spread += weights.magnitude[kWest] * magnitude_of(west) + weights.magnitude[kSecondNeighbours] * magnitude_of(second);
  mean += weights.mean[kMeanWest] * std::clamp(west, -kMaxIndexForMean, kMaxIndexForMean);
  return context_of(spread, mean);
}

}  // namespace vaerans::kernels
