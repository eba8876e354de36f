#include "kernels/blur/blur.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "each_target.hpp"
#include "kernels/blur/blur_rows.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

std::vector<float> blurred(const std::vector<float>& in, std::size_t h, std::size_t w, double sigma) {
  std::vector<float> out(in.size());
  std::vector<float> scratch(blur_scratch_size(w, sigma));
  EXPECT_EQ(gaussian_blur(in.data(), out.data(), h, w, sigma, scratch), Status::ok);
  return out;
}

// SciPy 1.x: gaussian_filter(z, 1.5) for z[y][x] = (7 y + 11 x) mod 16, 5 x 6. The radius, 6, exceeds the image.
constexpr std::array<float, 30> kSciPy{
    6.076495F, 6.488223F, 6.967400F, 7.401724F, 7.893908F, 8.292629F, 6.648862F, 6.898075F, 7.253004F, 7.603598F,
    7.948042F, 8.207740F, 7.222529F, 7.254302F, 7.435540F, 7.671931F, 7.819087F, 7.884942F, 7.482661F, 7.331340F,
    7.355497F, 7.492563F, 7.474151F, 7.365399F, 7.565080F, 7.302335F, 7.224518F, 7.299276F, 7.180435F, 6.958714F};

TEST(Blur, EqualsSciPy) {
  std::vector<float> in;
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 6; ++x) in.push_back(static_cast<float>((7 * y + 11 * x) % 16));
  }
  const auto out = blurred(in, 5, 6, 1.5);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], kSciPy[i], 1e-5);
}

TEST(Blur, RadiusLikeSciPy) {
  EXPECT_EQ(blur_radius(0), 0U);
  EXPECT_EQ(blur_radius(0.1), 0U);
  EXPECT_EQ(blur_radius(1.5), 6U);
  EXPECT_EQ(blur_radius(2), 8U);
}

TEST(Blur, KeepsConstantsAndTinySigmaCopies) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 9U}, {9U, 1U}, {20U, 30U}}) {
    for (const float v : blurred(std::vector<float>(h * w, 7), h, w, 3)) ASSERT_NEAR(v, 7, 1e-5);
    const auto in = test::noise<float>(h * w, h);
    EXPECT_EQ(blurred(in, h, w, 0.1), in);
  }
}

TEST(Blur, RefusesBadArguments) {
  std::vector<float> data(16), out(16), scratch(blur_scratch_size(4, 1));
  const auto status = [&](double sigma, std::span<float> with) {
    return gaussian_blur(data.data(), out.data(), 4, 4, sigma, with);
  };
  EXPECT_EQ(status(1, scratch), Status::ok);
  EXPECT_EQ(status(1, std::span(scratch).first(3)), Status::bad_argument);
  EXPECT_EQ(status(-1, scratch), Status::bad_argument);
  EXPECT_EQ(status(1e9, scratch), Status::bad_argument);
  EXPECT_EQ(status(std::numeric_limits<double>::quiet_NaN(), scratch), Status::bad_argument);
}

TEST(Blur, ImagesByChannelInPlace) {
  const auto in = test::noise<std::uint8_t>(12 * 10 * 3, 4);
  auto data = in;
  const MutableImageView view{data.data(), 12, 10, 3, 30};
  std::vector<float> scratch(blur_image_scratch_size(12, 10, 1.2));
  ASSERT_EQ(gaussian_blur(as_const(view), view, 1.2, scratch), Status::ok);
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<float> plane;
    for (std::size_t i = 0; i < 120; ++i) plane.push_back(in[3 * i + c]);
    const auto expected = blurred(plane, 12, 10, 1.2);
    for (std::size_t i = 0; i < 120; ++i) ASSERT_NEAR(data[3 * i + c], expected[i], 0.501);
  }
}

// ---- the scalar twins ------------------------------------------------------------------------------------------

constexpr std::array<std::size_t, 9> kLengths{1, 2, 3, 15, 16, 17, 63, 65, 131};

template <class T>
void expect_column_twin(std::size_t length) {
  const auto in = test::noise<T>(5 * length, length);
  const auto weights = test::noise<float>(13, 1);  // their distance exceeds the height: mirrored more than once
  std::vector<float> out(length), expected(length);
  for (std::size_t y = 0; y < 5; ++y) {
    blurring::filter_columns<T>({in.data(), 5, length}, y, weights, out.data());
    blurring::filter_columns_ref<T>({in.data(), 5, length}, y, weights, expected.data());
    ASSERT_EQ(out, expected) << "row " << y << " of " << length;
  }
}

TEST(BlurTwins, RowsAndColumns) {
  test::for_each_target([] {
    for (const std::size_t n : kLengths) {
      expect_column_twin<float>(n);
      expect_column_twin<std::uint8_t>(n);
      const auto weights = test::noise<float>(7, n);
      std::vector<float> out(n), expected(n);
      for (const std::size_t step : {1U, 3U}) {
        const auto row = test::noise<float>(n + 12 * step, n);
        blurring::filter_row(row.data() + 6 * step, n, step, weights, out.data());
        blurring::filter_row_ref(row.data() + 6 * step, n, step, weights, expected.data());
        ASSERT_EQ(out, expected) << n << " step " << step;
      }
    }
  });
}

TEST(BlurTwins, RoundingToBytes) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  constexpr std::array<float, 8> values{0.5F, 254.5F, 300, -7, inf, -inf, std::numeric_limits<float>::quiet_NaN(), 9};
  test::for_each_target([&] {
    for (const std::size_t n : kLengths) {
      std::vector<float> row(n);
      for (std::size_t i = 0; i < n; ++i) row[i] = values[(i * 5 + n) % 8];
      std::vector<std::uint8_t> out(n), expected(n);
      blurring::round_to_bytes(row.data(), n, out.data());
      blurring::round_to_bytes_ref(row.data(), n, expected.data());
      ASSERT_EQ(out, expected);
    }
  });
}

// More channels than are filtered at once, and rows with a gap.
TEST(Blur, ManyChannelsAndStrides) {
  const std::size_t h = 9, w = 7, c = 11, stride = 90;
  const auto in = test::noise<std::uint8_t>(h * stride, 6);
  std::vector<std::uint8_t> out(in.size(), 99);
  std::vector<float> scratch(blur_image_scratch_size(h, w, 1.5));
  ASSERT_EQ(gaussian_blur({in.data(), h, w, c, stride}, {out.data(), h, w, c, stride}, 1.5, scratch), Status::ok);
  for (std::size_t channel = 0; channel < c; ++channel) {
    std::vector<float> plane;
    for (std::size_t i = 0; i < h * w; ++i) plane.push_back(in[i / w * stride + i % w * c + channel]);
    const auto expected = blurred(plane, h, w, 1.5);
    for (std::size_t i = 0; i < h * w; ++i) ASSERT_NEAR(out[i / w * stride + i % w * c + channel], expected[i], 0.501);
  }
  EXPECT_EQ(out[w * c], 99);  // the gap is left alone
}

}  // namespace
}  // namespace vaerans::kernels
