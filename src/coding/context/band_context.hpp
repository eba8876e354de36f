// Context modelling of wavelet bands: which distribution a coefficient is coded with, from what is known before it.
//
// Known before a coefficient are the ones above and to the left in its own band, the place one level coarser (its
// parent) with all that surrounds it, the same place in the other bands of its level that were coded before it, and
// the same band of the channels before it, all around the place. From these, with integer weights that were trained
// with the model:
//
//   spread   s  = bias + sum of weight * |neighbour|^(3/4)   the same power of an expected magnitude
//   centre   mu = sum of weight * neighbour                  the expected value
//
// The logarithm of the spread is the class; the fraction of the centre gives the phase and the mirroring. What is coded
// is v = q - round(mu), mirrored so that the fraction is positive, with the distribution of (class, phase).
// Linear prediction of magnitudes from neighbours and parents: Wu & Memon 1997 (CALIC), Buccigrossi & Simoncelli 1999;
// the quantised logarithm as context: Wu 1997 (ECECOW). The power below one keeps single large neighbours from
// outvoting the others. All arithmetic is on integers and the same everywhere.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/context/weighted_row.hpp"

namespace vaerans::kernels {

// Weights are in units of 1 / 256, roots of 1 / 16, spreads and biases therefore of 1 / 4096.
inline constexpr unsigned kWeightBits = 8;
inline constexpr std::int32_t kMaxWeight = 1 << 11;  // 8.0: keeps all sums below 2^31
inline constexpr std::int32_t kMaxBias = 1 << 24;
inline constexpr std::int32_t kMaxMagnitude = (1 << 12) - 1;     // larger neighbours count as this
inline constexpr std::int32_t kMaxIndexForMean = (1 << 14) - 1;  // likewise

// The neighbours that a magnitude weight belongs to. `Other` are the two other detail bands of the parent's level in
// the order HL, LH, HH; `Sibling` HL and LH of the same level where they were coded before; sums are over channels.
enum Magnitude : std::uint8_t {
  kWest,
  kNorth,
  kNorthDiagonals,
  kSecondNeighbors,  // two to the west, two to the north
  kKnights,          // (-2, ±1) and (-1, ±2)
  kParent,
  kParentCross,
  kParentDiagonals,
  kParentOther0,
  kParentOther1,
  kParentSum,
  kParentSumCross,
  kParentOtherSum,  // both others together
  kSibling0,
  kSibling1,
  kSiblingCross0,
  kSiblingCross1,
  kSiblingSum0,
  kSiblingSum1,
  kSiblingSumCross0,
  kSiblingSumCross1,
  kPrevious,
  kPreviousCross,
  kPreviousDiagonals,
  kSecondPrevious,
  kThirdPrevious,
  kSum,  // sum over the channels before
  kSumCross,
  kSumDiagonals,
  kMagnitudes
};
// The neighbours that a mean weight belongs to.
// NOLINTNEXTLINE(readability-enum-initial-value): some stand for several weights
enum Mean : std::uint8_t {
  kMeanWest,
  kMeanNorth,
  kMeanNorthWest,
  kMeanNorthEast,
  kMeanSecondWest,
  kMeanSecondNorth,
  kMeanPrevious,                          // five of each of three channels: the place, and the cross around
  kMeanSibling0 = kMeanPrevious + 3 * 5,  // it: north, south, west, east
  kMeanSibling1,
  kMeanSiblingCross,                    // around the place in the first sibling
  kMeanParent = kMeanSiblingCross + 4,  // the place and the cross
  kMeanParentOther0 = kMeanParent + 5,
  kMeanParentOther1,
  kMeans
};

struct ContextWeights {
  std::array<std::int32_t, kMagnitudes> magnitude{};
  std::array<std::int32_t, kMeans> mean{};
};

// A band's values, clamped, and the roots of its magnitudes: place (y, x) is [y * stride + x]. kBandBorder rows and
// columns of zeros lie around it. nullptr: it does not exist, or all of it is zero.
struct BandPlane {
  const std::int16_t* root = nullptr;
  const std::int16_t* value = nullptr;
};
inline constexpr std::size_t kBandBorder = 2;

// Everything that a subband's contexts look at, the subband itself included.
struct BandNeighbors {
  std::size_t stride = 0, parent_stride = 0;  // row lengths of this level's planes, and of those one level coarser
  BandPlane own;
  std::array<BandPlane, 3> previous;
  std::array<BandPlane, 2> sibling, sibling_sum;
  BandPlane sum;
  BandPlane parent, parent_sum, parent_other_sum;
  std::array<BandPlane, 2> parent_other;
};

// The neighbours of place (0, 0) of a band. `coarse` ones lie one level up, at half the place.
class BandTaps {
 public:
  // Without `in_row`, the two neighbours to the left are missing: context_at() adds them.
  BandTaps(const BandNeighbors& n, const ContextWeights& weights, bool in_row) noexcept;

