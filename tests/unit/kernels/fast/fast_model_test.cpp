#include "kernels/fast/fast_model.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace vaerans::kernels {
namespace {

TEST(FastModel, FreshDistributionsRiseAndBeginAtZero) {
  const auto model = std::make_unique<FastModel>();
  (*model).reset();
  const auto is_one = [](const FastCell& cell) {
    for (std::size_t i = 1; i < cell.size(); ++i) {
      if (cell[i] < cell[i - 1]) return false;
    }
    return cell[0] == 0 && cell[1] > 0;
  };
  EXPECT_TRUE(std::ranges::all_of(model->error.cell, is_one));
  EXPECT_TRUE(std::ranges::all_of(model->west.cell, is_one));
  EXPECT_EQ(model->north.cell, model->west.cell);
}

TEST(FastModel, FewerErrorsNearbyAreNarrower) {
  const auto model = std::make_unique<FastModel>();
  (*model).reset();
  constexpr std::size_t per_class = std::size_t{kFastCrossClasses} * kFastPhases;
  for (std::size_t c = 1; c < kFastClasses; ++c) {
    if (low_bits_of(static_cast<int>(c)) != low_bits_of(static_cast<int>(c) - 1)) continue;
    EXPECT_LT(model->error.cell[c * per_class][1], model->error.cell[(c - 1) * per_class][1]) << c;
  }
}

TEST(FastModel, ClassesOfErrors) {
  EXPECT_EQ(fast_class_of(0), 0);
  EXPECT_EQ(fast_class_of(kErrorSums - 1), kFastClasses - 1);
  for (std::size_t i = 1; i < kErrorSums; ++i) {
    EXPECT_GE(fast_class_of(i), fast_class_of(i - 1));
    if (2 * i >= kErrorSums || fast_class_of(i) == 0 || fast_class_of(2 * i) == kFastClasses - 1) continue;
    EXPECT_EQ(fast_class_of(2 * i), fast_class_of(i) + 3) << i;
  }
}

// Classes that share distributions leave as many bits to be coded as they are.
TEST(FastModel, LowBits) {
  EXPECT_EQ(low_bits_of(15), 0);
  EXPECT_EQ(low_bits_of(16), 1);
  EXPECT_EQ(low_bits_of(kFastClasses - 1), 3);
  for (int c = 0; c < kFastClasses; c += 2) EXPECT_EQ(low_bits_of(c), low_bits_of(c + 1));
}

TEST(FastTables, Reciprocals) {
  for (std::size_t i = 0; i < kFastTables.weight_reciprocal.size(); ++i) {
    const double exact = double{1 << 24} / (512.5 + static_cast<double>(i));
    EXPECT_NEAR(kFastTables.weight_reciprocal[i], exact, 1);
  }
  for (std::size_t i = 0; i < kFastTables.power_reciprocal.size(); ++i) {
    const double exact = double{1 << 20} / (16.5 + static_cast<double>(i));
    EXPECT_NEAR(kFastTables.power_reciprocal[i], exact, 1);
  }
}

TEST(FastTables, PlacesAndPhases) {
  const auto place = [](int d) { return int{kFastTables.place[static_cast<std::size_t>(d + kGuessReach)]}; };
  constexpr std::pair<int, int> kPlaces[] = {{-900, 0}, {-6, 0}, {-5, 1}, {-2, 1}, {-1, 2},
                                             {0, 3},    {1, 4},  {2, 5},  {5, 5},  {6, 6}};
  for (const auto& [d, expected] : kPlaces) EXPECT_EQ(place(d), expected) << d;
  EXPECT_EQ(kFastTables.phase[20], 0);
  EXPECT_EQ(kFastTables.phase[21], 1);
  EXPECT_EQ(kFastTables.phase[42], 1);
  EXPECT_EQ(kFastTables.phase[43], 2);
}

}  // namespace
}  // namespace vaerans::kernels
