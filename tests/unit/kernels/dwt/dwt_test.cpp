#include "kernels/dwt/dwt.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "each_target.hpp"
#include "kernels/dwt/dwt_level.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

template <class T>
std::vector<T> forward(Wavelet wavelet, const std::vector<T>& in, std::uint32_t h, std::uint32_t w,
                       std::uint32_t levels) {
  std::vector<T> out(in.size());
  std::vector<T> scratch(dwt_scratch_size(h, w, false));
  EXPECT_EQ(dwt_forward<T>(wavelet, in.data(), out.data(), h, w, levels, scratch), Status::ok);
  return out;
}

template <class T>
std::vector<T> inverse(Wavelet wavelet, const std::vector<T>& in, std::uint32_t h, std::uint32_t w,
                       std::uint32_t levels) {
  std::vector<T> out(in.size());
  std::vector<T> scratch(dwt_scratch_size(h, w, false));
  EXPECT_EQ(dwt_inverse<T>(wavelet, in.data(), out.data(), h, w, levels, scratch), Status::ok);
  return out;
}

constexpr std::array kWavelets{Wavelet::cdf53, Wavelet::haar};

// ---- layout ----------------------------------------------------------------------------------------------------

TEST(DwtLayout, ClampsLevels) {
  EXPECT_EQ(clamp_levels(1, 1, 5), 0U);
  EXPECT_EQ(clamp_levels(0, 9, 5), 0U);
  EXPECT_EQ(clamp_levels(1, 2, 5), 1U);
  EXPECT_EQ(clamp_levels(8, 3, 9), 3U);
  EXPECT_EQ(clamp_levels(9, 3, 9), 4U);
  EXPECT_EQ(clamp_levels(512, 768, 4), 4U);
  EXPECT_EQ(clamp_levels(0xFFFFFFFFU, 1, 99), 32U);
}

TEST(DwtLayout, CoversEverySampleOnceInOrder) {
  for (std::uint32_t h = 1; h <= 33; ++h) {
    for (std::uint32_t w = 1; w <= 33; ++w) {
      for (std::uint32_t levels = 0; levels <= 7; ++levels) {
        std::array<SubbandExtent, kMaxBands> bands;
        const std::size_t n = band_layout(h, w, levels, bands);
        const std::uint32_t applied = clamp_levels(h, w, levels);
        ASSERT_EQ(n, band_count(applied));
        std::size_t offset = 0;
        for (std::size_t i = 0; i < n; ++i) {
          ASSERT_EQ(bands[i].offset, offset);
          offset += bands[i].size();
          const auto kind = i == 0 ? BandKind::ll : static_cast<BandKind>(1 + (i - 1) % 3);
          ASSERT_EQ(bands[i].kind, kind);
          ASSERT_EQ(bands[i].level, i == 0 ? applied : applied - (i - 1) / 3);
        }
        ASSERT_EQ(offset, std::size_t{h} * w);
      }
    }
  }
}

TEST(DwtLayout, RefusesWhatDoesNotFit) {
  std::array<SubbandExtent, 6> few;
  EXPECT_EQ(band_layout(8, 8, 2, few), 0U);
  EXPECT_EQ(band_layout(8, 8, 1, few), 4U);
  std::array<SubbandExtent, kMaxBands> bands;
  EXPECT_EQ(band_layout(1U << 16U, 1U << 16U, 1, bands), 0U);
  EXPECT_EQ(band_layout(0xFFFFFFFFU, 1, 40, bands), kMaxBands);

  std::vector<float> data(64);
  std::vector<float> scratch(dwt_scratch_size(8, 8, true));
  const std::span<float> shorter(scratch.data(), scratch.size() - 1);
  EXPECT_EQ(dwt_forward<float>(Wavelet::haar, data.data(), data.data(), 8, 8, 1, shorter), Status::bad_argument);
  EXPECT_EQ(dwt_inverse<float>(Wavelet::haar, data.data(), data.data(), 8, 8, 1, shorter), Status::bad_argument);
}

// ---- reconstruction --------------------------------------------------------------------------------------------

// Inputs at the edges of the type, where arithmetic wraps.
template <class T>
std::vector<T> extremes(std::size_t n, std::uint64_t seed) {
  constexpr std::array<T, 5> values{std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T{0}, T{-1}, T{1}};
  test::Random random(seed);
  std::vector<T> out(n);
  for (T& v : out) v = values[random.below(5)];
  return out;
}

