#include "kernels/arrays/restore.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "each_target.hpp"
#include "kernels/arrays/restore_ref.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

constexpr std::size_t kSizes[] = {1, 2, 3, 15, 16, 17, 33, 64, 130};

template <class Out>
bool same(const std::vector<Out>& a, const std::vector<Out>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(Out)) == 0;
}

template <class Symbol, class Out>
void expect_twins() {
  const auto symbols = test::noise<Symbol>(130 * 130, 3);
  const auto steps = test::noise<float>(130, 4), centers = test::noise<float>(130, 5);
  for (const std::size_t n : kSizes) {
    const std::span<const Symbol> in(symbols.data(), n);
    std::vector<Out> out(n), expected(n);
    restore(in, 128, {0.037F, -1.7F}, out.data());
    restore_ref(in, 128, {0.037F, -1.7F}, expected.data());
    ASSERT_TRUE(same(out, expected)) << n;
    restore_columns(in, 128, steps.data(), centers.data(), out.data());
    restore_columns_ref(in, 128, steps.data(), centers.data(), expected.data());
    ASSERT_TRUE(same(out, expected)) << n;
  }
  for (const std::size_t h : kSizes) {
    for (const std::size_t w : kSizes) {
      HaarBands<const Symbol> bands{{}, h, w};
      std::size_t at = 0;
      for (std::size_t b = 0; b < 4; at += HaarBands<Symbol>::band_size(b++, h, w)) bands.band[b] = symbols.data() + at;
      std::vector<Out> out(h * w), expected(h * w);
      restore_haar(bands, 128, {0.0191F, 0.3F}, out.data());
      restore_haar_ref(bands, 128, {0.0191F, 0.3F}, expected.data());
      ASSERT_TRUE(same(out, expected)) << h << " x " << w;
    }
  }
}

TEST(Restore, EqualsItsTwinOnEveryTarget) {
  test::for_each_target([] {
    expect_twins<std::uint8_t, float>();
    expect_twins<std::uint8_t, Half>();
    expect_twins<std::uint8_t, Brain>();
    expect_twins<std::uint16_t, float>();
    expect_twins<std::uint16_t, Half>();
    expect_twins<std::uint16_t, Brain>();
  });
}

TEST(Restore, EveryHalfThatIsAMultipleOfAStepComesOutOnEveryTarget) {
  // The subnormal ones, too, and what rounds beyond the largest becomes infinite.
  test::for_each_target([] {
    std::vector<std::uint16_t> symbols(65536);
    for (std::size_t i = 0; i < symbols.size(); ++i) symbols[i] = static_cast<std::uint16_t>(i);
    for (const float step : {0x1p-26F, 0x1.234p-24F, 0x1p-10F, 2.5F}) {
      std::vector<Half> out(symbols.size());
      restore<std::uint16_t, Half>(symbols, 32768, {step, 0}, out.data());
      for (std::size_t i = 0; i < out.size(); ++i) {
        ASSERT_EQ(out[i].bits, to_half((static_cast<float>(i) - 32768.0F) * step)) << i << " x " << step;
      }
    }
  });
}

template <class Out>
void expect_rotated_twins() {
  for (const std::size_t channels : {1U, 2U, 3U, 16U, 63U, 64U}) {
    const auto matrix = test::noise<std::int8_t>(channels * channels, 7);
    std::vector<Affine> affines;
    for (const float v : test::noise<float>(channels, 8)) affines.push_back({v / 128, 3 * v});
    for (const std::size_t n : kSizes) {
      std::vector<Whole> in;
      for (const std::int16_t v : test::noise<std::int16_t>(channels * n, n)) in.push_back({v});
      std::vector<Out> out(in.size()), expected(in.size());
      restore_rotated(in.data(), channels, n, matrix.data(), affines.data(), out.data());
      restore_rotated_ref(in.data(), channels, n, 0, matrix.data(), affines.data(), expected.data());
      ASSERT_TRUE(same(out, expected)) << channels << " x " << n;
    }
  }
}

