#include "core/chain/half_precision.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

const Shape kLatent{4, 64, 64};

std::uint64_t run(World& world, const Pipeline& chain, DType dtype, std::span<const EntityId> entities) {
  Context context;
  context.dtype = dtype;
  const std::uint64_t before = world.arena().used();
  (void)chain.run(world, entities, context);
  return world.arena().used() - world.arena().free() - before;
}

std::vector<EntityId> spawn(World& world) {
  std::vector<EntityId> out;
  for (unsigned i = 0; i < 3; ++i) {
    out.push_back(world.spawn_latent(test::noise(kLatent.elements(), i, 5), kLatent));
  }
  return out;
}

TEST(HalfPrecision, IsHalfAsWideBetweenSteps) {
  World full(32U << 20), half(32U << 20);
  const auto of_full = spawn(full), of_half = spawn(half);
  const Pipeline chain = Pipeline(Hadamard4()) | WaveletCDF53({.levels = 3});
  const std::uint64_t floats = run(full, chain, DType::f32, of_full), halves = run(half, chain, DType::f16, of_half);
  EXPECT_EQ(half.get(of_half[1], "YUVW4").spec.dtype, DType::f16);
  EXPECT_NEAR(static_cast<double>(halves), static_cast<double>(floats) / 2, static_cast<double>(floats) / 20);
}

TEST(HalfPrecision, LosesAThousandthAndNoMore) {
  World world(32U << 20);
  const auto entities = spawn(world);
  const Pipeline chain = Pipeline(Hadamard4()) | WaveletCDF53({.levels = 3});
  (void)run(world, chain, DType::f16, entities);
  Context context;
  context.dtype = DType::f16;
  (void)chain.inverse().run_from(world, entities, "WaveletPyr", context);
  const Component& back = world.get(entities[2], "Latent4");
  ASSERT_EQ(back.spec.dtype, DType::f16);
  std::vector<Component> one{back};
  (void)widen(world.arena(), one);
  const auto values = world.arena().view<float>(one[0].data);
  const auto source = test::noise(kLatent.elements(), 2, 5);
  double worst = 0;
  for (std::size_t i = 0; i < source.size(); ++i) worst = std::max(worst, std::abs(double{values[i]} - source[i]));
  EXPECT_GT(worst, 1e-5) << "it was rounded";
  EXPECT_LT(worst, 0.05);
}

TEST(HalfPrecision, SourcesStayAsTheyWereGivenAndParametersToo) {
  World world(32U << 20);
  const auto entities = spawn(world);
  (void)run(world, Pipeline(Hadamard4()) | Quantize({.step = 1}), DType::f16, entities);
  EXPECT_EQ(world.get(entities[0], "Latent4").spec.dtype, DType::f32);
  EXPECT_EQ(world.get(entities[0], "QuantParams").spec.dtype, DType::f32);
}

}  // namespace
}  // namespace vaerans
