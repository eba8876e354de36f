#include "kernels/quantize/quantize.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "each_target.hpp"
#include "kernels/quantize/quantize_ref.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::int32_t kIntMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kIntMax = std::numeric_limits<std::int32_t>::max();

std::vector<std::uint8_t> affine(const std::vector<float>& x, float min, float scale) {
  std::vector<std::uint8_t> out(x.size());
  quantize_affine(x, min, scale, out);
  return out;
}

std::vector<std::int32_t> step(const std::vector<float>& x, float size, float rounding) {
  std::vector<std::int32_t> out(x.size());
  quantize_step(x, size, rounding, out);
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
  quantize_affine(x, 0, 1, 1023, out);
  EXPECT_EQ(out, (std::vector<std::uint16_t>{0, 3, 1023, 1023, 1023}));
  quantize_affine(x, 0, 1, 65535, out);
  EXPECT_EQ(out.back(), 65535);
}

TEST(Affine, ErrorIsHalfAStep) {
  const auto x = test::noise<float>(5000, 1);
  const Range r = min_max(x);
  const float scale = (r.max - r.min) / 255;
  const auto q = affine(x, r.min, scale);
  std::vector<float> back(x.size());
  dequantize<std::uint8_t>(q, 0, scale, r.min, back);
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
  quantize_step_int<std::int32_t>(x, 3, 1, q);
  EXPECT_EQ(q, (std::vector<std::int32_t>{0, 0, 1, 1, 0, -1, -1, 2, -715827883, 715827882}));
  quantize_step_int<std::int32_t>(x, 1, 0, q);
  EXPECT_EQ(q, (std::vector<std::int32_t>{0, 1, 2, 3, -1, -2, -3, 7, -kMaxIndex, kMaxIndex}));
  const std::vector<std::int16_t> narrow{-32768, 32767};
  quantize_step_int<std::int16_t>(narrow, 0, 0, q);  // a step below 1 counts as 1
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

TEST(Dequantize, FloatsAndShrink) {
  const std::vector<std::uint16_t> sym{0, 3, 4, 10};
  std::vector<float> out(4);
  dequantize<std::uint16_t>(sym, -3, 0.5F, 1, out);
  EXPECT_EQ(out, (std::vector<float>{-0.5F, 1, 1.5F, 4.5F}));
  dequantize_step<std::uint16_t>(sym, -3, 2, 0.25F, out);
  EXPECT_EQ(out, (std::vector<float>{-5.5F, 0, 1.5F, 13.5F}));
}

TEST(Dequantize, IntegersInvertAndWrap) {
  const auto x = test::noise<std::int16_t>(1000, 4);
  std::vector<std::int32_t> q(x.size());
  quantize_step_int<std::int16_t>(x, 1, 0, q);
  std::vector<std::uint16_t> sym(x.size());
  ASSERT_TRUE(to_symbols<std::uint16_t>(q, -32768, sym));
  std::vector<std::int16_t> back(x.size());
  dequantize_int<std::uint16_t, std::int16_t>(sym, -32768, 1, back);
  EXPECT_EQ(back, x);
  std::vector<std::int32_t> wide(x.size());
  dequantize_int<std::uint16_t, std::int32_t>(sym, kMaxIndex, kIntMax, wide);  // no undefined behaviour
}

TEST(Step, ReturnsTheRangeOfWhatItWrote) {
  const auto x = test::noise<float>(1000, 3);
  const auto range_of = [](const std::vector<std::int32_t>& q) { return std::pair(min_max(q).min, min_max(q).max); };
  std::vector<std::int32_t> q(x.size());
  const IntRange floats = quantize_step(x, 0.01F, 0.5F, q);
  EXPECT_EQ(std::pair(floats.min, floats.max), range_of(q));
  EXPECT_LT(floats.min, 0);
  const IntRange ints = quantize_step_int<std::int32_t>(test::noise<std::int32_t>(1000, 3), 1000, 0, q);
  EXPECT_EQ(std::pair(ints.min, ints.max), range_of(q));
  const IntRange none = quantize_step({}, 1, 0.5F, q);
  EXPECT_EQ(std::pair(none.min, none.max), std::pair(0, 0));
}

// ---- the scalar twins ------------------------------------------------------------------------------------------

constexpr std::array<std::size_t, 14> kSizes{0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 65, 1000};

// Numbers around the edges of rounding and saturation among ordinary ones.
std::vector<float> awkward(std::size_t n, std::uint64_t seed) {
  constexpr std::array<float, 16> values{0.0F, -0.0F, 0.5F, -0.5F, 1.5F,  0.49999997F, 254.5F,        255.5F,
                                         kInf, -kInf, kNan, -kNan, 1e30F, -1e30F,      1073741824.0F, 1e-45F};
  test::Random random(seed);
  std::vector<float> out(n);
  for (float& v : out)
    v = random.below(3) == 0 ? values[random.below(16)] : static_cast<float>(random.unit() * 600 - 99);
  return out;
}

template <class T>
std::vector<T> awkward_integers(std::size_t n, std::uint64_t seed) {
  using Limits = std::numeric_limits<T>;
  auto out = test::noise<T>(n, seed);
  for (std::size_t i = 0; i < n; i += 5) out[i] = i % 2 == 0 ? Limits::min() : Limits::max();
  for (std::size_t i = 3; i < n; i += 5) out[i] = static_cast<T>(out[i] % 1000);
  return out;
}

TEST(QuantizeTwins, Ranges) {
  test::for_each_target([] {
    for (const std::size_t n : kSizes) {
      auto x = test::noise<float>(n, n);
      for (std::size_t i = 0; i < n; ++i) {
        if (i % 3 == 0) x[i] = i % 2 == 0 ? 0.0F : -0.0F;  // among zeros, the first one seen counts
        x[i] = std::abs(x[i]) * (i % 3 == 0 ? x[i] : 1.0F);
      }
      if (n > 0) {
        const Range expected = min_max_ref(x);
        EXPECT_EQ(std::signbit(min_max(x).min), std::signbit(expected.min)) << n;
        EXPECT_EQ(min_max(x).min, expected.min);
        EXPECT_EQ(min_max(x).max, expected.max);
      }
      EXPECT_EQ(min_max(awkward(n, n)).finite, n == 0 || min_max_ref(awkward(n, n)).finite);
      const auto q = awkward_integers<std::int32_t>(n, n);
      EXPECT_EQ(min_max(q).min, min_max_ref(q).min);
      EXPECT_EQ(min_max(q).max, min_max_ref(q).max);
    }
  });
}

TEST(QuantizeTwins, Affine) {
  test::for_each_target([] {
    for (const std::size_t n : kSizes) {
      const auto x = awkward(n, n);
      for (const auto& [min, scale] : {std::pair{0.0F, 1.0F}, {-99.0F, 2.35F}, {1e-3F, 1e-30F}, {0.0F, kInf}}) {
        std::vector<std::uint8_t> bytes(n), expected_bytes(n);
        quantize_affine(x, min, scale, bytes);
        quantize_affine_ref(x, min, scale, expected_bytes);
        EXPECT_EQ(bytes, expected_bytes);
        std::vector<std::uint16_t> wide(n), expected_wide(n);
        quantize_affine(x, min, scale, 1023, wide);
        quantize_affine_ref(x, min, scale, 1023, expected_wide);
        EXPECT_EQ(wide, expected_wide);
      }
    }
  });
}

template <class T>
void expect_step_int_twin(std::size_t n) {
  const auto x = awkward_integers<T>(n, n);
  std::vector<std::int32_t> q(n), expected(n);
  for (const std::int32_t step : {0, 1, 2, 3, 7, 255, 65536, 1'000'000'007, kIntMax}) {
    for (const std::int32_t rounding : {0, 1, step / 2, std::max(step, 1) - 1, kIntMax}) {
      const IntRange range = quantize_step_int<T>(x, step, rounding, q);
      const IntRange expected_range = quantize_step_int_ref<T>(x, step, rounding, expected);
      ASSERT_EQ(q, expected) << "step " << step << " rounding " << rounding;
      ASSERT_EQ(range.min, expected_range.min);
      ASSERT_EQ(range.max, expected_range.max);
    }
  }
}

TEST(QuantizeTwins, Step) {
  test::for_each_target([] {
    for (const std::size_t n : kSizes) {
      const auto x = awkward(n, n);
      std::vector<std::int32_t> q(n), expected(n);
      for (const auto& [size, rounding] : {std::pair{1.0F, 0.5F}, {0.37F, 0.3F}, {1e-9F, 0.5F}}) {
        const IntRange range = quantize_step(x, size, rounding, q);
        const IntRange expected_range = quantize_step_ref(x, size, rounding, expected);
        ASSERT_EQ(q, expected);
        ASSERT_EQ(range.min, expected_range.min);
        ASSERT_EQ(range.max, expected_range.max);
      }
      expect_step_int_twin<std::int16_t>(n);
      expect_step_int_twin<std::int32_t>(n);
    }
  });
}

template <class Symbol>
void expect_symbol_twins(std::size_t n) {
  const auto sym = test::noise<Symbol>(n, n);
  std::vector<std::int32_t> q(sym.begin(), sym.end());
  for (const std::int32_t offset : {0, -1, 1, kIntMin}) {  // only the first fits everything
    std::vector<Symbol> out(n), expected(n);
    ASSERT_EQ(to_symbols<Symbol>(q, offset, out), to_symbols_ref<Symbol>(q, offset, expected));
    ASSERT_EQ(out, expected);
  }
  for (const std::int32_t offset : {0, -100, kMaxIndex, -kMaxIndex}) {
    std::vector<float> f(n), expected_f(n);
    dequantize<Symbol>(sym, offset, 0.37F, -3, f);
    dequantize_ref<Symbol>(sym, offset, 0.37F, -3, expected_f);
    ASSERT_EQ(f, expected_f);
    dequantize_step<Symbol>(sym, offset, 0.37F, 0.1F, f);
    dequantize_step_ref<Symbol>(sym, offset, 0.37F, 0.1F, expected_f);
    ASSERT_EQ(f, expected_f);
    std::vector<std::int16_t> i16(n), expected_i16(n);
    dequantize_int<Symbol, std::int16_t>(sym, offset, 77, i16);
    dequantize_int_ref<Symbol, std::int16_t>(sym, offset, 77, expected_i16);
    ASSERT_EQ(i16, expected_i16);
    std::vector<std::int32_t> i32(n), expected_i32(n);
    dequantize_int<Symbol, std::int32_t>(sym, offset, kIntMax, i32);
    dequantize_int_ref<Symbol, std::int32_t>(sym, offset, kIntMax, expected_i32);
    ASSERT_EQ(i32, expected_i32);
  }
}

TEST(QuantizeTwins, Symbols) {
  test::for_each_target([] {
    for (const std::size_t n : kSizes) {
      expect_symbol_twins<std::uint8_t>(n);
      expect_symbol_twins<std::uint16_t>(n);
    }
  });
}

// One index out of range is seen wherever it lies.
TEST(QuantizeTwins, OneMisfitIsSeen) {
  test::for_each_target([] {
    for (std::size_t at = 0; at < 70; ++at) {
      std::vector<std::int32_t> q(70, 3);
      std::vector<std::uint8_t> out(70);
      q[at] = at % 2 == 0 ? 256 : -1;
      EXPECT_FALSE(to_symbols<std::uint8_t>(q, 0, out)) << at;
    }
  });
}

TEST(Quantize, ShorterOutputsAreRespected) {
  const std::vector<float> x{1, 2, 3};
  std::vector<std::int32_t> out{7, 7};
  quantize_step(x, 1, 0.5F, std::span(out).first(1));
  EXPECT_EQ(out, (std::vector<std::int32_t>{1, 7}));
}

}  // namespace
}  // namespace vaerans::kernels
