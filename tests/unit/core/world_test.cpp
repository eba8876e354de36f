#include "vaerans/core/world.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "random_data.hpp"

namespace vaerans {
namespace {

TEST(World, IdsAreNeverReused) {
  World world(1 << 20);
  const EntityId a = world.new_entity();
  const EntityId b = world.new_entity();
  EXPECT_EQ(a, 1U);
  EXPECT_EQ(b, 2U);
  world.despawn(b);
  EXPECT_EQ(world.new_entity(), 3U);
  world.reset();
  EXPECT_EQ(world.new_entity(), 4U);
  EXPECT_FALSE(world.alive(a));
}

TEST(World, SpawnCopiesRowsOfAnyStride) {
  World world(1 << 20);
  const auto bytes = test::picture_bytes(4, 10, 1);
  const EntityId whole = world.spawn_image({bytes.data(), 4, 10, 3, 0});
  const EntityId part = world.spawn_image({bytes.data() + 3, 4, 5, 3, 30});
  const auto pixels = world.arena().view<std::uint8_t>(world.get(part, "RGB").data);
  EXPECT_EQ(world.get(whole, "RGB").spec.shape, (Shape{4, 10, 3}));
  EXPECT_EQ(pixels[15], bytes[33]);
}

TEST(World, OneShapeIsOneBuffer) {
  World world(1 << 20);
  const auto a = test::picture_bytes(4, 6, 1);
  const auto b = test::picture_bytes(5, 6, 2);
  const ImageView views[] = {{a.data(), 4, 6, 3, 0}, {b.data(), 5, 6, 3, 0}, {a.data(), 4, 6, 3, 0}};
  const auto ids = world.spawn_batch_rgb(views);
  const TensorRef same[] = {world.get(ids[0], "RGB").data, world.get(ids[2], "RGB").data};
  EXPECT_TRUE(world.arena().join_axis0(same).valid());
  EXPECT_EQ(world.get(ids[1], "RGB").spec.shape, (Shape{5, 6, 3}));
}

TEST(World, ColoursAndAlphaAreComponentsOfTheirOwn) {
  World world(1 << 20);
  const std::vector<std::uint16_t> samples{1, 2, 3, 40, 5, 6, 7, 80};  // two pixels with alpha
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(samples.data());
  const EntityId e = world.spawn_image({bytes, 1, 2, 4, 0, DType::u16});
  const auto values = [&](std::string_view key) {
    const auto view = world.arena().view<std::uint16_t>(world.get(e, key).data);
    return std::vector<std::uint16_t>(view.begin(), view.end());
  };
  EXPECT_EQ(values("RGB"), (std::vector<std::uint16_t>{1, 2, 3, 5, 6, 7}));
  EXPECT_EQ(values("Alpha"), (std::vector<std::uint16_t>{40, 80}));
  EXPECT_EQ(world.get(e, "Alpha").spec.shape, (Shape{1, 2, 1}));
  const EntityId grey = world.spawn_image({bytes, 2, 3, 1, 5});
  EXPECT_EQ(world.get(grey, "RGB").spec.shape, (Shape{2, 3, 1}));
  EXPECT_FALSE(world.has(grey, "Alpha"));
}

TEST(World, RefusesWhatIsNoPictureAndSaysWhatToDo) {
  World world(1 << 20);
  const std::vector<std::uint8_t> bytes(64);
  EXPECT_ERROR(image_unsupported, "type i16", world.spawn_image({bytes.data(), 2, 2, 3, 0, DType::i16}));
  EXPECT_ERROR(image_unsupported, "5 channels", world.spawn_image({bytes.data(), 2, 2, 5, 0}));
  EXPECT_ERROR(image_unsupported, "empty (0 x 7", world.spawn_image({bytes.data(), 0, 7, 3, 0}));
  EXPECT_ERROR(invalid_argument, "row_bytes", world.spawn_image({bytes.data(), 2, 2, 3, 5}));
  EXPECT_TRUE(world.entities().empty());
}

TEST(World, MissingThingsAreNamed) {
  World world(1 << 20);
  const EntityId e = world.new_entity();
  EXPECT_ERROR(missing_component, "'Latent4'; it has: none", (void)world.get(e, "Latent4"));
  EXPECT_ERROR(unknown_entity, "entity 99", (void)world.get(99, "RGB"));
  EXPECT_ERROR(shape, "a latent is (C, h, w)", (void)world.spawn_latent(test::noise(6, 1), {2, 3}));
}

TEST(World, ScratchIsReusedWhenItFits) {
  World world(1 << 20);
  const TensorRef large = world.scratch("work", {100}, DType::f32);
  const TensorRef small = world.scratch("work", {5, 4}, DType::f32);
  EXPECT_EQ(small.offset(), large.offset());
  EXPECT_EQ(small.shape(), (Shape{5, 4}));
  const TensorRef bytes = world.scratch("work", {400}, DType::u8);
  EXPECT_EQ(bytes.offset(), large.offset()) << "another type, but no more bytes";
  EXPECT_EQ(bytes.dtype(), DType::u8);
  EXPECT_NE(world.scratch("other", {5}, DType::f32).offset(), large.offset());
}

TEST(World, ScratchThatGrowsGivesBackWhatItReplaces) {
  World world(1 << 21);
  const TensorRef before = world.scratch("work", {100}, DType::f32);
  (void)world.scratch("other", {100}, DType::f32);
  for (std::uint64_t n = 1; n < 1000; ++n) {
    const auto work = world.arena().view<float>(world.scratch("work", {n * 100}, DType::f32));
    const auto other = world.arena().view<float>(world.scratch("other", {n * 100}, DType::f32));
    ASSERT_TRUE(work.data() + work.size() <= other.data() || other.data() + other.size() <= work.data());
  }
  EXPECT_FALSE(world.arena().live(before));
}

// The scratch that is replaced may be the last thing below a mark, and the larger one find room further down.
TEST(World, AMarkHoldsWhereScratchBelowItIsReplaced) {
  World world(1 << 20);
  Arena& arena = world.arena();
  const TensorRef hole = arena.alloc_tensor({300}, DType::f32);
  const EntityId e = world.spawn_latent(test::noise(64, 1), {4, 4, 4});
  (void)world.scratch("work", {100}, DType::f32);
  const Arena::Mark mark = arena.mark();
  arena.release(hole);
  const TensorRef larger = world.scratch("work", {200}, DType::f32);
  EXPECT_EQ(larger.offset(), hole.offset());
  EXPECT_LT(arena.used(), mark.used);
  EXPECT_NO_THROW(arena.rewind(mark));
  EXPECT_FALSE(arena.live(larger));
  EXPECT_TRUE(arena.live(world.get(e, "Latent4").data));
  EXPECT_NE(world.scratch("work", {10}, DType::f32).offset(), world.get(e, "Latent4").data.offset());
  EXPECT_ERROR(invalid_argument, "the mark lies ahead", arena.rewind({1 << 19, 0}));
}

TEST(World, ScratchSurvivesARewind) {
  World world(1 << 20);
  const Arena::Mark mark = world.arena().mark();
  (void)world.scratch("work", {100}, DType::f32);
  world.arena().rewind(mark);
  EXPECT_NO_THROW((void)world.arena().view<float>(world.scratch("work", {100}, DType::f32)));
}

TEST(World, ResetGivesTheMemoryBack) {
  World world(1 << 20);
  const EntityId e = world.spawn_latent(test::noise(64, 1), {4, 4, 4});
  const Component old = world.get(e, "Latent4");
  world.reset();
  EXPECT_EQ(world.arena().used(), 0U);
  EXPECT_ERROR(stale_ref, "rewound", (void)world.arena().view<float>(old.data));
}

TEST(World, ForgetsWhatNobodyElseHas) {
  World world(64U << 20);
  const Shape large{1, 1024, 1024};
  const std::vector<float> ones(large.elements(), 1.0F);
  const EntityId a = world.spawn_latent(ones, large);
  const TensorRef data = world.get(a, "Latent4").data;
  world.set(a, "Alias", world.get(a, "Latent4"));
  world.forget(a, "Latent4");
  EXPECT_FALSE(world.has(a, "Latent4"));
  EXPECT_EQ(world.arena().view<float>(data)[5000], 1) << "the alias lies there still";
  world.forget(a, "Alias");
  EXPECT_EQ(world.arena().view<float>(data)[5000], 0);
  world.forget(a, "Alias");
}

TEST(World, APictureThatDoesNotFitLeavesNoEntity) {
  World world(1 << 12);
  const auto bytes = test::picture_bytes(100, 100, 1);
  EXPECT_THROW((void)world.spawn_image({bytes.data(), 100, 100, 3, 0}), ArenaFull);
  EXPECT_FALSE(world.alive(1));
  EXPECT_TRUE(world.entities().empty());
}

}  // namespace
}  // namespace vaerans
