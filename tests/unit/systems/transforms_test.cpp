// Wavelets, Hadamard, colour and residual as systems: shapes, subbands and exactness. The kernels have their own tests.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/residual.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

template <typename T>
EntityId planes(World& world, const Shape& shape, unsigned seed, float scale) {
  const TensorRef ref = world.arena().alloc_tensor(shape, dtype_of<T>);
  const auto values = test::noise(shape.elements(), seed, scale);
  const auto view = world.arena().view<T>(ref);
  for (std::size_t i = 0; i < values.size(); ++i) view[i] = static_cast<T>(values[i]);
  const EntityId e = world.new_entity();
  world.set_tensor(e, "Latent4", Kind::planes, ref);
  return e;
}

template <typename T>
std::vector<T> values(World& world, EntityId e, const char* key) {
  const auto view = world.arena().view<T>(world.get(e, key).data);
  return {view.begin(), view.end()};
}

// Every size from 1 × 1 on, all types: the inverse gives back integers exactly and floats to rounding errors.
TEST(WaveletSystem, RoundTripsEverySize) {
  for (const char* name : {"cdf53", "haar"}) {
    for (std::uint64_t h = 1; h <= 9; ++h) {
      for (std::uint64_t w = 1; w <= 9; ++w) {
        World world(1 << 20);
        const EntityId i = planes<std::int16_t>(world, {2, h, w}, 1, 500);
        const EntityId f = planes<float>(world, {2, h, w}, 2, 4);
        const auto before_i = values<std::int16_t>(world, i, "Latent4");
        const auto before_f = values<float>(world, f, "Latent4");
        const EntityId both[] = {i, f};
        Pipe(world, {both, both + 2})
            .to(make_system(name, {{"levels", std::int64_t{5}}}))
            .to(make_system(std::string(name) + "_inverse"));
        EXPECT_EQ(values<std::int16_t>(world, i, "Latent4"), before_i) << name << h << "x" << w;
        const auto after = values<float>(world, f, "Latent4");
        // Four roundings of a value of magnitude 4 in each of the at most 4 levels and 2 directions.
        for (std::size_t k = 0; k < after.size(); ++k) ASSERT_NEAR(after[k], before_f[k], 4 * 4 * 8 * 0x1p-23) << name;
      }
    }
  }
}

TEST(WaveletSystem, SubbandsCoverEveryChannelOnce) {
  World world(1 << 20);
  const EntityId e = planes<float>(world, {3, 13, 10}, 1, 1);
  Pipe(world, {e}).to(WaveletCDF53({.levels = 2}));
  const Spec& spec = world.get(e, "WaveletPyr").spec;
  EXPECT_EQ(spec.shape, (Shape{3, 130}));
  ASSERT_EQ(spec.subbands.size(), 3U * 7);
  std::uint64_t next = 0;
  for (const Subband& s : spec.subbands) {
    EXPECT_EQ(s.offset, next);
    next += s.size();
  }
  EXPECT_EQ(next, 390U);
  EXPECT_EQ(spec.subbands[0].level, 2);
  EXPECT_EQ(spec.subbands[0].orientation, Orientation::LL);
  EXPECT_EQ(spec.subbands[4].level, 1);
  EXPECT_EQ(spec.subbands[4].orientation, Orientation::HL);
  EXPECT_EQ(spec.subbands[7].channel, 1U);
}

TEST(WaveletSystem, RefusesOtherTypes) {
  World world(1 << 20);
  const EntityId e = planes<std::uint8_t>(world, {1, 4, 4}, 1, 0);
  EXPECT_ERROR(dtype, "f32, i16 or i32", Pipe(world, {e}).to(WaveletCDF53()));
}

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
