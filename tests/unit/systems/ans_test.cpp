// Quantisers and the entropy coder as systems.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

std::vector<float> latent_values(World& world, EntityId e) {
  const auto view = world.arena().view<float>(world.get(e, "Latent4").data);
  return {view.begin(), view.end()};
}

double worst(const std::vector<float>& a, const std::vector<float>& b) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(double{a[i]} - b[i]));
  return out;
}

TEST(Quantize, StaysWithinHalfAStep) {
  for (const double step : {0.01, 0.3, 2.0}) {
    World world(1 << 22);
    const EntityId e = world.spawn_latent(test::noise(4 * 90, 1, 5), {4, 9, 10});
    Pipe(world, {e}).to(Quantize({.step = step})).to(Dequantize());
    EXPECT_LE(worst(latent_values(world, e), test::noise(4 * 90, 1, 5)), step / 2 * 1.0001);
  }
}

TEST(Quantize, DeadzoneZeroesMore) {
  World world(1 << 22);
  const float values[] = {0.59F, -0.59F, 0.61F, 1.5F};
  const EntityId e = world.spawn_latent(values, {1, 2, 2});
  Pipe(world, {e}).to(Quantize({.step = 1, .deadzone = 0.6})).to(Dequantize());
  EXPECT_EQ(latent_values(world, e), (std::vector<float>{0, 0, 1, 1}));
}

TEST(Quantize, BitsSpanEachSubband) {
  World world(1 << 22);
  auto values = test::noise(2 * 64, 1);
  for (std::size_t i = 64; i < 128; ++i) values[i] *= 100;
  const EntityId e = world.spawn_latent(values, {2, 8, 8});
  Pipe(world, {e}).to(Quantize({.bits = 12})).to(Dequantize());
  const auto back = latent_values(world, e);
  for (std::size_t i = 0; i < 64; ++i) ASSERT_NEAR(back[i], values[i], 2.0 / 4095 / 2 * 1.01);
  for (std::size_t i = 64; i < 128; ++i) ASSERT_NEAR(back[i], values[i], 200.0 / 4095 / 2 * 1.01);
}

// per_band has to be used band by band: a quiet channel beside a loud one keeps its precision.
TEST(QuantizeU8, PerBandIsReallyPerBand) {
  World world(1 << 22);
  auto values = test::noise(2 * 64, 1);
  for (std::size_t i = 64; i < 128; ++i) values[i] *= 1000;
  const EntityId fine = world.spawn_latent(values, {2, 8, 8});
  const EntityId coarse = world.spawn_latent(values, {2, 8, 8});
  Pipe(world, {fine}).to(QuantizeU8()).to(Dequantize());
  Pipe(world, {coarse}).to(QuantizeU8({.per_band = false})).to(Dequantize());
  const auto quiet = [&](EntityId e) {
    auto back = latent_values(world, e);
    back.resize(64);
    return worst(back, values);
  };
  EXPECT_LE(quiet(fine), 2.0 / 255 / 2 * 1.01);
  EXPECT_GT(quiet(coarse), 0.5);
  const auto& params = world.get(fine, "QuantParams");
  EXPECT_EQ(params.spec.shape, (Shape{2, 3}));
}

TEST(QuantizeU8, ConstantBandsAreExact) {
  World world(1 << 22);
  const std::vector<float> values(4 * 16, -3.25F);
  const EntityId e = world.spawn_latent(values, {4, 4, 4});
  Pipe(world, {e}).to(QuantizeU8()).to(ANSEncode()).to(ANSDecode()).to(Dequantize());
  EXPECT_EQ(latent_values(world, e), values);
}

TEST(QuantizeU8, InfinityNamesItsBand) {
  World world(1 << 22);
  auto values = test::noise(4 * 64, 1);
  values[64 * 3 + 1] = std::numeric_limits<float>::infinity();
  const EntityId e = world.spawn_latent(values, {4, 8, 8});
  EXPECT_ERROR(non_finite, "channel 3, level", Pipe(world, {e}).to(WaveletHaar({.levels = 1})).to(QuantizeU8()));
  EXPECT_ERROR(non_finite, "channel 3", Pipe(world, {e}).select("Latent4").to(Quantize()));
}

