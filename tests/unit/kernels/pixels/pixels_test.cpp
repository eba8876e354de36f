#include "kernels/pixels/pixels.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "each_target.hpp"
#include "kernels/pixels/pixels_ref.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Pixels, PlanarWithPaddingAndStride) {
  // 2 x 3 pixels of 2 channels in rows of 8 bytes, the last two unused.
  const Bytes in{0, 100, 51, 110, 102, 120, 9, 9, 153, 130, 204, 140, 255, 150, 9, 9};
  std::vector<float> out(2 * 3 * 4);
  ASSERT_EQ(to_planar({in.data(), 2, 3, 2, 8}, 0, 255, 3, 4, out), Status::ok);
  EXPECT_EQ(out, (std::vector<float>{0,   51,  102, 102, 153, 204, 255, 255, 153, 204, 255, 255,  //
                                     100, 110, 120, 120, 130, 140, 150, 150, 130, 140, 150, 150}));
  Bytes back(16, 9);
  ASSERT_EQ(from_planar(out, 3, 4, 0, 255, {back.data(), 2, 3, 2, 8}), Status::ok);
  EXPECT_EQ(back, in);
}

TEST(Pixels, EveryByteSurvivesEveryUsualRange) {
  Bytes in(256);
  for (std::size_t i = 0; i < 256; ++i) in[i] = static_cast<std::uint8_t>(i);
  for (const auto& [lo, hi] : {std::pair{-1.0F, 1.0F}, {0.0F, 1.0F}, {-0.5F, 0.5F}, {0.0F, 255.0F}, {1.0F, -1.0F}}) {
    std::vector<float> planar(256);
    ASSERT_EQ(to_planar({in.data(), 16, 16, 1, 16}, lo, hi, 16, 16, planar), Status::ok);
    EXPECT_EQ(planar[0], lo);
    EXPECT_EQ(planar[255], hi);
    Bytes back(256);
    ASSERT_EQ(from_planar(planar, 16, 16, lo, hi, {back.data(), 16, 16, 1, 16}), Status::ok);
    EXPECT_EQ(back, in);
  }
}

TEST(Pixels, RoundsAwayClampsAndSwallowsNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> in{0.5F, 1.5F, 0.49F, -3, 254.5F, 999, nan, inf, -inf};
  Bytes out(in.size());
  ASSERT_EQ(from_planar(in, 1, in.size(), 0, 255, {out.data(), 1, in.size(), 1, in.size()}), Status::ok);
  EXPECT_EQ(out, (Bytes{1, 2, 0, 0, 255, 255, 0, 255, 0}));
}

TEST(Pixels, RefusesSizesThatDoNotFit) {
  Bytes image(12);
  std::vector<float> planes(12);
  const ImageView view{image.data(), 2, 2, 3, 6};
  EXPECT_EQ(to_planar(view, 0, 1, 1, 2, planes), Status::bad_argument);
  EXPECT_EQ(to_planar(view, 0, 1, 2, 3, planes), Status::bad_argument);
  EXPECT_EQ(to_planar({image.data(), 0, 2, 3, 6}, 0, 1, 2, 2, planes), Status::bad_argument);
  EXPECT_EQ(from_planar(planes, 1, 4, 0, 1, {image.data(), 2, 2, 3, 6}), Status::bad_argument);
  EXPECT_EQ(from_planar(std::span(planes).first(11), 2, 2, 0, 1, {image.data(), 2, 2, 3, 6}), Status::bad_argument);
}

TEST(Pixels, InterleavingIsItsOwnInverse) {
  const auto hwc = test::noise<std::int16_t>(7 * 11 * 3, 1);
  std::vector<std::int16_t> chw(hwc.size());
  std::vector<std::int16_t> back(hwc.size());
  hwc_to_chw(hwc.data(), chw.data(), 77, 3);
  EXPECT_EQ(chw[77 + 5], hwc[5 * 3 + 1]);
  chw_to_hwc(chw.data(), back.data(), 77, 3);
  EXPECT_EQ(back, hwc);
}

// ---- the scalar twins ------------------------------------------------------------------------------------------

constexpr std::array<std::size_t, 14> kWidths{1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 64, 65, 300};

// Floats of which some are beyond any pixel or no number.
std::vector<float> awkward(std::size_t n) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr std::array<float, 6> values{inf, -inf, std::numeric_limits<float>::quiet_NaN(), 0.5F / 255, -0.0F, 1e30F};
  test::Random random(n);
  std::vector<float> out(n);
  for (float& v : out)
    v = random.below(4) == 0 ? values[random.below(6)] : static_cast<float>(random.unit() * 1.4 - 0.2);
  return out;
}

