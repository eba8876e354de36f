#include "coding/context/band_context.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace vaerans::kernels {
namespace {

constexpr std::ptrdiff_t kBorder = kBandBorder;

// A band in the grid of its level, which may be larger by a row and a column.
struct Plane {
  std::ptrdiff_t h, w, stride;
  std::vector<std::int16_t> root, value;
  Plane(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t grid_w, unsigned seed)
      : h(rows),
        w(columns),
        stride(grid_w + 2 * kBorder),
        root(static_cast<std::size_t>(stride * (rows + 2 * kBorder + 2)) + kRowStep),
        value(root.size()) {
    std::mt19937 generator(seed);
    const auto fill = [&](std::ptrdiff_t y, std::ptrdiff_t x, std::int32_t q) {
      const auto at = static_cast<std::size_t>((y + kBorder) * stride + x + kBorder);
      root[at] = root_of(q);
      value[at] = value_for_mean(q);
    };
    for (std::ptrdiff_t y = 0; y < h; ++y) {
      for (std::ptrdiff_t x = 0; x < w; ++x) fill(y, x, static_cast<std::int32_t>(generator() % 9) - 4);
    }
    if (h != 0 && w != 0) fill(h / 2, w / 2, 70000);  // beyond both clamps
  }
  [[nodiscard]] BandPlane view() const {
    const std::ptrdiff_t first = kBorder * stride + kBorder;
    return {root.data() + first, value.data() + first};
  }
  [[nodiscard]] std::int64_t mag(std::ptrdiff_t y, std::ptrdiff_t x) const { return at(root, y, x); }
  [[nodiscard]] std::int64_t val(std::ptrdiff_t y, std::ptrdiff_t x) const { return at(value, y, x); }
  [[nodiscard]] std::int64_t cross(std::ptrdiff_t y, std::ptrdiff_t x) const {
    return mag(y - 1, x) + mag(y + 1, x) + mag(y, x - 1) + mag(y, x + 1);
  }
  [[nodiscard]] std::int64_t diagonals(std::ptrdiff_t y, std::ptrdiff_t x) const {
    return mag(y - 1, x - 1) + mag(y - 1, x + 1) + mag(y + 1, x - 1) + mag(y + 1, x + 1);
  }

 private:
  [[nodiscard]] std::int64_t at(const std::vector<std::int16_t>& plane, std::ptrdiff_t y, std::ptrdiff_t x) const {
    return y < 0 || x < 0 || y >= h || x >= w ? 0
                                              : plane[static_cast<std::size_t>((y + kBorder) * stride + x + kBorder)];
  }
};

// Planes around a band differ from it by a row or a column.
struct Around {
  Plane own, p0, p1, p2, s0, s1, t0, t1, sum, parent, parent_sum, others, o0, o1;
  Around(std::ptrdiff_t h, std::ptrdiff_t w)
      : own(h, w, w + 1, 1),
        p0(h, w, w + 1, 2),
        p1(h, w, w + 1, 3),
        p2(h, w, w + 1, 4),
        s0(h + 1, w, w + 1, 5),
        s1(h, w + 1, w + 1, 6),
        t0(h + 1, w, w + 1, 7),
        t1(h, w + 1, w + 1, 8),
        sum(h, w, w + 1, 9),
        parent((h + 1) / 2, (w + 1) / 2, (w + 3) / 2, 10),
        parent_sum((h + 1) / 2, (w + 1) / 2, (w + 3) / 2, 11),
        others((h + 1) / 2, (w + 1) / 2, (w + 3) / 2, 12),
        o0((h + 1) / 2, w / 2, (w + 3) / 2, 13),
        o1(h / 2, (w + 1) / 2, (w + 3) / 2, 14) {}
  [[nodiscard]] BandNeighbors view() const {
    BandNeighbors n;
    n.stride = static_cast<std::size_t>(own.stride);
    n.parent_stride = static_cast<std::size_t>(parent.stride);
    n.own = own.view();
    n.previous = {p0.view(), p1.view(), p2.view()};
    n.sibling = {s0.view(), s1.view()};
    n.sibling_sum = {t0.view(), t1.view()};
    n.sum = sum.view();
    n.parent = parent.view();
    n.parent_sum = parent_sum.view();
    n.parent_other_sum = others.view();
    n.parent_other = {o0.view(), o1.view()};
    return n;
  }

