// quantize_bands as a system: errors within a step, and what does not fit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "expect_error.hpp"
#include "planes.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"
#include "vaerans/systems/ycocg.hpp"

namespace vaerans {
namespace {

using test::values;

EntityId spawn(World& world, const test::SyntheticPicture& picture) {
  return world.spawn_image({picture.rgb.data(), picture.h, picture.w, 3, 0});
}

TEST(QuantizeBandsSystem, ErrorsAreBelowAStep) {
  const auto picture = test::scene(40, 50);
  for (const double step : {0.6, 4.0, 30.0}) {
    World world(1 << 22);
    const EntityId e = spawn(world, picture);
    Pipe(world, {e}).to(YCoCg()).to(WaveletCDF97({.levels = 3}));
    const auto before = values<float>(world, e, "WaveletPyr");
    for (const bool dependent : {false, true}) {
      Pipe(world, {e})
          .select("WaveletPyr")
          .to(QuantizeBands({.step = step, .rdo = 0, .dependent = dependent}))
          .to(DequantizeBands(), "Back");
      const auto after = values<float>(world, e, "Back");
      double worst = 0;
      for (std::size_t k = 0; k < after.size(); ++k)
        worst = std::max<double>(worst, std::abs(double{after[k]} - double{before[k]}));
      EXPECT_LE(worst, (dependent ? 1.2 : 0.8) * step);
      EXPECT_GE(worst, 0.3 * step);
    }
  }
}

TEST(QuantizeBandsSystem, WhatDoesNotFit) {
  World world(1 << 22);
  const EntityId e = spawn(world, test::scene(64, 64));
  Pipe(world, {e}).to(YCoCg()).to(WaveletCDF97({.levels = 5}));
  EXPECT_ERROR(limit_exceeded, "use a larger step",
               Pipe(world, {e}).select("WaveletPyr").to(QuantizeBands({.step = 0.01})));
  EXPECT_ERROR(limit_exceeded, "use a larger step",
               Pipe(world, {e}).select("WaveletPyr").to(QuantizeBands({.step = 0.01, .visual = true})));
  EXPECT_ERROR(bad_parameter, "step", (void)QuantizeBands({.step = 0}));
  EXPECT_ERROR(bad_parameter, "masking", (void)QuantizeBands({.masking = 3}));
  const EntityId two = test::planes<float>(world, {2, 8, 8}, 1, 4);
  EXPECT_ERROR(contract, "three f32 planes, or one", Pipe(world, {two}).to(WaveletCDF97()).to(QuantizeBands()));
}

// Threads share an arena, in which one at a time may take memory: blocks that were given back are searched for it.
TEST(QuantizeBandsSystem, ABatchOfManyThreadsIsItsPicturesOneByOne) {
  const auto picture = test::scene(24, 30);
  auto other = picture;
  std::ranges::reverse(other.rgb);
  Context threads;
  threads.threads = 4;
  World world(1 << 24);
  std::vector<EntityId> gone, batch;
  for (int i = 0; i < 40; ++i) gone.push_back(spawn(world, picture));
  for (const EntityId e : gone) world.despawn(e);
  for (int i = 0; i < 40; ++i) batch.push_back(spawn(world, i % 2 == 0 ? picture : other));
  Pipe pipe(world, batch, threads);
  pipe.to(YCoCg()).to(WaveletCDF97({.levels = 3})).to(QuantizeBands({.step = 8, .visual = true}));
  World alone(1 << 22);
  for (std::size_t i = 0; i < 2; ++i) {
    const EntityId e = spawn(alone, i == 0 ? picture : other);
    Pipe(alone, {e}).to(YCoCg()).to(WaveletCDF97({.levels = 3})).to(QuantizeBands({.step = 8, .visual = true}));
    const auto expected = values<std::uint16_t>(alone, e, "SymbolsU8");
    for (std::size_t k = i; k < batch.size(); k += 2)
      ASSERT_EQ(values<std::uint16_t>(world, batch[k], "SymbolsU8"), expected) << k;
  }
}

}  // namespace
}  // namespace vaerans