TEST(Quantize, TooFineAStepIsRefused) {
  World world(1 << 22);
  const EntityId e = world.spawn_latent(test::noise(64, 1, 1000), {1, 8, 8});
  EXPECT_ERROR(limit_exceeded, "use a larger step", Pipe(world, {e}).to(Quantize({.step = 1e-4})));
}

// ---- coder -------------------------------------------------------------------------------------------------------

EntityId symbols(World& world, const std::vector<std::uint16_t>& data, std::uint64_t channels) {
  std::vector<float> values(data.begin(), data.end());
  const EntityId e = world.spawn_latent(values, {channels, 1, data.size() / channels});
  Pipe(world, {e}).to(Quantize({.step = 1}));
  return e;
}

void round_trip(const std::vector<std::uint16_t>& data, std::uint64_t channels = 1) {
  World world(1 << 26);
  const EntityId e = symbols(world, data, channels);
  Pipe pipe(world, {e});
  pipe.select("SymbolsU8").to(ANSEncode()).to(ANSDecode()).to(Dequantize());
  const auto back = latent_values(world, e);
  ASSERT_TRUE(std::equal(back.begin(), back.end(), data.begin(), data.end()));
}

TEST(Ans, RoundTripsEveryKindOfData) {
  round_trip({0});
  round_trip({7});
  round_trip(std::vector<std::uint16_t>(1000, 3));
  round_trip({0, 65535});
  std::vector<std::uint16_t> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
  round_trip(all);
  std::vector<std::uint16_t> rare(100000, 5);
  rare[777] = 900;
  round_trip(rare);
  std::vector<std::uint16_t> mixed;
  for (std::size_t i = 0; i < 4000; ++i) mixed.push_back(static_cast<std::uint16_t>(i % 4 == 0 ? i % 300 : i % 3));
  round_trip(mixed, 4);
}

TEST(Ans, AMillionSymbolsCostTheEntropyOfTheirTables) {
  std::vector<std::uint16_t> data(1 << 20);
  std::mt19937 generator(1);
  for (auto& s : data) s = static_cast<std::uint16_t>(std::countl_zero(generator() | 1U) * 3 + generator() % 3);
  World world(1 << 27);
  const EntityId e = symbols(world, data, 1);
  Pipe(world, {e}).select("SymbolsU8").to(ANSEncode());
  const StreamInfo info = stream_info(world.get(e, "Bitstream"));
  ASSERT_EQ(info.n_symbols, data.size());
  const auto lowest = *std::min_element(data.begin(), data.end());
  double bits = 0;
  for (const auto s : data)
    bits -= std::log2(info.model.tables.at(0).probability(static_cast<std::uint32_t>(s - lowest)));
  const double payload = 8.0 * static_cast<double>(info.payload_bytes);
  EXPECT_LE(payload, bits * 1.001);
  EXPECT_GE(payload, bits * 0.9999) << "too good to be true";
}

TEST(Ans, EqualBandsShareATable) {
  std::vector<std::uint16_t> data;
  std::mt19937 generator(3);
  for (int i = 0; i < 4 * 300; ++i) data.push_back(static_cast<std::uint16_t>(generator() % 6));
  World world(1 << 22);
  const EntityId e = symbols(world, data, 4);
  Pipe(world, {e}).select("SymbolsU8").to(ANSEncode());
  EXPECT_EQ(stream_info(world.get(e, "Bitstream")).model.tables.size(), 1U);
}

TEST(Ans, DifferentBandsGetTheirOwn) {
  std::vector<std::uint16_t> data(20000, 0);
  std::mt19937 generator(3);
  for (std::size_t i = 10000; i < data.size(); ++i) data[i] = static_cast<std::uint16_t>(generator() % 200);
  World world(1 << 22);
  const EntityId e = symbols(world, data, 2);
  Pipe(world, {e}).select("SymbolsU8").to(ANSEncode());
  const StreamTables model = stream_info(world.get(e, "Bitstream")).model;
  EXPECT_NE(model.table_of_subband.at(0), model.table_of_subband.at(1));
}

}  // namespace
}  // namespace vaerans
