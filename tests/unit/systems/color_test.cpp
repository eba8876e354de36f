// The reversible colour transform as a system.
#include <gtest/gtest.h>

#include "planes.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/color.hpp"

namespace vaerans {
namespace {

using test::values;

// The colour transform has to survive the corners of the cube of differences.
TEST(ReversibleColorSystem, IsExactAtTheExtremes) {
  World world(1 << 20);
  const TensorRef ref = world.arena().alloc_tensor({1, 27, 3}, DType::i16);
  const auto view = world.arena().view<std::int16_t>(ref);
  constexpr std::int16_t kLevels[] = {-255, 0, 255};
  for (std::size_t i = 0; i < 27; ++i) {
    view[3 * i] = kLevels[i % 3];
    view[3 * i + 1] = kLevels[i / 3 % 3];
    view[3 * i + 2] = kLevels[i / 9];
  }
  const EntityId e = world.new_entity();
  world.set_tensor(e, "Residual", Kind::difference, ref);
  const auto before = values<std::int16_t>(world, e, "Residual");
  Pipe pipe(world, {e});
  pipe.to(ReversibleColor()).to(ReversibleColorInverse());
  EXPECT_EQ(values<std::int16_t>(world, e, "Residual"), before);
}

}  // namespace
}  // namespace vaerans
