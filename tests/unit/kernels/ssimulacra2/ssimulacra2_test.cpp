#include "kernels/ssimulacra2/ssimulacra2.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "each_target.hpp"
#include "kernels/ssimulacra2/ssimulacra2_parts.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

// Waves, and the same in coarser levels.
struct Pair {
  std::size_t h, w, c;
  std::vector<std::uint8_t> a, b;

  Pair(std::size_t height, std::size_t width, std::size_t channels) : h(height), w(width), c(channels) {
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t x = 0; x < w; ++x) {
        for (std::size_t k = 0; k < c; ++k)
          a.push_back(static_cast<std::uint8_t>((5 * x + 3 * y + 40 * k + x * y / 9) % 256));
      }
    }
    for (const std::uint8_t v : a) b.push_back(static_cast<std::uint8_t>(v / 12 * 12 + 6));
  }
  [[nodiscard]] ImageView first() const { return {a.data(), h, w, c, w * c}; }
  [[nodiscard]] ImageView second() const { return {b.data(), h, w, c, w * c}; }
};

Ssimulacra2Result score(ImageView a, ImageView b) {
  std::vector<double> scratch(ssimulacra2_scratch_size(a.height, a.width));
  return ssimulacra2(a, b, scratch);
}

// Widths on both sides of the strips that the kernels work in.
TEST(Ssimulacra2, EqualsItsTwinOnEveryTarget) {
  for (const auto& [h, w, c] : {std::tuple{8U, 8U, 3U},
                                {9U, 127U, 3U},
                                {40U, 128U, 1U},
                                {17U, 129U, 3U},
                                {33U, 134U, 3U},
                                {20U, 300U, 3U},
                                {226U, 241U, 3U}}) {
    const Pair pair(h, w, c);
    const Ssimulacra2Result expected = ssimulacra2_ref(pair.first(), pair.second());
    std::vector<double> values;
    test::for_each_target([&] {
      const Ssimulacra2Result result = score(pair.first(), pair.second());
      EXPECT_EQ(result.status, Status::ok);
      EXPECT_EQ(result.scales, expected.scales);
      EXPECT_NEAR(result.value, expected.value, 0.02) << h << "x" << w;
      values.push_back(result.value);
    });
    for (const double value : values) EXPECT_EQ(value, values[0]) << "targets differ";
  }
}

// The Python package ssimulacra2 0.3.0 on the same formula.
TEST(Ssimulacra2, EqualsTheReference) {
  const Pair pair(226, 241, 3);
  EXPECT_NEAR(score(pair.first(), pair.second()).value, 21.763130, 0.02);
}

TEST(Ssimulacra2, GreyIsItsThreeChannels) {
  const Pair grey(30, 41, 1);
  Pair color(30, 41, 3);
  for (std::size_t i = 0; i < color.a.size(); ++i) {
    color.a[i] = grey.a[i / 3];
    color.b[i] = grey.b[i / 3];
  }
  EXPECT_EQ(score(grey.first(), grey.second()).value, score(color.first(), color.second()).value);
}

TEST(Ssimulacra2, EqualPicturesHaveNoLoss) {
  const Pair pair(70, 90, 3);
  test::for_each_target([&] { EXPECT_EQ(score(pair.first(), pair.first()).value, 100); });
}

TEST(Ssimulacra2, ExtremePictures) {
  const std::size_t side = 64;
  const std::vector<std::uint8_t> black(side * side * 3, 0), white(side * side * 3, 255);
  const ImageView a{black.data(), side, side, 3, side * 3}, b{white.data(), side, side, 3, side * 3};
  EXPECT_NEAR(score(a, b).value, ssimulacra2_ref(a, b).value, 0.5);
  EXPECT_LT(score(a, b).value, 30);
}

TEST(Ssimulacra2, ScalesAreThoseOfEightPixels) {
  for (const auto& [side, scales] :
       {std::pair{8U, 1U}, {14U, 1U}, {15U, 2U}, {29U, 3U}, {57U, 4U}, {113U, 5U}, {224U, 5U}, {225U, 6U}}) {
    const Pair pair(side, 240, 3);
    EXPECT_EQ(score(pair.first(), pair.second()).scales, scales) << side;
  }
}

TEST(Ssimulacra2, RefusesWhatItCannotCompare) {
  const Pair pair(7, 20, 3), tall(20, 7, 3), other(8, 20, 3), two(8, 20, 2);
  EXPECT_EQ(score(pair.first(), pair.second()).status, Status::too_small);
  EXPECT_EQ(score(tall.first(), tall.second()).status, Status::too_small);
  EXPECT_EQ(score(pair.first(), other.second()).status, Status::bad_argument);
  EXPECT_EQ(score(two.first(), two.second()).status, Status::bad_argument);
  EXPECT_EQ(ssimulacra2(other.first(), other.second(), {}).status, Status::bad_argument);
  EXPECT_EQ(ssimulacra2_ref(pair.first(), pair.second()).status, Status::too_small);
  EXPECT_EQ(ssimulacra2_ref(two.first(), two.second()).status, Status::bad_argument);
}

}  // namespace
}  // namespace vaerans::kernels
