// The Hadamard transform as a system. The kernel has its own tests.
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "planes.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/hadamard.hpp"

namespace vaerans {
namespace {

using test::planes;
using test::values;

TEST(HadamardSystem, IsOrthonormalForEveryPowerOfTwo) {
  for (const std::uint64_t channels : {1U, 2U, 4U, 16U}) {
    World world(1 << 20);
    const EntityId e = planes<float>(world, {channels, 5, 3}, 3, 1);
    const auto before = values<float>(world, e, "Latent4");
    Pipe pipe(world, {e});
    pipe.to(Hadamard4());
    double energy = 0;
    for (const float x : values<float>(world, e, "YUVW4")) energy += double{x} * x;
    for (const float x : before) energy -= double{x} * x;
    EXPECT_NEAR(energy, 0, 1e-4);
    pipe.to(Hadamard4Inverse());
    const auto after = values<float>(world, e, "Latent4");
    for (std::size_t i = 0; i < after.size(); ++i) ASSERT_NEAR(after[i], before[i], 1e-6);
  }
}

TEST(HadamardSystem, FirstRowIsHalfTheSum) {
  World world(1 << 20);
  const float latent[] = {1, 2, 3, 4};
  const EntityId e = world.spawn_latent(latent, {4, 1, 1});
  Pipe(world, {e}).to(Hadamard4());
  EXPECT_EQ(values<float>(world, e, "YUVW4"), (std::vector<float>{5, -1, -2, 0}));
}

TEST(HadamardSystem, RefusesThreeChannels) {
  World world(1 << 20);
  EXPECT_ERROR(shape, "2^k channels, not 3", Pipe(world, {planes<float>(world, {3, 4, 4}, 1, 1)}).to(Hadamard4()));
}

}  // namespace
}  // namespace vaerans
