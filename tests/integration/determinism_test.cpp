// The same bytes on every instruction set and with any number of threads: transforms, quantisers and coders together.
#include <gtest/gtest.h>

#include "each_target.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/klt.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/residual.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

/// Payloads and side information of everything that a chain made of its entities.
std::vector<std::vector<std::byte>> streams(World& world, std::span<const EntityId> entities) {
  std::vector<std::vector<std::byte>> out;
  for (const EntityId e : entities) {
    const Component& c = world.get(e, "Bitstream");
    const auto payload = std::as_bytes(world.arena().view<std::uint8_t>(c.data));
    out.emplace_back(payload.begin(), payload.end());
    for (const TrailStep* node = c.trail; node != nullptr; node = node->previous) {
      out.emplace_back(node->side_info.begin(), node->side_info.end());
    }
  }
  return out;
}

std::vector<std::vector<std::byte>> of_latents(const Pipeline& chain, unsigned threads) {
  World world(128 << 20);
  std::vector<EntityId> entities;
  for (unsigned i = 0; i < 8; ++i) {  // odd sizes, two shapes
    const std::uint64_t w = i % 2 == 0 ? 45 : 64;
    auto values = test::noise(4 * 37 * w, i, 8);
    for (std::size_t k = 37 * w; k < values.size(); ++k) values[k] += values[k - 37 * w] / 2;  // correlated channels
    entities.push_back(world.spawn_latent(values, {4, 37, w}));
  }
  Context context;
  context.threads = threads;
  (void)chain.run(world, entities, context);
  return streams(world, entities);
}

std::vector<std::vector<std::byte>> of_residuals(const Pipeline& chain, unsigned threads) {
  World world(128 << 20);
  std::vector<EntityId> entities;
  for (unsigned i = 0; i < 8; ++i) {
    const auto picture = test::picture_bytes(61, 83, i), other = test::picture_bytes(61, 83, i + 100);
    entities.push_back(world.spawn_image({picture.data(), 61, 83, 3, 0}));
    const EntityId base = world.spawn_image({other.data(), 61, 83, 3, 0});
    world.set(entities.back(), "ReconRGB", world.get(base, "RGB"));
  }
  Context context;
  context.threads = threads;
  (void)chain.run(world, entities, context);
  return streams(world, entities);
}

template <typename Run>
void expect_same_everywhere(Run run) {
  const auto wanted = run(1U);
  kernels::test::for_each_target([&] {
    for (const unsigned threads : {1U, 2U, 3U, 8U}) EXPECT_EQ(run(threads), wanted) << threads << " threads";
  });
}

TEST(Determinism, StaticCoder) {
  const Pipeline chain =
      Pipeline() | Hadamard4() | WaveletCDF53({.levels = 4}) | Quantize({.step = 0.7}) | ANSEncode({.coder = "static"});
  expect_same_everywhere([&](unsigned threads) { return of_latents(chain, threads); });
}

TEST(Determinism, RotationsOfTheChannels) {
  const Pipeline chain = Pipeline() | KLT() | WaveletCDF53({.levels = 4}) | Quantize({.step = 0.7}) | ANSEncode();
  expect_same_everywhere([&](unsigned threads) { return of_latents(chain, threads); });
}

TEST(Determinism, AffineQuantizerAndHaar) {
  const Pipeline chain = Pipeline() | Hadamard4() | WaveletHaar({.levels = 2}) | QuantizeU8() | ANSEncode();
  expect_same_everywhere([&](unsigned threads) { return of_latents(chain, threads); });
}

TEST(Determinism, ResidualsWithTheContextCoder) {
  const Pipeline chain = Pipeline() | Residual() | ReversibleColor() | WaveletCDF53({.levels = 5}) |
                         Quantize({.step = 1}) | ANSEncode({.coder = "context"});
  expect_same_everywhere([&](unsigned threads) { return of_residuals(chain, threads); });
}

}  // namespace
}  // namespace vaerans
