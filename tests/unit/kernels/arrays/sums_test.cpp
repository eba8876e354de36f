#include "kernels/arrays/sums.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "each_target.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

TEST(Sums, AreThoseOfDoubles) {
  for (const std::size_t n : {0U, 1U, 15U, 16U, 17U, 4095U, 4113U, 100000U}) {
    const auto a = test::noise<float>(n, n), b = test::noise<float>(n, n + 1);
    double sum = 0, squares = 0, apart = 0;
    float largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      sum += a[i];
      squares += (a[i] - 0.5) * (a[i] - 0.5);
      apart += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
      largest = std::max(largest, std::abs(a[i] - b[i]));
    }
    EXPECT_NEAR(sum_of(a), sum, 1e-6 * static_cast<double>(n));
    EXPECT_NEAR(sum_of_squares(a, 0.5F), squares, 1e-6 * static_cast<double>(n));
    EXPECT_NEAR(difference(a, b).squares, apart, 1e-6 * static_cast<double>(n));
    EXPECT_EQ(difference(a, b).largest, largest);
  }
}

TEST(Sums, HoldWhereFloatsDoNot) {
  for (const std::size_t n : {1U, 15U, 16U, 17U, 4113U}) {
    const auto a = test::noise<float>(n, n), b = test::noise<float>(n, n + 1);
    const double squares = sum_of_squares(a, 0.5F), apart = difference(a, b).squares;
    for (const float scale : {0x1p-120F, 0x1p-80F, 0x1p-60F, 0x1p-48F, 0x1p58F, 0x1p63F, 0x1p100F, 0x1p126F}) {
      const testing::ScopedTrace trace(__FILE__, __LINE__, scale);
      auto x = a, y = b;
      for (std::size_t i = 0; i < n; ++i) x[i] *= scale, y[i] *= scale;
      const double square = double{scale} * scale;
      EXPECT_NEAR(sum_of_squares(x, 0.5F * scale) / square, squares, 1e-6 * static_cast<double>(n));
      EXPECT_NEAR(difference(x, y).squares / square, apart, 1e-6 * static_cast<double>(n));
      EXPECT_EQ(difference(x, y).largest, difference(a, b).largest * scale);
    }
  }
  const std::vector<float> huge(40, 3e38F), none(40, 0.0F);
  EXPECT_NEAR(sum_of(huge) / 1.2e40, 1, 1e-6);
  EXPECT_NEAR(sum_of_squares(huge, -3e38F) / (40 * 36e76), 1, 1e-6);
  EXPECT_EQ(difference(none, none).squares, 0);
  EXPECT_EQ(sum_of_squares(none, 0), 0);
  EXPECT_FALSE(std::isfinite(sum_of(std::vector<float>(40, HUGE_VALF))));
}

TEST(Sums, AreTheSameBitsOnEveryTarget) {
  const auto a = test::noise<float>(9001, 1), b = test::noise<float>(9001, 2);
  const auto all = [&] {
    return std::array{sum_of(a), sum_of_squares(a, 0.25F), difference(a, b).squares, double{difference(a, b).largest}};
  };
  const auto usual = all();
  test::for_each_target([&] { EXPECT_EQ(all(), usual); });
}

}  // namespace
}  // namespace vaerans::kernels
