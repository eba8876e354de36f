// Bands cut into tiles: every coefficient belongs to one, and side information says which tiles there are.
#include "coding/mixing/bands/band_tiles.hpp"

#include <gtest/gtest.h>

#include "coding/mixing/bands/band_side.hpp"
#include "expect_error.hpp"
#include "vaerans/core/arena.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

// The bands of three planes.
Spec bands_of(Arena& arena, std::uint64_t h, std::uint64_t w, std::int64_t levels) {
  const Spec planes{Kind::planes, DType::f32, Shape{3, h, w}, {}};
  return WaveletCDF97({.levels = levels})->describe(planes, {}, arena, {});
}

TEST(BandTiles, EveryCoefficientIsInOneTile) {
  for (const auto& [h, w, levels] : {std::tuple{900U, 700U, 6}, {256U, 385U, 7}, {1U, 1500U, 3}, {40U, 30U, 2}}) {
    Arena arena(std::size_t{1} << 24U);
    const Spec spec = bands_of(arena, h, w, levels);
    const BandTiles tiles(spec.subbands, 8);
    std::vector<int> seen(spec.shape.elements());
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      const BandParts parts = tiles.parts(i);
      std::size_t next = 0;
      for_each_part_row(parts, [&](std::size_t whole, std::size_t own, std::size_t n) {
        EXPECT_EQ(own, next);
        next += n;
        for (std::size_t x = 0; x < n; ++x) ++seen[whole + x];
      });
      EXPECT_EQ(next, coefficients_of(parts));
    }
    EXPECT_EQ(std::ranges::count(seen, 1), std::ssize(seen)) << h << " x " << w;
  }
}

// 880 = 256 + 256 + 368: half a tile more at most.
TEST(BandTiles, TheLastTakesTheRest) {
  const auto areas = band_tile_areas(880, 385, 8);
  ASSERT_EQ(areas.size(), 6U);
  EXPECT_EQ(areas[5].top, 512U);
  EXPECT_EQ(areas[5].height, 368);
  EXPECT_EQ(areas[5].left, 256U);
  EXPECT_EQ(areas[5].width, 129);
  EXPECT_EQ(band_tile_areas(384, 384, 8).size(), 1U);
  EXPECT_EQ(band_tile_areas(5000, 5000, 0).size(), 1U);
}

TEST(BandTiles, CoarseCoefficientsNeedRoom) {
  Arena arena(std::size_t{1} << 24U);
  const Spec spec = bands_of(arena, 600, 600, 8);
  EXPECT_ERROR(contract, "no place for 8 levels", (void)BandTiles(spec.subbands, 8));
  EXPECT_EQ(BandTiles(spec.subbands, 9).size(), 1U);
}

TEST(BandTiles, SideInformationSaysWhatThereIs) {
  for (const auto kind : {kernels::Indices::independent, kernels::Indices::dependent}) {
    for (const unsigned side_log : {0U, 8U, 12U}) {
      const BandPlan plan{kind, side_log};
      EXPECT_EQ(band_plan_in(band_side_info(plan)), plan);
    }
  }
  const auto bytes = [](std::initializer_list<int> all) {
    ByteBuffer out;
    for (const int byte : all) out.push_back(static_cast<std::byte>(byte));
    return out;
  };
  EXPECT_EQ(band_plan_in(bytes({1, 0, 9})), std::nullopt);  // pixels
  EXPECT_EQ(band_plan_in({}), std::nullopt);
  for (const auto& bad : {bytes({8, 7}), bytes({9, 13}), bytes({8}), bytes({9, 8, 0}), bytes({2, 8})})
    EXPECT_ERROR(corrupt_stream, "ans side information", (void)band_plan_in(bad));
}

}  // namespace
}  // namespace vaerans
