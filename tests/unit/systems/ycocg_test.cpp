// Luma and chroma planes: the formula, and the way back.
#include "vaerans/systems/ycocg.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "picture_kinds.hpp"
#include "planes.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {
namespace {

using test::values;

EntityId spawn(World& world, const test::SyntheticPicture& picture) {
  return world.spawn_image({picture.rgb.data(), picture.h, picture.w, 3, 0});
}

TEST(YCoCgSystem, EveryColorComesBack) {
  test::SyntheticPicture picture{64, 512, {}};
  for (unsigned i = 0; i < 32768; ++i) {  // a lattice through the cube, its corners included
    for (const unsigned shift : {10U, 5U, 0U})
      picture.rgb.push_back(static_cast<std::uint8_t>((i >> shift & 31U) * 255 / 31));
  }
  World world(1 << 22);
  const EntityId e = spawn(world, picture);
  Pipe(world, {e}).to(YCoCg()).to(YCoCgInverse());
  EXPECT_EQ(values<std::uint8_t>(world, e, "ReconRGB"), picture.rgb);
}

TEST(YCoCgSystem, PlanesAreThoseOfTheFormula) {
  World world(1 << 20);
  const EntityId e = spawn(world, {1, 2, {255, 0, 10, 128, 128, 128}});
  Pipe(world, {e}).to(YCoCg());
  const auto planes = values<float>(world, e, "YCoCg");
  const double root = std::numbers::sqrt3;
  EXPECT_NEAR(planes[0], root * ((255 + 0 + 10) / 4.0 - 128), 1e-4);
  EXPECT_NEAR(planes[2], root * (0 - 255 - 10) / 4, 1e-4);
  EXPECT_NEAR(planes[4], root * (255 - 10) / 2, 1e-4);
  EXPECT_EQ(planes[1], 0.0F);
  EXPECT_EQ(planes[3], 0.0F);
  EXPECT_EQ(planes[5], 0.0F);
}

EntityId spawn(World& world, const Image& picture) { return world.spawn_image(picture.view()); }

TEST(YCoCgSystem, EveryKindComesBack) {
  const Image color = test::image_of(test::scene(9, 14)), grey = test::grey_of(test::scene(9, 14));
  for (const Image& picture : {grey, test::deep_of(grey, 200), test::deep_of(color, 200)}) {
    World world(1 << 20);
    const EntityId e = spawn(world, picture);
    Pipe(world, {e}).to(YCoCg()).to(YCoCgInverse());
    const Component& back = world.get(e, "ReconRGB");
    EXPECT_EQ(back.spec.shape, (Shape{9, 14, picture.channels}));
    EXPECT_EQ(back.spec.dtype, picture.dtype);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(world.arena().data(back.data));
    EXPECT_EQ(std::vector<std::uint8_t>(bytes, bytes + picture.rgb.size()), picture.rgb);
  }
}

TEST(YCoCgSystem, GreyIsLumaAndSixteenBitsAreDividedBy257) {
  const Image grey = test::grey_of(test::scene(3, 5));
  World world(1 << 20);
  const EntityId e = spawn(world, grey), deep = spawn(world, test::deep_of(grey));
  Pipe(world, {e}).to(YCoCg());
  Pipe(world, {deep}).to(YCoCg());
  const auto plane = values<float>(world, e, "YCoCg");
  ASSERT_EQ(plane.size(), grey.rgb.size());
  EXPECT_EQ(world.get(e, "YCoCg").spec.shape, (Shape{1, 3, 5}));
  for (std::size_t i = 0; i < plane.size(); ++i) EXPECT_NEAR(plane[i], std::numbers::sqrt3 * (grey.rgb[i] - 128), 1e-4);
  EXPECT_EQ(values<float>(world, deep, "YCoCg"), plane);
}

}  // namespace
}  // namespace vaerans
