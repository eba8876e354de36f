#include "base/spread.hpp"

#include <gtest/gtest.h>

namespace vaerans {
namespace {

TEST(Spread, FirstAndLastAreAtTheEnds) {
  const auto parts = spread_along(1000, 10, 4);
  ASSERT_EQ(parts.size(), 4U);
  const std::uint64_t begins[] = {0, 330, 660, 990};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(parts[i].begin, begins[i]);
    EXPECT_EQ(parts[i].length, 10U);
  }
}

TEST(Spread, AShortSideIsTakenWhole) {
  for (const std::uint64_t side : {1, 39, 40}) {
    const auto parts = spread_along(side, 10, 4);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].begin, 0U);
    EXPECT_EQ(parts[0].length, side);
  }
  EXPECT_EQ(spread_along(41, 10, 4).size(), 4U);
}

}  // namespace
}  // namespace vaerans