  // The definitions, without the neighbours in the row itself.
  [[nodiscard]] std::int64_t spread(const ContextWeights& weights, std::ptrdiff_t y, std::ptrdiff_t x) const {
    const auto& w = weights.magnitude;
    const std::ptrdiff_t v = y / 2, u = x / 2;
    return w[kNorth] * own.mag(y - 1, x) + w[kNorthDiagonals] * (own.mag(y - 1, x - 1) + own.mag(y - 1, x + 1)) +
           w[kSecondNeighbors] * own.mag(y - 2, x) +
           w[kKnights] *
               (own.mag(y - 2, x - 1) + own.mag(y - 2, x + 1) + own.mag(y - 1, x - 2) + own.mag(y - 1, x + 2)) +
           w[kParent] * parent.mag(v, u) + w[kParentCross] * parent.cross(v, u) +
           w[kParentDiagonals] * parent.diagonals(v, u) + w[kParentOther0] * o0.mag(v, u) +
           w[kParentOther1] * o1.mag(v, u) + w[kParentSum] * parent_sum.mag(v, u) +
           w[kParentSumCross] * parent_sum.cross(v, u) + w[kParentOtherSum] * others.mag(v, u) +
           w[kSibling0] * s0.mag(y, x) + w[kSibling1] * s1.mag(y, x) + w[kSiblingCross0] * s0.cross(y, x) +
           w[kSiblingCross1] * s1.cross(y, x) + w[kSiblingSum0] * t0.mag(y, x) + w[kSiblingSum1] * t1.mag(y, x) +
           w[kSiblingSumCross0] * t0.cross(y, x) + w[kSiblingSumCross1] * t1.cross(y, x) + w[kPrevious] * p0.mag(y, x) +
           w[kPreviousCross] * p0.cross(y, x) + w[kPreviousDiagonals] * p0.diagonals(y, x) +
           w[kSecondPrevious] * p1.mag(y, x) + w[kThirdPrevious] * p2.mag(y, x) + w[kSum] * sum.mag(y, x) +
           w[kSumCross] * sum.cross(y, x) + w[kSumDiagonals] * sum.diagonals(y, x);
  }
  [[nodiscard]] static std::int64_t place_and_cross(const Plane& p, const std::int32_t* w, std::ptrdiff_t y,
                                                    std::ptrdiff_t x) {
    return w[0] * p.val(y, x) + w[1] * p.val(y - 1, x) + w[2] * p.val(y + 1, x) + w[3] * p.val(y, x - 1) +
           w[4] * p.val(y, x + 1);
  }
  [[nodiscard]] std::int64_t mean(const ContextWeights& weights, std::ptrdiff_t y, std::ptrdiff_t x) const {
    const auto& w = weights.mean;
    const std::int32_t sibling[] = {w[kMeanSibling0], w[kMeanSiblingCross], w[kMeanSiblingCross + 1],
                                    w[kMeanSiblingCross + 2], w[kMeanSiblingCross + 3]};
    return w[kMeanNorth] * own.val(y - 1, x) + w[kMeanNorthWest] * own.val(y - 1, x - 1) +
           w[kMeanNorthEast] * own.val(y - 1, x + 1) + w[kMeanSecondNorth] * own.val(y - 2, x) +
           place_and_cross(p0, &w[kMeanPrevious], y, x) + place_and_cross(p1, &w[kMeanPrevious + 5], y, x) +
           place_and_cross(p2, &w[kMeanPrevious + 10], y, x) + place_and_cross(s0, sibling, y, x) +
           w[kMeanSibling1] * s1.val(y, x) + place_and_cross(parent, &w[kMeanParent], y / 2, x / 2) +
           w[kMeanParentOther0] * o0.val(y / 2, x / 2) + w[kMeanParentOther1] * o1.val(y / 2, x / 2);
  }
};

ContextWeights random_weights(unsigned seed) {
  ContextWeights weights;
  std::mt19937 generator(seed);
  for (auto& m : weights.magnitude) m = static_cast<std::int32_t>(generator() % 200);
  for (auto& m : weights.mean) m = static_cast<std::int32_t>(generator() % 400) - 200;
  return weights;
}

// The definition, coefficient by coefficient, against the rows; with and without the neighbours in the row itself.
TEST(BandContext, RowsFollowTheDefinition) {
  for (const auto& [h, w] : {std::pair{1, 1}, {1, 7}, {5, 1}, {6, 9}, {13, 8}, {3, 40}}) {
    const Around around(h, w);
    const ContextWeights weights = random_weights(static_cast<unsigned>(h * 100 + w));
    const BandTaps decoding(around.view(), weights, false), encoding(around.view(), weights, true);
    const std::size_t n = whole_steps(static_cast<std::size_t>(w));
    std::vector<std::int32_t> spread(n), mean(n), all_spread(n), all_mean(n), scratch(n);
    for (std::ptrdiff_t y = 0; y < h; ++y) {
      decoding.row(static_cast<std::size_t>(y), spread, mean, scratch);
      encoding.row(static_cast<std::size_t>(y), all_spread, all_mean, scratch);
      for (std::ptrdiff_t x = 0; x < w; ++x) {
        const auto at = static_cast<std::size_t>(x);
        ASSERT_EQ(spread[at], around.spread(weights, y, x)) << h << "x" << w << " at " << y << "," << x;
        ASSERT_EQ(mean[at], around.mean(weights, y, x)) << h << "x" << w << " at " << y << "," << x;
        const auto& m = weights.magnitude;
        const Plane& own = around.own;
        ASSERT_EQ(all_spread[at] - spread[at], m[kWest] * own.mag(y, x - 1) + m[kSecondNeighbors] * own.mag(y, x - 2));
        ASSERT_EQ(all_mean[at] - mean[at],
                  weights.mean[kMeanWest] * own.val(y, x - 1) + weights.mean[kMeanSecondWest] * own.val(y, x - 2));
      }
    }
  }
}

// Sums of the largest neighbours under the largest weights stay in range.
TEST(BandContext, NothingOverflows) {
  constexpr std::int64_t kLargestSum = std::int64_t{kMaxWeight} * kRoots.back() * 70 + kMaxBias;
  static_assert(kLargestSum < std::int64_t{1} << 31U);
  static_assert(std::int64_t{kMaxWeight} * kMaxIndexForMean * kMeans < std::int64_t{1} << 31U);
}

TEST(BandContext, RootsAreThreeQuarterPowers) {
  for (std::int32_t m = 0; m <= kMaxMagnitude; ++m) {
    ASSERT_EQ(root_of(-m), root_of(m));
    ASSERT_NEAR(root_of(m), 16 * std::pow(m, 0.75) - 0.5, 0.51) << m;
  }
  EXPECT_EQ(root_of(16), 128);
  EXPECT_EQ(root_of(100000), root_of(kMaxMagnitude));
}

TEST(BandContext, ClassesAreEighthsOfOctaves) {
  EXPECT_EQ(class_of_spread(-5), 0);
  EXPECT_EQ(class_of_spread(0), 0);
  EXPECT_EQ(class_of_spread(kMaxBias), kContextClasses - 1);
  int last = 0;
  for (std::int32_t s = 4; s < 1 << 20; ++s) {
    const int c = class_of_spread(s);
    ASSERT_TRUE(c == last || c == last + 1) << s;
    last = c;
    const double octave = std::log2(std::clamp(s >> 2, 8, (1 << 17) - 1)) - 3;
    ASSERT_EQ(c / 8, static_cast<int>(octave)) << s;
  }
  EXPECT_EQ(last, 111);
}

TEST(BandContext, TheCenterIsTheRoundedMean) {
  for (std::int32_t mean = -2000; mean <= 2000; ++mean) {
    const Context c = context_of(100, mean);
    const double exact = mean / 256.0;
    ASSERT_LE(std::abs(exact - c.center), 0.5);
    ASSERT_EQ(c.mirrored, exact < c.center);
    ASSERT_EQ(c.phase, static_cast<int>(std::floor(std::abs(exact - c.center) * 4 + 0.5)));
  }
}

}  // namespace
}  // namespace vaerans::kernels
