#include "base/zigzag.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

namespace vaerans {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min(), kMost = -(kLeast + 1);

TEST(Zigzag, BeginsWithTheNegativeOfTwo) {
  const std::int64_t in_order[] = {0, -1, 1, -2, 2, -3, 3};
  for (std::uint64_t z = 0; z < std::size(in_order); ++z) {
    EXPECT_EQ(zigzag(in_order[z]), z);
    EXPECT_EQ(unzigzag(z), in_order[z]);
  }
}

TEST(Zigzag, PositiveFirstBeginsWithThePositiveOfTwo) {
  const std::int64_t in_order[] = {0, 1, -1, 2, -2, 3, -3};
  for (std::uint64_t z = 0; z < std::size(in_order); ++z) {
    EXPECT_EQ(positive_first_zigzag(in_order[z]), z);
    EXPECT_EQ(positive_first_unzigzag(z), in_order[z]);
  }
}

TEST(Zigzag, BothHoldAllOf64Bits) {
  for (const std::int64_t v : {kLeast, kLeast + 1, kMost - 1, kMost}) EXPECT_EQ(unzigzag(zigzag(v)), v);
  EXPECT_EQ(zigzag(kLeast), std::numeric_limits<std::uint64_t>::max());
  // Positive first there is one value fewer: 2^64, of the least one, is no number of 64 bits.
  for (const std::int64_t v : {kLeast + 1, kMost - 1, kMost}) {
    EXPECT_EQ(positive_first_unzigzag(positive_first_zigzag(v)), v);
  }
  EXPECT_EQ(positive_first_zigzag(kLeast + 1), std::numeric_limits<std::uint64_t>::max() - 1);
}

}  // namespace
}  // namespace vaerans