TEST(PixelTwins, PlanesAndBack) {
  test::for_each_target([] {
    for (const std::size_t channels : {1U, 2U, 3U, 4U, 5U}) {
      for (const std::size_t w : kWidths) {
        const auto in = test::noise<std::uint8_t>(w * channels, w);
        std::vector<float> planes(w * channels), expected(w * channels);
        ASSERT_EQ(to_planar({in.data(), 1, w, channels, w * channels}, -1, 1.5F, 1, w, planes), Status::ok);
        row_to_planes_ref(in.data(), w, channels, {-1, 2.5F}, {expected.data(), w});
        ASSERT_EQ(planes, expected);
        const auto back_in = awkward(w * channels);
        Bytes out(w * channels), expected_out(w * channels);
        ASSERT_EQ(from_planar(back_in, 1, w, 0, 1, {out.data(), 1, w, channels, w * channels}), Status::ok);
        row_from_planes_ref({back_in.data(), w}, w, channels, {0, 1}, expected_out.data());
        ASSERT_EQ(out, expected_out);
      }
    }
  });
}

template <class T>
void expect_layout_twins() {
  for (const std::size_t channels : {1U, 2U, 3U, 4U, 5U, 16U}) {
    for (const std::size_t pixels : kWidths) {
      const auto in = test::noise<T>(pixels * channels, pixels);
      std::vector<T> out(in.size()), expected(in.size());
      hwc_to_chw(in.data(), out.data(), pixels, channels);
      hwc_to_chw_ref(in.data(), expected.data(), pixels, channels, pixels);
      ASSERT_EQ(out, expected) << pixels << " pixels of " << channels;
      chw_to_hwc(in.data(), out.data(), pixels, channels);
      chw_to_hwc_ref(in.data(), expected.data(), pixels, channels, pixels);
      ASSERT_EQ(out, expected) << pixels << " pixels of " << channels;
    }
  }
}

TEST(PixelTwins, Layouts) {
  test::for_each_target([] {
    expect_layout_twins<std::uint8_t>();
    expect_layout_twins<std::int16_t>();
    expect_layout_twins<std::int32_t>();
    expect_layout_twins<float>();
  });
}

TEST(PixelTwins, ResidualsAndLuma) {
  test::for_each_target([] {
    for (const std::size_t n : kWidths) {
      const auto a = test::noise<std::uint8_t>(4 * n, n);
      const auto b = test::noise<std::uint8_t>(4 * n, n + 1);
      std::vector<std::int16_t> difference(n), expected_difference(n);
      residual(a, b, difference);
      residual_ref(a, b, expected_difference);
      ASSERT_EQ(difference, expected_difference);
      Bytes out(n), expected(n);
      const auto wild = test::noise<std::int16_t>(n, n);
      ASSERT_EQ(add_residual(b, difference, out), add_residual_ref(b, difference, expected));
      ASSERT_EQ(out, expected);
      ASSERT_EQ(add_residual(b, wild, out), add_residual_ref(b, wild, expected));
      ASSERT_EQ(out, expected);
      for (const std::size_t channels : {3U, 4U}) {
        ASSERT_EQ(luma_bt601({a.data(), 1, n, channels, 4 * n}, out), Status::ok);
        luma_row_ref(a.data(), n, channels, expected.data());
        ASSERT_EQ(out, expected);
      }
    }
  });
}

// Every place of a vector is looked at.
TEST(PixelTwins, OneClampedValueIsSeen) {
  test::for_each_target([] {
    for (std::size_t at = 0; at < 70; ++at) {
      std::vector<std::int16_t> difference(70, 1);
      difference[at] = at % 2 == 0 ? 32767 : -300;
      Bytes out(70, 100);
      EXPECT_FALSE(add_residual(out, difference, out)) << at;
    }
  });
}

TEST(Residual, IsExact) {
  const auto a = test::noise<std::uint8_t>(1000, 1);
  const auto b = test::noise<std::uint8_t>(1000, 2);
  std::vector<std::int16_t> difference(1000);
  residual(a, b, difference);
  Bytes out = b;
  EXPECT_TRUE(add_residual(out, difference, out));  // in place
  EXPECT_EQ(out, a);
}

TEST(Residual, SaysWhereItDoesNotBelong) {
  Bytes out(2);
  EXPECT_TRUE(add_residual(Bytes{0, 255}, std::vector<std::int16_t>{255, -255}, out));
  EXPECT_FALSE(add_residual(Bytes{0, 255}, std::vector<std::int16_t>{-1, 0}, out));
  EXPECT_EQ(out, (Bytes{0, 255}));
  EXPECT_FALSE(add_residual(Bytes{7, 255}, std::vector<std::int16_t>{0, 32767}, out));
  EXPECT_EQ(out, (Bytes{7, 255}));
}

TEST(Luma, Bt601) {
  const Bytes rgb{255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30};
  Bytes out(5);
  ASSERT_EQ(luma_bt601({rgb.data(), 1, 5, 3, 15}, out), Status::ok);
  EXPECT_EQ(out, (Bytes{255, 76, 150, 29, 18}));
  EXPECT_EQ(luma_bt601({rgb.data(), 1, 5, 2, 10}, out), Status::bad_argument);
  EXPECT_EQ(luma_bt601({rgb.data(), 1, 5, 3, 15}, std::span(out).first(4)), Status::bad_argument);
}

}  // namespace
}  // namespace vaerans::kernels
