#include "kernels/arrays/sums.hpp"

#include <gtest/gtest.h>

#include <array>
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
