// Slopes of every linear step: <x, inverse(y)> = <vjp(x), y> is what a vector-Jacobian product is.
#include <gtest/gtest.h>

#include <algorithm>

#include "test_data.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {
namespace {

using kernels::test::noise;

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

class Slopes : public ::testing::TestWithParam<const char*> {};

TEST_P(Slopes, AreTheTransposeOfTheInverse) {
  World world(64 << 20);
  const Shape shape{4, 11, 14};
  auto latent = noise<float>(shape.elements(), 1);
  for (std::size_t i = 0; i < 154; ++i) latent[i + 154] += 2 * latent[i];  // something for klt to turn
  const EntityId entity = world.spawn_latent(latent, shape);
  const Pipeline step = Pipeline::parse(GetParam());
  (void)step.run(world, {&entity, 1});
  const Component& given = world.get(entity, step.output_key());
  const auto x = noise<float>(shape.elements(), 2), y = noise<float>(shape.elements(), 3);
  ASSERT_TRUE(given.trail->system->has_vjp());
  std::vector<float> slopes(y.size());
  given.trail->system->vjp({*given.trail, world.arena().view<float>(given.data), x, slopes, {}});
  std::ranges::copy(y, world.arena().view<float>(given.data).begin());
  (void)pipeline_of(world, given).inverse().run_from(world, {&entity, 1}, step.output_key());
  EXPECT_NEAR(dot(x, world.arena().view<float>(world.get(entity, "Latent4").data)), dot(slopes, y), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Steps, Slopes, ::testing::Values("hadamard4", "klt", "cdf53(levels=3)", "haar(levels=2)"));

TEST(SlopesOfOthers, ThoseWithoutSaySo) {
  for (const char* const recipe : {"cdf97", "quantize(step=1)"}) {
    EXPECT_FALSE(Pipeline::parse(recipe).steps().front().system->has_vjp()) << recipe;
  }
}

}  // namespace
}  // namespace vaerans
