#include "coding/static/entropy_costs.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace vaerans {
namespace {

// Two subbands of four, each with frequencies of its own.
TEST(EntropyCosts, AreTheLogarithmsOfFrequencies) {
  const std::array<Subband, 2> subbands{Subband{0, 1, Orientation::LL, 0, 2, 2},
                                        Subband{0, 1, Orientation::HL, 4, 2, 2}};
  const std::array<std::int32_t, 8> indices{0, 0, 0, 1, 5, 5, 5, 5}, floors{0, 0, -1, 1, 5, 4, 0, 0};
  std::array<float, 8> rises{};
  rises_by_frequency(subbands, indices, floors, rises);
  const auto bits = [](double from, double to) { return static_cast<float>(std::log2(from / to)); };
  EXPECT_FLOAT_EQ(rises[0], bits(3.5, 1.5));
  EXPECT_FLOAT_EQ(rises[2], bits(0.5, 3.5));
  EXPECT_FLOAT_EQ(rises[3], bits(1.5, 0.5));
  EXPECT_FLOAT_EQ(rises[4], bits(4.5, 0.5));
  EXPECT_FLOAT_EQ(rises[5], bits(0.5, 4.5));
  EXPECT_FLOAT_EQ(rises[6], 0);
}

}  // namespace
}  // namespace vaerans
