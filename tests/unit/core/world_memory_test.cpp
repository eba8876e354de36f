#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

const Shape kLatent{4, 32, 32};
const Pipeline& chain() {
  static const Pipeline made = Pipeline(Hadamard4()) | WaveletCDF53({.levels = 3}) | Quantize({.step = 2});
  return made;
}

EntityId spawn(World& world, unsigned seed) { return world.spawn_latent(test::noise(4 * 32 * 32, seed, 20), kLatent); }

TEST(WorldMemory, AThousandEntitiesOneAfterTheOtherTakeTheRoomOfOne) {
  World world(1 << 20);
  std::uint64_t first = 0;
  for (unsigned i = 0; i < 1000; ++i) {
    const EntityId e = spawn(world, i);
    (void)chain().run(world, {&e, 1});
    world.despawn(e);
    if (i == 0) first = world.arena().high_water();
  }
  EXPECT_LT(world.arena().high_water(), 2 * first);
}

// Never without an entity, so the arena is never empty; what is left must have kept its values.
TEST(WorldMemory, AWindowThatSlidesStaysInItsRoom) {
  World world(1 << 20);
  std::deque<std::pair<EntityId, unsigned>> window;
  for (unsigned i = 0; i < 500; ++i) {
    window.emplace_back(spawn(world, i), i);
    (void)chain().run(world, {&window.back().first, 1});
    if (window.size() <= 3) continue;
    world.despawn(window.front().first);
    window.pop_front();
    for (const auto& [entity, seed] : window) {
      const auto values = world.arena().view<float>(world.get(entity, "Latent4").data);
      ASSERT_TRUE(std::ranges::equal(values, test::noise(4 * 32 * 32, seed, 20)));
    }
  }
  for (const auto& [entity, seed] : window) {
    const Pipeline back = pipeline_of(world, world.get(entity, "SymbolsU8")).inverse();
    EXPECT_EQ(back.run_from(world, {&entity, 1}, "SymbolsU8").done.size(), 1U) << "its trail is whole";
  }
}

TEST(WorldMemory, WhatOthersShareStays) {
  World world(1 << 20);
  const EntityId a = spawn(world, 1), b = spawn(world, 2);
  const EntityId both[] = {a, b};
  (void)chain().run(world, both);
  world.set(b, "Shared", world.get(a, "Latent4"));
  const TensorRef shared = world.get(a, "Latent4").data, own = world.get(a, "YUVW4").data;
  world.despawn(a);
  for (unsigned i = 0; i < 40; ++i) world.despawn(spawn(world, 100 + i));  // until memory is collected
  EXPECT_FALSE(world.arena().live(own));
  EXPECT_TRUE(std::ranges::equal(world.arena().view<float>(shared), test::noise(4 * 32 * 32, 1, 20)));
  EXPECT_FALSE(world.get(b, "WaveletPyr").spec.subbands.empty());
  EXPECT_EQ(world.get(b, "WaveletPyr").spec.subbands[0].level, 3) << "the group's subbands are b's as well";
}

TEST(WorldMemory, WhatWasOverwrittenGoesWithItsEntity) {
  World world(1 << 20);
  std::uint64_t left_over = 0;  // scratch stays
  for (unsigned i = 0; i < 100; ++i) {
    const EntityId e = spawn(world, i);
    for (int again = 0; again < 3; ++again) (void)chain().run(world, {&e, 1});
    world.despawn(e);
    const std::uint64_t in_use = world.arena().used() - world.arena().free();
    if (i == 0) left_over = in_use;
    ASSERT_EQ(in_use, left_over);
  }
}

TEST(WorldMemory, WhatACallerTookStays) {
  World world(1 << 20);
  const std::uint8_t pixels[3 * 16] = {};
  const EntityId before = world.spawn_image({pixels, 1, 1, 3});
  std::byte* const mine = world.arena().alloc_bytes(16, 1);
  const TensorRef batch = world.arena().alloc_tensor(Shape{4, 3}, DType::u8);
  const EntityId after = world.spawn_image({pixels, 1, 1, 3});
  std::memset(mine, 0xAA, 16);
  std::ranges::fill(world.arena().view<std::uint8_t>(batch), std::uint8_t{0xBB});
  world.set(before, "Mine",
            {world.arena().subref_axis0(batch, 0), {Kind::parameters, DType::u8, Shape{3}, {}}, nullptr});
  const TensorRef rest = world.arena().subref_axis0(batch, 3);
  world.despawn(before);
  world.despawn(after);
  for (std::uint64_t width = 1; width < 17; ++width) (void)world.spawn_image({pixels, 1, width, 3});
  EXPECT_EQ(std::count(mine, mine + 16, std::byte{0xAA}), 16);
  EXPECT_EQ(std::ranges::count(world.arena().view<std::uint8_t>(rest), 0xBB), 3);
}

TEST(WorldMemory, FullNamesWhatHelps) {
  World world(1 << 16);
  (void)spawn(world, 1);
  EXPECT_ERROR(arena_full, "despawn() entities or reset()", for (unsigned i = 0; i < 9; ++i)(void) spawn(world, i));
}

}  // namespace
}  // namespace vaerans
