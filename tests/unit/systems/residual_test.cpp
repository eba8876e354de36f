// The residual as a system, through the transforms of a residual stream and back.
#include <gtest/gtest.h>

#include "planes.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/residual.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

using test::values;

TEST(ResidualSystem, AddsBackExactly) {
  World world(1 << 20);
  const auto a = test::picture_bytes(7, 9, 1);
  const auto b = test::picture_bytes(7, 9, 2);
  const EntityId e = world.spawn_image({a.data(), 7, 9, 3, 0});
  const EntityId other = world.spawn_image({b.data(), 7, 9, 3, 0});
  world.set(e, "ReconRGB", world.get(other, "RGB"));
  Pipe pipe(world, {e});
  pipe.to(Residual(), "Mine").to(ReversibleColor()).to(WaveletCDF53({.levels = 3}));
  pipe.to(WaveletCDF53Inverse()).to(ReversibleColorInverse());
  EXPECT_EQ(pipe.cursor(), "Mine");
  pipe.to(AddResidual({.residual = "Mine"}), "Sum");
  EXPECT_EQ(values<std::uint8_t>(world, e, "Sum"), a);
}

}  // namespace
}  // namespace vaerans