template <class T>
void expect_round_trip(const std::vector<T>& in, std::uint32_t h, std::uint32_t w, std::uint32_t levels) {
  for (const Wavelet wavelet : kWavelets) {
    const std::vector<T> back = inverse(wavelet, forward(wavelet, in, h, w, levels), h, w, levels);
    if constexpr (std::is_integral_v<T>) {
      ASSERT_EQ(back, in) << h << "x" << w << " levels " << levels;
    } else {
      for (std::size_t i = 0; i < in.size(); ++i) ASSERT_NEAR(back[i], in[i], 2e-6) << h << "x" << w;
    }
  }
}

TEST(Dwt, ReconstructsEverySize) {
  for (std::uint32_t h = 1; h <= 33; ++h) {
    for (std::uint32_t w = 1; w <= 33; ++w) {
      const std::size_t n = std::size_t{h} * w;
      for (std::uint32_t levels = 0; levels <= 6; ++levels) {
        expect_round_trip(test::noise<float>(n, n + levels), h, w, levels);
        expect_round_trip(test::noise<std::int16_t>(n, n + levels), h, w, levels);
        expect_round_trip(test::noise<std::int32_t>(n, n + levels), h, w, levels);
        expect_round_trip(extremes<std::int16_t>(n, n), h, w, levels);
        expect_round_trip(extremes<std::int32_t>(n, n), h, w, levels);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Dwt, InPlaceEqualsOutOfPlace) {
  for (const Wavelet wavelet : kWavelets) {
    const auto in = test::noise<std::int16_t>(37 * 50, 3);
    const auto packed = forward(wavelet, in, 37, 50, 3);
    auto data = in;
    std::vector<std::int16_t> scratch(dwt_scratch_size(37, 50, true));
    ASSERT_EQ(dwt_forward<std::int16_t>(wavelet, data.data(), data.data(), 37, 50, 3, scratch), Status::ok);
    EXPECT_EQ(data, packed);
    ASSERT_EQ(dwt_inverse<std::int16_t>(wavelet, data.data(), data.data(), 37, 50, 3, scratch), Status::ok);
    EXPECT_EQ(data, in);
  }
}

TEST(Dwt, Int16ResidualsNeverWrap) {
  // Within the range that the header promises, 16 and 32 bits agree.
  const std::uint32_t size = 128;
  test::Random random(5);
  std::vector<std::int16_t> narrow(size * size);
  for (auto& v : narrow) v = random.below(2) == 0 ? std::int16_t{-2048} : std::int16_t{2048};
  const std::vector<std::int32_t> wide(narrow.begin(), narrow.end());
  for (const Wavelet wavelet : kWavelets) {
    const auto a = forward(wavelet, narrow, size, size, 7);
    const auto b = forward(wavelet, wide, size, size, 7);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin()));
  }
}

// ---- the scalar twin -------------------------------------------------------------------------------------------

// Floats that are easily got wrong: what overflows, vanishes or is no number.
template <>
std::vector<float> extremes<float>(std::size_t n, std::uint64_t seed) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr std::array<float, 8> values{0.0F,  -0.0F,  inf,  -inf, std::numeric_limits<float>::quiet_NaN(),
                                        3e38F, 1e-44F, -1.0F};
  test::Random random(seed);
  std::vector<float> out(n);
  for (float& v : out) v = random.below(4) == 0 ? values[random.below(8)] : static_cast<float>(random.unit());
  return out;
}

// Equal in every bit, except that any NaN equals any other.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](T x, T y) {
    if constexpr (std::is_integral_v<T>) {
      return x == y;
    } else {
      return (std::isnan(x) && std::isnan(y)) || std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
    }
  });
}

template <class T>
void expect_twin(const std::vector<T>& in, std::uint32_t h, std::uint32_t w, std::uint32_t levels) {
  std::vector<T> scratch(dwt_scratch_size(h, w, false));
  std::vector<T> expected(in.size());
  for (const Wavelet wavelet : kWavelets) {
    ASSERT_EQ(dwt_forward_ref<T>(wavelet, in.data(), expected.data(), h, w, levels, scratch), Status::ok);
    ASSERT_TRUE(same_bits(forward(wavelet, in, h, w, levels), expected)) << h << "x" << w << " levels " << levels;
    ASSERT_EQ(dwt_inverse_ref<T>(wavelet, in.data(), expected.data(), h, w, levels, scratch), Status::ok);
    ASSERT_TRUE(same_bits(inverse(wavelet, in, h, w, levels), expected)) << h << "x" << w << " levels " << levels;
  }
}

