#include "vaerans/core/store.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/components/latent.hpp"
#include "vaerans/components/quant.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

TEST(Store, IsAMapFromEntities) {
  World world(1 << 20);
  const auto bytes = test::picture_bytes(4, 6, 1);
  const EntityId first = world.spawn_image({bytes.data(), 4, 6, 3, 0}), bare = world.new_entity();
  const EntityId last = world.spawn_image({bytes.data(), 4, 6, 3, 0});
  const ComponentStore rgb = world.store<RGB>();
  EXPECT_EQ(rgb.key(), "RGB");
  EXPECT_TRUE(rgb.contains(first) && !rgb.contains(bare));
  EXPECT_EQ(rgb.entities(), (std::vector{first, last}));
  EXPECT_EQ(rgb.size(), 2U);
  EXPECT_EQ(rgb[first].spec.shape, (Shape{4, 6, 3}));
  EXPECT_TRUE(world.store<Latent4>().empty());
}

TEST(Store, SaysWhoHasOne) {
  World world(1 << 20);
  const EntityId e = world.spawn_latent(test::noise(64, 1), {4, 4, 4}), other = world.new_entity();
  world.set(other, "Mine", world.get(e, "Latent4"));
  EXPECT_ERROR(missing_component, "entity 2 has no component 'Latent4', which entity 1 has; it has: Mine",
               (void)world.store<Latent4>().at(other));
  EXPECT_ERROR(missing_component, "which no entity has; it is not alive", (void)world.store<RGB>().at(77));
}

TEST(Store, SymbolsIsAnotherWordForSymbolsU8) {
  World world(1 << 20);
  const EntityId e = world.new_entity();
  world.set_tensor(e, "Symbols", Kind::symbols, world.arena().alloc_tensor({4, 4}, DType::u8));
  EXPECT_TRUE(world.has(e, SymbolsU8::key) && world.has(e, "Symbols"));
  EXPECT_TRUE(world.store("Symbols").contains(e));
  EXPECT_EQ(world.keys(e), std::vector<std::string>{"SymbolsU8"});
}

TEST(Store, EachVisitsWhoHasAll) {
  World world(1 << 20);
  const auto bytes = test::picture_bytes(8, 8, 1);
  const EntityId both = world.spawn_image({bytes.data(), 8, 8, 3, 0});
  (void)world.spawn_image({bytes.data(), 8, 8, 3, 0});
  world.set_tensor(both, "Latent4", Kind::planes, world.arena().alloc_tensor({4, 1, 1}, DType::f32));
  std::vector<EntityId> visited;
  world.each<RGB, Latent4>([&](EntityId e, const Component& rgb, const Component& latent) {
    visited.push_back(e);
    EXPECT_EQ(rgb.spec.kind, Kind::image);
    EXPECT_EQ(latent.spec.kind, Kind::planes);
  });
  EXPECT_EQ(visited, std::vector{both});
}

}  // namespace
}  // namespace vaerans
