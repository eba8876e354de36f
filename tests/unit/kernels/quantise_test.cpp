#include "kernels/quantise.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::int32_t kIntMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kIntMax = std::numeric_limits<std::int32_t>::max();

std::vector<std::uint8_t> affine(const std::vector<float>& x, float min, float scale) {
  std::vector<std::uint8_t> out(x.size());
  quantise_affine(x, min, scale, out);
  return out;
}

std::vector<std::int32_t> step(const std::vector<float>& x, float size, float rounding) {
  std::vector<std::int32_t> out(x.size());
  quantise_step(x, size, rounding, out);
  return out;
}

TEST(MinMax, FindsExtremesAnywhere) {
  for (std::size_t n : {1U, 2U, 15U, 16U, 17U, 100U}) {
    for (std::size_t at = 0; at < n; ++at) {
      std::vector<float> x(n, 0.5F);
      x[at] = -3;
      x[(at + 1) % n] = 9;
      const Range r = min_max(x);
      EXPECT_EQ(r.min, n == 1 ? 9 : -3);
      EXPECT_EQ(r.max, 9);
      EXPECT_TRUE(r.finite);
      for (const float bad : {kNan, -kNan, kInf, -kInf}) {
        x[at] = bad;
        EXPECT_FALSE(min_max(x).finite);
      }
    }
  }
  const Range empty = min_max(std::span<const float>{});
  EXPECT_TRUE(empty.finite);
  EXPECT_EQ(empty.max, 0);
}

TEST(MinMax, Integers) {
  const std::vector<std::int32_t> x{5, kIntMin, kIntMax, 0};
  EXPECT_EQ(min_max(x).min, kIntMin);
  EXPECT_EQ(min_max(x).max, kIntMax);
  EXPECT_EQ(min_max(std::span<const std::int32_t>{}).min, 0);
}

TEST(Affine, RoundsHalvesAwayAndClamps) {
  EXPECT_EQ(affine({0, 0.49F, 0.5F, 1.5F, 2.5F, 254.5F, 255, 300, -4}, 0, 1),
            (std::vector<std::uint8_t>{0, 0, 1, 2, 3, 255, 255, 255, 0}));
  EXPECT_EQ(affine({0.49999997F}, 0, 1)[0], 0);  // where adding 0.5 in float would round up
  EXPECT_EQ(affine({kNan, kInf, -kInf, 1e30F}, 0, 1), (std::vector<std::uint8_t>{0, 255, 0, 255}));
}

TEST(Affine, ConstantBandGivesZero) {
  EXPECT_EQ(affine({3, 3, 3}, 3, 0), (std::vector<std::uint8_t>{0, 0, 0}));
  EXPECT_EQ(affine({3, 4}, 3, kNan), (std::vector<std::uint8_t>{0, 0}));
}

TEST(Affine, SixteenBitLevels) {
  const std::vector<float> x{0, 3, 1023, 5000, 70000};
  std::vector<std::uint16_t> out(x.size());
  quantise_affine(x, 0, 1, 1023, out);
  EXPECT_EQ(out, (std::vector<std::uint16_t>{0, 3, 1023, 1023, 1023}));
  quantise_affine(x, 0, 1, 65535, out);
  EXPECT_EQ(out.back(), 65535);
}

TEST(Affine, ErrorIsHalfAStep) {
  const auto x = test::noise<float>(5000, 1);
  const Range r = min_max(x);
  const float scale = (r.max - r.min) / 255;
  const auto q = affine(x, r.min, scale);
  std::vector<float> back(x.size());
  dequantise<std::uint8_t>(q, 0, scale, r.min, back);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_LE(std::abs(back[i] - x[i]), scale / 2 * 1.0001F);
}

TEST(Step, DeadZoneAndSigns) {
  const std::vector<float> x{0, 0.4F, 0.6F, -0.4F, -0.6F, 1.49F, -1.5F, 2};
  EXPECT_EQ(step(x, 1, 0.5F), (std::vector<std::int32_t>{0, 0, 1, 0, -1, 1, -2, 2}));
  EXPECT_EQ(step(x, 1, 0.25F), (std::vector<std::int32_t>{0, 0, 0, 0, 0, 1, -1, 2}));
  EXPECT_EQ(step({5, -5}, 0.5F, 0.5F), (std::vector<std::int32_t>{10, -10}));
}

