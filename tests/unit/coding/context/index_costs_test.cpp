// What one index more costs the context coder, by the prior of residuals.
#include "coding/context/index_costs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

/// Bands of a residual whose indices are all between -amplitude and amplitude.
struct Bands {
  World world{64 << 20};
  std::vector<Subband> subbands;
  std::shared_ptr<const EntropyPrior> prior;
  std::vector<std::int32_t> indices;
  std::vector<std::byte> memory;

  explicit Bands(int amplitude) {
    const EntityId entity = world.new_entity();
    const TensorRef ref = world.arena().alloc_tensor({48, 64, 3}, DType::i16);
    std::ranges::fill(world.arena().view<std::int16_t>(ref), std::int16_t{0});
    world.set_tensor(entity, "Residual", Kind::difference, ref);
    Pipe(world, {entity}).select("Residual").to(ReversibleColor()).to(WaveletCDF53({.levels = 3}));
    const Component& bands = world.get(entity, "WaveletPyr");
    subbands = subbands_of(bands.spec);
    prior = prior_of(bands.trail);
    std::mt19937 random(5);
    for (std::size_t i = 0; i < bands.spec.shape.elements(); ++i)
      indices.push_back(static_cast<int>(random() % static_cast<unsigned>(2 * amplitude + 1)) - amplitude);
    memory.resize(rises_work_bytes(subbands));
  }
  /// The mean rise of the bits from index `floor` to the next.
  [[nodiscard]] double rise(std::int32_t floor) {
    const Pyramid pyramid{subbands, prior, Workspace(memory)};
    const std::vector<std::int32_t> floors(indices.size(), floor);
    std::vector<float> rises(indices.size());
    rises_in_bits(pyramid, indices, floors, rises);
    double sum = 0;
    for (const float rise : rises) sum += static_cast<double>(rise);
    return sum / static_cast<double>(rises.size());
  }
};

TEST(IndexCosts, AmongZerosEveryStepAwayFromZeroIsDear) {
  Bands zeros(0);
  EXPECT_GT(zeros.rise(0), 2);
  EXPECT_LT(zeros.rise(-1), -2);
  EXPECT_GT(zeros.rise(1), 0);
}

TEST(IndexCosts, AmongLargeIndicesOneMoreHardlyCounts) {
  Bands noise(200);
  EXPECT_LT(std::abs(noise.rise(0)), 0.3);
  EXPECT_GT(noise.rise(600), 0);
}

TEST(IndexCosts, StepsAddUp) {
  Bands some(3);
  const std::vector<std::int32_t> kept = some.indices;
  const double up = some.rise(0) + some.rise(1) + some.rise(2), down = some.rise(-3) + some.rise(-2) + some.rise(-1);
  EXPECT_NEAR(up, -down, 0.2) << "the same magnitude costs about the same on both sides";
  EXPECT_EQ(some.indices, kept);
}

}  // namespace
}  // namespace vaerans