template <class T>
void expect_twin_on_every_size() {
  constexpr std::array<std::uint32_t, 11> heights{1, 2, 3, 4, 5, 6, 7, 8, 13, 32, 67};
  for (const std::uint32_t h : heights) {
    for (std::uint32_t w = 1; w <= 140; w += w < 70 ? 1 : 3) {
      const std::size_t n = std::size_t{h} * w;
      expect_twin(test::noise<T>(n, n), h, w, 1);
      expect_twin(extremes<T>(n, n + 1), h, w, 3);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(Dwt, EqualsItsTwinOnEveryTarget) {
  test::for_each_target([] {
    expect_twin_on_every_size<float>();
    expect_twin_on_every_size<std::int16_t>();
    expect_twin_on_every_size<std::int32_t>();
  });
}

// Planes so large that rows are written past the caches; their odd width makes some rows aligned and others not.
template <class T>
void expect_large_twin(std::uint32_t h, std::uint32_t w) {
  ASSERT_GE(std::size_t{h} * w * sizeof(T), lifting::kStreamBytes);
  const auto in = test::noise<T>(std::size_t{h} * w, 7);
  std::vector<T> scratch(dwt_scratch_size(h, w, false));
  std::vector<T> packed(in.size());
  std::vector<T> back(in.size());
  ASSERT_EQ(dwt_forward_ref<T>(Wavelet::cdf53, in.data(), packed.data(), h, w, 2, scratch), Status::ok);
  ASSERT_EQ(dwt_inverse_ref<T>(Wavelet::cdf53, packed.data(), back.data(), h, w, 2, scratch), Status::ok);
  test::for_each_target([&] {
    EXPECT_TRUE(same_bits(forward(Wavelet::cdf53, in, h, w, 2), packed));
    EXPECT_TRUE(same_bits(inverse(Wavelet::cdf53, packed, h, w, 2), back));
  });
}

TEST(Dwt, LargePlanesEqualTheirTwinOnEveryTarget) {
  expect_large_twin<float>(2057, 4095);
  expect_large_twin<std::int16_t>(4100, 4099);
}

// ---- values ----------------------------------------------------------------------------------------------------

TEST(Dwt, ReversibleFilterByHand) {
  // d0 = 3 - floor((1 + 4) / 2) = 1, d1 = 9 - floor((4 + 4) / 2) = 5; s0 = 1 + floor((1 + 1 + 2) / 4) = 2,
  // s1 = 4 + floor((1 + 5 + 2) / 4) = 6.
  const std::vector<std::int32_t> in{1, 3, 4, 9};
  EXPECT_EQ(forward(Wavelet::cdf53, in, 1, 4, 1), (std::vector<std::int32_t>{2, 6, 1, 5}));
  EXPECT_EQ(forward(Wavelet::cdf53, in, 4, 1, 1), (std::vector<std::int32_t>{2, 6, 1, 5}));
  EXPECT_EQ(forward(Wavelet::haar, in, 1, 4, 1), (std::vector<std::int32_t>{2, 6, 2, 5}));
  // Negative numbers are floored: s0 = 0 + floor((-1 - 1 + 2) / 4), d0 = -1 - floor((0 - 1) / 2) = 0.
  EXPECT_EQ(forward(Wavelet::cdf53, std::vector<std::int32_t>{0, -1, -1}, 1, 3, 1),
            (std::vector<std::int32_t>{0, -1, 0}));
}

TEST(Dwt, SingleSamplesPassUnscaled) {
  const std::vector<float> row{3, 5};
  const auto out = forward(Wavelet::haar, row, 1, 2, 1);
  EXPECT_NEAR(out[0], 8 / std::sqrt(2.0), 1e-6);  // scaled once, in x only
  EXPECT_NEAR(out[1], 2 / std::sqrt(2.0), 1e-6);
  EXPECT_EQ(forward(Wavelet::cdf53, std::vector<float>{7}, 1, 1, 3), std::vector<float>{7});
}

TEST(Dwt, ConstantsGoToTheLowBand) {
  const std::vector<float> in(24 * 20, 3.0F);
  const auto out = forward(Wavelet::cdf53, in, 24, 20, 2);
  for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], i < 30 ? 12.0F : 0.0F);
}

// One level of z[y][x] = (3 x^2 + 5 y^2 + 7 x y) mod 32, 8x8, by PyWavelets 1.9.0: pywt.dwt2(z, name, mode='reflect'),
// rows and columns 1..4 (bior2.2, whose filters are longer) or 0..3 (haar) of LL = cA, HL = cV, LH = cH, HH = cD.
struct Pin {
  Wavelet wavelet;
  std::array<float, 16> ll, hl, lh, hh;
};
constexpr std::array<Pin, 2> kPins{{
    {Wavelet::cdf53,
     {-4, 40, 32, 35, 20, 40, 38, 34, 32, 28, 35, 16, 29, 16, 24, 46.875F},
     {-1, -9, -1, 1, 15, 7, 19, 15, 3, -5, 5, 1, 17, 9, -1, 9.25F},
     {1, -11, 5, -9, 1, 21, 9, -9, -7, 13, -5, -7, -9, 13, -1, 7.25F},
     {4, -4, 4, -8, 4, -4, -4, 0, -4, -12, 0, -8, 8, 0, 8, 19.5F}},
    {Wavelet::haar,
     {11.5F, 45.5F, 31.5F, 33.5F, 21.5F, 31.5F, 25.5F, 35.5F, 31.5F, 33.5F, 35.5F, 21.5F, 25.5F, 19.5F, 29.5F, 39.5F},
     {-6.5F, -2.5F, 1.5F, 5.5F, 11.5F, -0.5F, 19.5F, 7.5F, 13.5F, 1.5F, 5.5F, 9.5F, 15.5F, 3.5F, -8.5F, -4.5F},
     {-8.5F, -6.5F, -4.5F, -2.5F, 3.5F, 21.5F, 7.5F, -6.5F, -0.5F, 17.5F, -12.5F, -10.5F, -4.5F, 13.5F, -0.5F, 1.5F},
     {3.5F, -12.5F, 3.5F, -12.5F, 3.5F, 3.5F, 3.5F, 3.5F, -12.5F, -12.5F, 3.5F, -12.5F, 3.5F, 3.5F, 3.5F, 19.5F}},
}};

TEST(Dwt, EqualsPyWavelets) {
  std::vector<float> in;
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) in.push_back(static_cast<float>((3 * x * x + 5 * y * y + 7 * x * y) % 32));
  }
  for (const Pin& pin : kPins) {
    const auto out = forward(pin.wavelet, in, 8, 8, 1);
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_NEAR(out[i], pin.ll[i], 1e-5);
      EXPECT_NEAR(-out[16 + i], pin.hl[i], 1e-5);
      EXPECT_NEAR(-out[32 + i], pin.lh[i], 1e-5);
      EXPECT_NEAR(out[48 + i], pin.hh[i], 1e-5);
    }
  }
}