  // What the coefficients of row y get: spread[x], without a bias, and mean[x]. Both and `scratch` have
  // whole_steps(width) elements.
  void row(std::size_t y, std::span<std::int32_t> spread, std::span<std::int32_t> mean,
           std::span<std::int32_t> scratch) const noexcept;

 private:
  struct List {
    std::array<Tap, 56> taps{};
    std::size_t n = 0;
    void add(const std::int16_t* plane, std::ptrdiff_t offset, std::int32_t weight) noexcept {
      if (plane != nullptr && weight != 0) taps[n++] = {plane + offset, weight};
    }
    [[nodiscard]] std::span<const Tap> all() const noexcept { return std::span(taps).first(n); }
  };
  static void add_place_and_cross(List& list, const std::int16_t* plane, std::ptrdiff_t stride,
                                  std::span<const std::int32_t> weights) noexcept;
  void add_own(const BandNeighbors& n, const ContextWeights& weights, bool in_row) noexcept;
  void add_channels(const BandNeighbors& n, const ContextWeights& weights) noexcept;
  void add_siblings(const BandNeighbors& n, const ContextWeights& weights) noexcept;
  void add_parents(const BandNeighbors& n, const ContextWeights& weights) noexcept;

  std::ptrdiff_t stride_, parent_stride_;
  List spread_, mean_, coarse_spread_, coarse_mean_;
};

inline constexpr unsigned kContextClasses = 112;
inline constexpr unsigned kContextPhases = 3;
// Larger values are coded as an escape. Coarse classes code v >> shift, so 40 is always about five spreads or more.
inline constexpr std::int32_t kContextReach = 40;
inline constexpr unsigned kContextAlphabet = 2 * kContextReach + 2;
inline constexpr unsigned kEscape = kContextAlphabet - 1;

// The context of one coefficient.
struct Context {
  std::int32_t center = 0;
  std::uint8_t spread_class = 0, phase = 0;
  bool mirrored = false;
};

// Eight classes per octave of the power, from 1/128 to 128: six per octave of the magnitude.
[[nodiscard]] constexpr std::uint8_t class_of_spread(std::int32_t spread) noexcept {
  const auto t = static_cast<std::uint32_t>(std::clamp(spread >> 2, 8, (1 << 17) - 1));
  const auto octave = static_cast<unsigned>(std::bit_width(t)) - 4;
  return static_cast<std::uint8_t>(octave * 8 + (t >> octave) - 8);
}

// Low bits that a class leaves to be coded raw.
[[nodiscard]] constexpr unsigned shift_of_class(std::uint8_t spread_class) noexcept {
  return spread_class >= 74 ? (spread_class - 56U) / 6U - 2U : 0U;
}

[[nodiscard]] constexpr Context context_of(std::int32_t spread, std::int32_t mean) noexcept {
  const std::int32_t center = (mean + (1 << (kWeightBits - 1))) >> kWeightBits;
  const std::int32_t fraction = mean - (center << kWeightBits);  // -128..127
  const auto distance = static_cast<std::uint32_t>(fraction < 0 ? -fraction : fraction);
  return {center, class_of_spread(spread), static_cast<std::uint8_t>((distance + 32) >> 6U), fraction < 0};
}

[[nodiscard]] constexpr std::int32_t magnitude_of(std::int32_t q) noexcept {
  return std::min(q < 0 ? -q : q, kMaxMagnitude);
}

// floor(16 m^(3/4)) of each magnitude.
[[nodiscard]] constexpr std::array<std::int16_t, kMaxMagnitude + 1> make_roots() noexcept {
  std::array<std::int16_t, kMaxMagnitude + 1> out{};
  std::uint64_t root = 0;
  for (std::uint64_t m = 0; m < out.size(); ++m) {
    const auto fourth_power = [](std::uint64_t x) { return x * x * x * x; };
    while (fourth_power(root + 1) <= 65536 * m * m * m) ++root;
    out[m] = static_cast<std::int16_t>(root);
  }
  return out;
}
inline constexpr auto kRoots = make_roots();

[[nodiscard]] constexpr std::int16_t root_of(std::int32_t q) noexcept {
  return kRoots[static_cast<std::size_t>(magnitude_of(q))];
}
[[nodiscard]] constexpr std::int16_t value_for_mean(std::int32_t q) noexcept {
  return static_cast<std::int16_t>(std::clamp(q, -kMaxIndexForMean, kMaxIndexForMean));
}

// Adds a bias and the row's own neighbours to the left, two places and one place away; both are given as indices.
[[nodiscard]] inline Context context_at(const ContextWeights& weights, std::int32_t spread, std::int32_t mean,
                                        std::int32_t west, std::int32_t second) noexcept {
  spread += weights.magnitude[kWest] * root_of(west) + weights.magnitude[kSecondNeighbors] * root_of(second);
  mean += weights.mean[kMeanWest] * value_for_mean(west) + weights.mean[kMeanSecondWest] * value_for_mean(second);
  return context_of(spread, mean);
}

}  // namespace vaerans::kernels
