// Maps of steps: coding, interpolation, what activity makes of a picture.
#include "kernels/bands/steps/step_map.hpp"
#include "kernels/bands/steps/activity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

// One level of one channel is enough to tell the picture's size; the other channels are not looked at.
BandLayout layout_of(int h, int w) {
  BandLayout out{.channels = std::vector<BandLayout::Channel>(1)};
  const int lh = (h + 1) / 2, lw = (w + 1) / 2;
  out.channels[0].coarse = {lh, lw, 0};
  const auto size = [](int rows, int columns) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  };
  const std::size_t hl = size(lh, lw), second = hl + size(lh, w - lw), third = second + size(h - lh, lw);
  out.channels[0].levels.push_back({BandPlace{lh, w - lw, hl}, {h - lh, lw, second}, {h - lh, w - lw, third}});
  return out;
}

std::vector<std::span<const std::byte>> spans_of(const std::vector<ByteBuffer>& parts) {
  return {parts.begin(), parts.end()};
}

TEST(StepMap, HasACellForEachSixteenPixels) {
  for (const auto& [h, w, rows, columns] : {std::array{1, 1, 1, 1}, {16, 17, 1, 2}, {33, 160, 3, 10}}) {
    const StepMap map(layout_of(h, w));
    EXPECT_EQ(map.height(), static_cast<std::size_t>(rows));
    EXPECT_EQ(map.width(), static_cast<std::size_t>(columns));
    EXPECT_EQ(std::ranges::count(map.cells(), 0), rows * columns);
  }
}

TEST(StepMap, ComesBackAsItWas) {
  vaerans::test::Lcg random(3);
  for (const int largest : {0, 1, 4, StepMap::kLimit}) {
    StepMap map(layout_of(100, 213));
    for (auto& cell : map.cells())
      cell = static_cast<std::int8_t>(static_cast<int>(random.next() % (2 * static_cast<unsigned>(largest) + 1)) -
                                      largest);
    PartedDecisions decisions;
    map.encode(decisions);
    const auto parts = decisions.take();
    const auto spans = spans_of(parts);
    PartedDecoder decoder(spans);
    StepMap back(layout_of(100, 213));
    back.decode(decoder);
    EXPECT_EQ(decoder.finish(), Status::ok);
    EXPECT_TRUE(std::ranges::equal(back.cells(), map.cells())) << largest;
  }
}

TEST(StepMap, DamageStaysWithinItsLimits) {
  vaerans::test::Lcg random(5);
  for (int trial = 0; trial < 50; ++trial) {
    ByteBuffer noise(40);
    for (auto& byte : noise) byte = static_cast<std::byte>(random.next() & 255U);
    const std::vector<ByteBuffer> parts{noise};
    const auto spans = spans_of(parts);
    PartedDecoder decoder(spans);
    StepMap map(layout_of(400, 400));
    map.decode(decoder);
    for (const std::int8_t cell : map.cells()) EXPECT_LE(std::abs(int{cell}), StepMap::kLimit);
  }
  PartedDecoder nothing({});
  StepMap map(layout_of(20, 20));
  map.decode(nothing);
  EXPECT_EQ(nothing.finish(), Status::truncated);
}

TEST(StepMap, LinesRunBetweenTheCentersOfCells) {
  StepMap map(layout_of(16, 64));
  for (std::size_t i = 0; i < 4; ++i) map.cells()[i] = static_cast<std::int8_t>(2 * i);
  std::vector<std::int16_t> row(32);
  map.exponents(1, 0, 0, row);  // coefficients of two pixels each, cells of eight of them
  EXPECT_EQ(row.front(), 0);
  EXPECT_EQ(row.back(), 6 * 8);
  EXPECT_TRUE(std::ranges::is_sorted(row));
  EXPECT_EQ(row[8] - row[7], 2);        // 16 sixteenths over eight coefficients
  EXPECT_EQ((row[7] + row[8]) / 2, 8);  // the border of the first two cells
  std::vector<std::int16_t> coarse(1);
  map.exponents(32, 0, 0, coarse);  // far beyond the picture
  EXPECT_EQ(coarse[0], 6 * 8);
}

TEST(StepMap, BusyPlacesGetCoarserSteps) {
  const BandLayout layout = layout_of(32, 64);
  std::vector<float> luma(32 * 64, 0.5F);
  const BandPlace& hl = layout.channels[0].levels[0][0];
  for (int y = 0; y < hl.height; ++y) {
    for (int x = 0; x < hl.width / 2; ++x) luma[hl.offset + static_cast<std::size_t>(y * hl.width + x)] = 80;
  }
  const StepMap map = activity_map(layout, luma, 0.5), none = activity_map(layout, luma, 0);
  ASSERT_EQ(map.cells().size(), 8U);
  EXPECT_GT(map.cells()[0], 0);
  EXPECT_LT(map.cells()[3], 0);
  EXPECT_EQ(std::ranges::count(none.cells(), 0), 8);
}

TEST(StepFactor, SixteenStepsDouble) {
  EXPECT_EQ(step_factor(0), 1);
  EXPECT_EQ(step_factor(16), 2);
  EXPECT_EQ(step_factor(-32), 0.25);
  for (int e = -150; e <= 150; ++e) EXPECT_EQ(step_factor(e), static_cast<float>(std::exp2(e / 16.0))) << e;
}

TEST(VisualWeight, CoarseBandsAreAsTheLastOfTheTable) {
  EXPECT_EQ(visual_weight(0, 0, false), -8);
  EXPECT_EQ(visual_weight(0, 1, true), 20);
  EXPECT_EQ(visual_weight(2, 1, true), 24);
  EXPECT_EQ(visual_weight(1, 32, false), visual_weight(1, 6, false));
}

}  // namespace
}  // namespace vaerans::kernels