// ---- the adjoint of the inverse -------------------------------------------------------------------------------

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

// <x, inverse(y)> = <adjoint(x), y> is what an adjoint is.
TEST(DwtAdjoint, IsTheTransposeOfTheInverse) {
  for (const Wavelet wavelet : kWavelets) {
    for (const auto& [h, w] : {std::array{1U, 1U}, {1U, 9U}, {8U, 1U}, {2U, 2U}, {3U, 5U}, {16U, 24U}, {33U, 18U}}) {
      for (const std::uint32_t levels : {1U, 2U, 6U}) {
        const auto x = test::noise<float>(std::size_t{h} * w, 1), y = test::noise<float>(std::size_t{h} * w, 2);
        std::vector<float> adjoint(x.size()), scratch(x.size());
        ASSERT_EQ(dwt_inverse_adjoint(wavelet, x.data(), adjoint.data(), h, w, levels, scratch), Status::ok);
        EXPECT_NEAR(dot(x, inverse(wavelet, y, h, w, levels)), dot(adjoint, y), 1e-4 * static_cast<double>(x.size()))
            << h << " x " << w << ", " << levels << " levels";
      }
    }
  }
}

TEST(DwtAdjoint, RefusesWhatItHasNot) {
  const std::vector<float> x(12);
  std::vector<float> out(12), scratch(11);
  EXPECT_EQ(dwt_inverse_adjoint(Wavelet::cdf53, x.data(), out.data(), 3, 4, 1, scratch), Status::bad_argument);
  scratch.resize(12);
  EXPECT_EQ(dwt_inverse_adjoint(Wavelet::cdf97, x.data(), out.data(), 3, 4, 1, scratch), Status::bad_argument);
}

}  // namespace
}  // namespace vaerans::kernels
