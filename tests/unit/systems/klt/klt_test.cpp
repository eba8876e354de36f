// The Karhunen-Loève transform: the rotations it chooses, their side information, and the system.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "expect_error.hpp"
#include "kernels/klt/covariance.hpp"
#include "random_data.hpp"
#include "systems/klt/klt_rotations.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/klt.hpp"

namespace vaerans {
namespace {

using klt::Rotations;

/// (channels, h, w): noise that becomes weaker from channel to channel, and a part of the first and the one before.
std::vector<float> correlated(std::size_t channels, std::size_t plane, unsigned seed) {
  std::vector<float> out = test::noise(channels * plane, seed);
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < plane; ++i) {
      float& value = out[c * plane + i];
      value *= std::exp2(-0.1F * static_cast<float>(c)) * 4;
      if (c > 0) value += 0.2F * out[i] + 0.4F * out[(c - 1) * plane + i];
    }
  }
  return out;
}

std::vector<double> covariance_of(std::span<const float> values, std::size_t channels) {
  std::vector<double> out(channels * channels);
  kernels::covariance(values.data(), channels, values.size() / channels, out);
  return out;
}

double worst_correlation(const std::vector<double>& m, std::size_t n) {
  double worst = 0;
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      worst = std::max(worst, std::abs(m[a * n + b]) / std::sqrt(m[a * (n + 1)] * m[b * (n + 1)]));
    }
  }
  return worst;
}

TEST(KltRotations, Decorrelate) {
  for (const std::size_t channels : {2U, 3U, 4U, 16U, 32U}) {
    const auto latent = correlated(channels, 4096, 5);
    auto matrix = covariance_of(latent, channels);
    EXPECT_GT(worst_correlation(matrix, channels), 0.25);
    Rotations rotations;
    klt::choose_rotations(matrix, channels, 1U << 20, rotations);
    EXPECT_LT(rotations.size(), klt::max_rotations(channels)) << "it ended by itself";
    std::vector<float> out(latent.size());
    kernels::rotate_planes(latent.data(), out.data(), channels, 4096, rotations);
    // What is left comes from the rounding of the angles: 1/256 times the ratio of two channels' deviations.
    EXPECT_LT(worst_correlation(covariance_of(out, channels), channels), 0.08) << channels;
  }
}

TEST(KltRotations, AreOrthonormal) {
  const auto latent = correlated(8, 512, 6);
  auto matrix = covariance_of(latent, 8);
  Rotations rotations;
  klt::choose_rotations(matrix, 8, 1U << 20, rotations);
  ASSERT_FALSE(rotations.empty());
  // The rotations of a unit matrix are the rows of what they stand for.
  std::vector<float> unit(64, 0), rows(64);
  for (std::size_t i = 0; i < 8; ++i) unit[i * 9] = 1;
  kernels::rotate_planes(unit.data(), rows.data(), 8, 8, rotations);
  for (std::size_t a = 0; a < 8; ++a) {
    for (std::size_t b = 0; b < 8; ++b) {
      double dot = 0;
      for (std::size_t i = 0; i < 8; ++i) dot += double{rows[8 * a + i]} * rows[8 * b + i];
      EXPECT_NEAR(dot, a == b ? 1 : 0, 1e-5);
    }
  }
}

TEST(KltRotations, OnlyThoseThatPay) {
  const auto choose = [](double correlation, std::size_t samples) {
    std::vector<double> matrix{1, correlation, correlation, 1};
    Rotations rotations;
    klt::choose_rotations(matrix, 2, samples, rotations);
    return rotations.size();
  };
  EXPECT_EQ(choose(0.0, 1U << 30), 0U);
  EXPECT_EQ(choose(0.9, 1), 0U) << "one sample: about 1.2 bits for 8";
  EXPECT_EQ(choose(0.9, 100), 1U);
  EXPECT_EQ(choose(0.05, 1000), 0U) << "1.8 bits for 8";
  EXPECT_EQ(choose(0.05, 100000), 1U);
  EXPECT_EQ(choose(std::nan(""), 1000), 0U) << "NaN is for the quantiser to report";
}

