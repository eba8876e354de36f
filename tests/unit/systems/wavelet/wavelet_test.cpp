// Wavelets as systems: shapes, subbands and exactness. The kernels have their own tests.
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "planes.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

using test::planes;
using test::values;

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

TEST(WaveletCDF97System, RoundTripsEverySize) {
  for (std::uint64_t h = 1; h <= 11; ++h) {
    for (std::uint64_t w = 1; w <= 11; ++w) {
      World world(1 << 20);
      const EntityId e = planes<float>(world, {2, h, w}, 2, 4);
      const auto before = values<float>(world, e, "Latent4");
      Pipe(world, {e}).to(WaveletCDF97({.levels = 5})).to(WaveletCDF97Inverse());
      const auto after = values<float>(world, e, "Latent4");
      for (std::size_t k = 0; k < after.size(); ++k) ASSERT_NEAR(after[k], before[k], 2e-5) << h << " x " << w;
    }
  }
  World world(1 << 20);
  const EntityId e = planes<std::int16_t>(world, {1, 4, 4}, 1, 9);
  EXPECT_ERROR(dtype, "f32 (for cdf97)", Pipe(world, {e}).to(WaveletCDF97()));
}

// Constants pass into LL alone, at the gain of an orthonormal transform: 2 a level.
TEST(WaveletCDF97System, ConstantsAreLowPassAlone) {
  World world(1 << 20);
  const EntityId e = planes<float>(world, {1, 16, 16}, 1, 0);
  for (float& v : world.arena().view<float>(world.get(e, "Latent4").data)) v = 72;
  Pipe(world, {e}).to(WaveletCDF97({.levels = 2}));
  const auto bands = values<float>(world, e, "WaveletPyr");
  for (std::size_t i = 0; i < 256; ++i) EXPECT_NEAR(bands[i], i < 16 ? 4 * 72.0 : 0.0, 2e-3) << i;
}

}  // namespace
}  // namespace vaerans
