// Luma and chroma planes: the formula, and the way back.
#include "vaerans/systems/ycocg.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

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

}  // namespace
}  // namespace vaerans