TEST(KltRotations, SideInfoComeBack) {
  for (const std::size_t channels : {1U, 2U, 3U, 4U, 32U, 64U}) {
    Rotations all, back;
    for (std::size_t q = 1; q < channels; ++q) {
      for (std::size_t p = 0; p < q; ++p) {
        const auto t = static_cast<std::int16_t>(1 + (7 * all.size()) % kernels::kMaxHalfTangent);
        all.push_back({static_cast<std::uint8_t>(p), static_cast<std::uint8_t>(q),
                       static_cast<std::int16_t>(all.size() % 2 == 0 ? t : -t)});
      }
    }
    ByteBuffer side_info;
    klt::write_side_info(all, channels, side_info);
    klt::read_side_info(side_info, channels, back);
    EXPECT_EQ(back, all) << channels;
    klt::write_side_info({}, channels, side_info);
    EXPECT_EQ(side_info.size(), 1U);
    klt::read_side_info(side_info, channels, back);
    EXPECT_TRUE(back.empty());
  }
}

TEST(KltRotations, BadSideInfo) {
  const auto read = [](std::initializer_list<unsigned> bytes, std::size_t channels) {
    ByteBuffer side_info;
    for (const unsigned b : bytes) side_info.push_back(static_cast<std::byte>(b));
    Rotations out;
    klt::read_side_info(side_info, channels, out);
  };
  EXPECT_ERROR(corrupt_stream, "klt side information, bit 0: the data end too early", read({}, 4));
  EXPECT_ERROR(corrupt_stream, "more rotations", read({0b00000001, 0xFF, 0xFF}, 4));
  EXPECT_ERROR(corrupt_stream, "more rotations", read({0b10100000}, 1));
  EXPECT_ERROR(corrupt_stream, "a pair of channels", read({0b10111100, 0, 0}, 4));
  EXPECT_ERROR(corrupt_stream, "45 degrees", read({0b10100001, 0b11111110}, 4));
  EXPECT_ERROR(corrupt_stream, "left over", read({0b10000000, 0}, 4));
  EXPECT_ERROR(corrupt_stream, "padding", read({0b10000001}, 4));
}

EntityId spawn(World& world, std::size_t channels, std::uint64_t h, std::uint64_t w, unsigned seed) {
  return world.spawn_latent(correlated(channels, h * w, seed), {channels, h, w});
}

std::vector<float> values(World& world, EntityId e, const char* key) {
  const auto view = world.arena().view<float>(world.get(e, key).data);
  return {view.begin(), view.end()};
}

TEST(KltSystem, RoundTripsInBatches) {
  for (const std::size_t channels : {1U, 2U, 4U, 32U}) {
    World world(8 << 20);
    const std::vector<EntityId> ids{spawn(world, channels, 33, 17, 1), spawn(world, channels, 33, 17, 2)};
    std::vector<std::vector<float>> before;
    for (const EntityId e : ids) before.push_back(values(world, e, "Latent4"));
    Pipe pipe(world, ids);
    pipe.to(KLT());
    for (std::size_t i = 0; i < 2; ++i) {
      double energy = 0;
      for (const float x : values(world, ids[i], "YUVW4")) energy += double{x} * x;
      double wanted = 0;
      for (const float x : before[i]) wanted += double{x} * x;
      EXPECT_NEAR(energy / wanted, 1, 1e-5) << "orthonormal";
    }
    pipe.to(KLTInverse());
    for (std::size_t i = 0; i < 2; ++i) {
      const auto after = values(world, ids[i], "Latent4");
      for (std::size_t k = 0; k < after.size(); ++k) ASSERT_NEAR(after[k], before[i][k], 2e-5) << channels;
    }
  }
}

TEST(KltSystem, WhatIsRefused) {
  World world(1 << 20);
  const EntityId e = world.spawn_latent(std::vector<float>(65, 1.F), {65, 1, 1});
  EXPECT_ERROR(shape, "at most 64 channels, not 65", Pipe(world, {e}).to(KLT()));
  EXPECT_ERROR(bad_parameter, "'noise' is a number, 0 to 1, not -0.1", (void)KLT({.noise = -0.1}));
  EXPECT_ERROR(bad_parameter, "'noise' is a number, 0 to 1, not nan", (void)KLT({.noise = std::nan("")}));
}

}  // namespace
}  // namespace vaerans