TEST(Step, SaturatesAndSwallowsNan) {
  EXPECT_EQ(step({1e30F, -1e30F, kInf, -kInf, kNan, -0.0F}, 1, 0.5F),
            (std::vector<std::int32_t>{kMaxIndex, -kMaxIndex, kMaxIndex, -kMaxIndex, 0, 0}));
}

TEST(Step, Integers) {
  const std::vector<std::int32_t> x{0, 1, 2, 3, -1, -2, -3, 7, kIntMin, kIntMax};
  std::vector<std::int32_t> q(x.size());
  quantise_step_int<std::int32_t>(x, 3, 1, q);
  EXPECT_EQ(q, (std::vector<std::int32_t>{0, 0, 1, 1, 0, -1, -1, 2, -715827883, 715827882}));
  quantise_step_int<std::int32_t>(x, 1, 0, q);
  EXPECT_EQ(q, (std::vector<std::int32_t>{0, 1, 2, 3, -1, -2, -3, 7, -kMaxIndex, kMaxIndex}));
  const std::vector<std::int16_t> narrow{-32768, 32767};
  quantise_step_int<std::int16_t>(narrow, 0, 0, q);  // a step below 1 counts as 1
  EXPECT_EQ(q[0], -32768);
  EXPECT_EQ(q[1], 32767);
}

TEST(Symbols, ShiftAndReportRange) {
  const std::vector<std::int32_t> q{-3, 0, 252};
  std::vector<std::uint8_t> bytes(3);
  EXPECT_TRUE(to_symbols<std::uint8_t>(q, -3, bytes));
  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{0, 3, 255}));
  EXPECT_FALSE(to_symbols<std::uint8_t>(q, -2, bytes));
  EXPECT_FALSE(to_symbols<std::uint8_t>(q, -4, bytes));
  std::vector<std::uint16_t> wide(3);
  EXPECT_TRUE(to_symbols<std::uint16_t>(q, -4, wide));
  EXPECT_FALSE(to_symbols<std::uint16_t>(std::vector<std::int32_t>{kIntMin, kIntMax, 0}, 0, wide));
}

TEST(Dequantise, FloatsAndShrink) {
  const std::vector<std::uint16_t> sym{0, 3, 4, 10};
  std::vector<float> out(4);
  dequantise<std::uint16_t>(sym, -3, 0.5F, 1, out);
  EXPECT_EQ(out, (std::vector<float>{-0.5F, 1, 1.5F, 4.5F}));
  dequantise_step<std::uint16_t>(sym, -3, 2, 0.25F, out);
  EXPECT_EQ(out, (std::vector<float>{-5.5F, 0, 1.5F, 13.5F}));
}

TEST(Dequantise, IntegersInvertAndWrap) {
  const auto x = test::noise<std::int16_t>(1000, 4);
  std::vector<std::int32_t> q(x.size());
  quantise_step_int<std::int16_t>(x, 1, 0, q);
  std::vector<std::uint16_t> sym(x.size());
  ASSERT_TRUE(to_symbols<std::uint16_t>(q, -32768, sym));
  std::vector<std::int16_t> back(x.size());
  dequantise_int<std::uint16_t, std::int16_t>(sym, -32768, 1, back);
  EXPECT_EQ(back, x);
  std::vector<std::int32_t> wide(x.size());
  dequantise_int<std::uint16_t, std::int32_t>(sym, kMaxIndex, kIntMax, wide);  // no undefined behaviour
}

TEST(Quantise, ShorterOutputsAreRespected) {
  const std::vector<float> x{1, 2, 3};
  std::vector<std::int32_t> out{7, 7};
  quantise_step(x, 1, 0.5F, std::span(out).first(1));
  EXPECT_EQ(out, (std::vector<std::int32_t>{1, 7}));
}

}  // namespace
}  // namespace vaerans::kernels