TEST(Restore, RotatedChannelsEqualTheirTwinOnEveryTarget) {
  test::for_each_target([] {
    expect_rotated_twins<float>();
    expect_rotated_twins<Half>();
    expect_rotated_twins<Brain>();
  });
}

TEST(Restore, WholeNumbersAreTheIntegersThemselves) {
  test::for_each_target([] {
    const auto symbols = test::noise<std::uint16_t>(300, 9);
    std::vector<Whole> out(symbols.size());
    restore<std::uint16_t, Whole>(symbols, 32768, {}, out.data());
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i].value, symbols[i] - 32768);
    const auto bytes = test::noise<std::uint8_t>(33 * 70, 10);
    HaarBands<const std::uint8_t> bands{{}, 33, 70};
    std::size_t at = 0;
    for (std::size_t b = 0; b < 4; at += HaarBands<float>::band_size(b++, 33, 70)) bands.band[b] = bytes.data() + at;
    std::vector<Whole> split(33 * 70), expected(33 * 70);
    restore_haar(bands, 128, {}, split.data());
    restore_haar_ref(bands, 128, {}, expected.data());
    ASSERT_TRUE(same(split, expected));
  });
}

TEST(HaarSplit, EqualsItsTwinAndIsUndone) {
  test::for_each_target([] {
    for (const std::size_t h : kSizes) {
      for (const std::size_t w : kSizes) {
        const auto plane = test::noise<float>(h * w, h + 200 * w);
        std::vector<float> split(h * w), expected(h * w);
        HaarBands<float> bands{{}, h, w}, others{{}, h, w};
        std::size_t at = 0;
        for (std::size_t b = 0; b < 4; at += HaarBands<float>::band_size(b++, h, w)) {
          bands.band[b] = split.data() + at;
          others.band[b] = expected.data() + at;
        }
        ASSERT_EQ(at, h * w);
        haar_split(plane.data(), 0.25F, bands);
        haar_split_ref(plane.data(), 0.25F, others);
        ASSERT_EQ(split, expected) << h << " x " << w;
        for (std::size_t y = 0; y < h; ++y) {
          for (std::size_t x = 0; x < w; ++x) {
            const std::size_t low = (w + 1) / 2, high = w / 2, v = y / 2, u = x / 2;
            const bool right = u < high, below = 2 * v + 1 < h;
            const float sign_x = x % 2 != 0 ? -1 : 1, sign_y = y % 2 != 0 ? -1 : 1;
            float sum = bands.band[0][v * low + u];
            if (right) sum += sign_x * bands.band[1][v * high + u];
            if (below) sum += sign_y * bands.band[2][v * low + u];
            if (right && below) sum += sign_x * sign_y * bands.band[3][v * high + u];
            ASSERT_NEAR(sum / 2 + 0.25F, plane[y * w + x], 1e-6F);
          }
        }
      }
    }
  });
}

TEST(Numbers, BrainRoundsToTheNearest) {
  EXPECT_EQ(from_float<Brain>(1.0F).bits, 0x3F80);
  EXPECT_EQ(from_float<Brain>(1.00390625F).bits, 0x3F80);  // half-way, to the even one
  EXPECT_EQ(from_float<Brain>(1.01171875F).bits, 0x3F82);  // half-way, to the even one
  EXPECT_EQ(from_float<Brain>(std::numeric_limits<float>::max()).bits, 0x7F80);
  EXPECT_EQ(to_float(Brain{0xC020}), -2.5F);
}

TEST(Widen, IsExactOnEveryTarget) {
  test::for_each_target([] {
    std::vector<Half> halves;
    for (std::uint32_t i = 0; i < 65536; ++i) {
      if ((i & 0x7C00U) != 0x7C00U) halves.push_back({static_cast<std::uint16_t>(i)});
    }
    std::vector<float> out(halves.size());
    widen(std::span<const Half>(halves), out.data());
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], from_half(halves[i].bits)) << halves[i].bits;
  });
}

}  // namespace
}  // namespace vaerans::kernels
