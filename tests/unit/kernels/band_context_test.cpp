#include "kernels/band_context.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace vaerans::kernels {
namespace {

struct Plane {
  std::uint32_t h, w;
  std::vector<std::int32_t> data;
  Plane(std::uint32_t rows, std::uint32_t columns, unsigned seed) : h(rows), w(columns), data(rows * columns) {
    std::mt19937 generator(seed);
    for (auto& q : data) q = static_cast<std::int32_t>(generator() % 9) - 4;
    if (!data.empty()) data[generator() % data.size()] = 70000;  // beyond both clamps
  }
  [[nodiscard]] BandPlane view() const { return {data.data(), h, w}; }
  [[nodiscard]] std::int64_t at(std::int64_t y, std::int64_t x) const {
    return y < 0 || x < 0 || y >= h || x >= w ? 0 : data[static_cast<std::size_t>(y * w + x)];
  }
  [[nodiscard]] std::int64_t mag(std::int64_t y, std::int64_t x) const {
    return std::min<std::int64_t>(std::abs(at(y, x)), kMaxMagnitude);
  }
  [[nodiscard]] std::int64_t mean(std::int64_t y, std::int64_t x) const {
    return std::clamp<std::int64_t>(at(y, x), -kMaxIndexForMean, kMaxIndexForMean);
  }
  [[nodiscard]] std::int64_t cross(std::int64_t y, std::int64_t x) const {
    return mag(y - 1, x) + mag(y + 1, x) + mag(y, x - 1) + mag(y, x + 1);
  }
};

// The definition, coefficient by coefficient, against the rows. Planes around a band differ from it by a row or column.
TEST(BandContext, RowsFollowTheDefinition) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 7U}, {5U, 1U}, {6U, 9U}, {13U, 8U}}) {
    const Plane band(h, w, 1), parent((h + 1) / 2, (w + 1) / 2, 2), sums((h + 1) / 2, (w + 1) / 2, 3);
    const Plane s0(h + 1, w, 4), s1(h, w > 1 ? w - 1 : 1, 5), p0(h, w, 6), p1(h, w, 7), p2(h, w, 8), sum(h, w, 9);
    const BandNeighbours n{
        parent.view(), sums.view(), {s0.view(), s1.view()}, {p0.view(), p1.view(), p2.view()}, sum.view()};
    ContextWeights weights;
    std::mt19937 generator(h * 100 + w);
    for (auto& m : weights.magnitude) m = static_cast<std::int32_t>(generator() % 200);
    for (auto& m : weights.mean) m = static_cast<std::int32_t>(generator() % 400) - 200;
    std::vector<std::int32_t> spread(w), mean(w);
    for (std::int64_t y = 0; y < h; ++y) {
      context_row(n, weights, 77, band.view(), static_cast<std::uint32_t>(y), spread, mean);
      for (std::int64_t x = 0; x < w; ++x) {
        const auto& m = weights.magnitude;
        const std::int64_t s = 77 + m[kNorth] * band.mag(y - 1, x) +
                               m[kNorthDiagonals] * (band.mag(y - 1, x - 1) + band.mag(y - 1, x + 1)) +
                               m[kSecondNeighbours] * band.mag(y - 2, x) + m[kParent] * parent.mag(y / 2, x / 2) +
                               m[kSibling0] * s0.mag(y, x) + m[kSibling1] * s1.mag(y, x) + m[kPrevious] * p0.mag(y, x) +
                               m[kPreviousCross] * p0.cross(y, x) + m[kSum] * sum.mag(y, x) +
                               m[kSumCross] * sum.cross(y, x) + m[kParentSum] * sums.mag(y / 2, x / 2);
        const auto& v = weights.mean;
        const std::int64_t mu = v[kMeanNorth] * band.mean(y - 1, x) + v[kMeanNorthWest] * band.mean(y - 1, x - 1) +
                                v[kMeanNorthEast] * band.mean(y - 1, x + 1) +
                                v[kMeanParent] * parent.mean(y / 2, x / 2) + v[kMeanPrevious0] * p0.mean(y, x) +
                                v[kMeanPrevious1] * p1.mean(y, x) + v[kMeanPrevious2] * p2.mean(y, x);
        ASSERT_EQ(spread[static_cast<std::size_t>(x)], s) << h << "x" << w << " at " << y << "," << x;
        ASSERT_EQ(mean[static_cast<std::size_t>(x)], mu) << h << "x" << w << " at " << y << "," << x;
      }
    }
  }
}

TEST(BandContext, ClassesAreQuarterOctaves) {
  EXPECT_EQ(class_of_spread(-5), 0);
  EXPECT_EQ(class_of_spread(0), 0);
  int last = 0;
  for (std::int32_t s = 4; s < 1 << 20; ++s) {
    const int c = class_of_spread(s);
    ASSERT_TRUE(c == last || (c > last && c < static_cast<int>(kContextClasses))) << s;
    last = c;
    const double octave = std::log2(std::clamp(s >> 2, 1, 65535));
    ASSERT_EQ(c / 4, static_cast<int>(octave)) << s;
  }
  EXPECT_EQ(last, 63);
}

TEST(BandContext, TheCentreIsTheRoundedMean) {
  for (std::int32_t mean = -2000; mean <= 2000; ++mean) {
    const Context c = context_of(100, mean);
    const double exact = mean / 256.0;
    ASSERT_LE(std::abs(exact - c.centre), 0.5);
    ASSERT_EQ(c.mirrored, exact < c.centre);
    ASSERT_EQ(c.phase, static_cast<int>(std::floor(std::abs(exact - c.centre) * 4 + 0.5)));
  }
}

TEST(BandContext, ZigzagIsABijection) {
  for (std::int32_t v = -300; v <= 300; ++v) ASSERT_EQ(unzigzag(zigzag(v)), v);
  EXPECT_EQ(zigzag(1), 1U);
  EXPECT_EQ(zigzag(-1), 2U);
}

}  // namespace
}  // namespace vaerans::kernels
