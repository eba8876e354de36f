#include "kernels/metrics/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "each_target.hpp"
#include "kernels/metrics/metrics_parts.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

// A picture and a noisy copy, by formulas that the oracles below used too:
// a = (5 x + 3 y + 40 c + 4 (x y mod 17)) mod 256, b = clip(a + (7 x + 13 y + 5 c) mod 23 - 11, 0, 255).
struct Pair {
  std::size_t h, w, c;
  std::vector<std::uint8_t> a, b;

  Pair(std::size_t height, std::size_t width, std::size_t channels) : h(height), w(width), c(channels) {
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t x = 0; x < w; ++x) {
        for (std::size_t k = 0; k < c; ++k) add(static_cast<int>(y), static_cast<int>(x), static_cast<int>(k));
      }
    }
  }
  void add(int y, int x, int k) {
    const int value = (5 * x + 3 * y + 40 * k + 4 * (x * y % 17)) % 256;
    a.push_back(static_cast<std::uint8_t>(value));
    b.push_back(static_cast<std::uint8_t>(std::clamp(value + (7 * x + 13 * y + 5 * k) % 23 - 11, 0, 255)));
  }
  [[nodiscard]] ImageView first() const { return {a.data(), h, w, c, w * c}; }
  [[nodiscard]] ImageView second() const { return {b.data(), h, w, c, w * c}; }
};

SsimResult ssim_of(ImageView a, ImageView b, SsimWindow window) {
  std::vector<double> scratch(ssim_scratch_size(a.width, window));
  return ssim(a, b, window, scratch);
}

MsSsimResult ms_ssim_of(ImageView a, ImageView b) {
  std::vector<double> scratch(ms_ssim_scratch_size(a.height, a.width));
  return ms_ssim(a, b, scratch);
}

// scikit-image 0.26.0: peak_signal_noise_ratio; structural_similarity(channel_axis=2), without and with
// gaussian_weights=True, sigma=1.5, use_sample_covariance=False.
TEST(Metrics, EqualScikitImage) {
  const Pair color(40, 48, 3);
  EXPECT_NEAR(psnr(color.first(), color.second()), 31.8154851860408, 1e-9);
  EXPECT_NEAR(ssim_of(color.first(), color.second(), SsimWindow::uniform7).value, 0.9755197742990335, 1e-9);
  EXPECT_NEAR(ssim_of(color.first(), color.second(), SsimWindow::gaussian11).value, 0.9730463527984462, 1e-9);
  const Pair grey(40, 48, 1);
  EXPECT_NEAR(psnr(grey.first(), grey.second()), 31.816577320928666, 1e-9);
  EXPECT_NEAR(ssim_of(grey.first(), grey.second(), SsimWindow::uniform7).value, 0.9744460748593691, 1e-9);
  EXPECT_NEAR(ssim_of(grey.first(), grey.second(), SsimWindow::gaussian11).value, 0.9716611017335296, 1e-9);
  const Pair tiny(7, 11, 1);
  EXPECT_NEAR(ssim_of(tiny.first(), tiny.second(), SsimWindow::uniform7).value, 0.9709912657491355, 1e-9);
}

// A NumPy transcription of Wang's msssim.m (scipy.ndimage.correlate with the 11 x 11 window, cropped by 5).
TEST(Metrics, MsSsimEqualsTheReference) {
  const Pair grey(181, 176, 1);
  EXPECT_NEAR(ms_ssim_of(grey.first(), grey.second()).value, 0.9977391922249563, 1e-9);
  EXPECT_EQ(ms_ssim_of(grey.first(), grey.second()).scales, 5U);
  const Pair color(181, 176, 3);
  EXPECT_NEAR(ms_ssim_of(color.first(), color.second()).value, 0.9977462257506192, 1e-9);
  const Pair small(100, 57, 1);
  EXPECT_NEAR(ms_ssim_of(small.first(), small.second()).value, 0.9963941613820481, 1e-9);
  EXPECT_EQ(ms_ssim_of(small.first(), small.second()).scales, 3U);
}

// ---- the scalar twins ------------------------------------------------------------------------------------------

SsimResult ssim_twin_of(ImageView a, ImageView b, SsimWindow window) {
  std::vector<double> scratch(ssim_scratch_size(a.width, window));
  return ssim_ref(a, b, window, scratch);
}

// Widths on both sides of the strips that the kernels work in; channels beyond eight fall back to the twin.
TEST(Metrics, SsimEqualsItsTwinOnEveryTarget) {
  for (const std::size_t channels : {1U, 2U, 3U, 4U, 8U, 9U}) {
    for (const std::size_t width : {7U, 8U, 11U, 12U, 13U, 18U, 19U, 40U, 95U, 96U, 97U, 266U, 267U, 300U}) {
      const Pair pair(channels % 2 == 0 ? 11 : 23, width, channels);
      for (const SsimWindow window : {SsimWindow::uniform7, SsimWindow::gaussian11}) {
        const SsimResult expected = ssim_twin_of(pair.first(), pair.second(), window);
        std::vector<double> values;
        test::for_each_target([&] {
          const SsimResult result = ssim_of(pair.first(), pair.second(), window);
          EXPECT_EQ(result.status, expected.status);
          EXPECT_NEAR(result.value, expected.value, 1e-12) << width << "x" << channels;
          values.push_back(result.value);
        });
        for (const double value : values) EXPECT_EQ(value, values[0]) << "targets differ";
      }
    }
  }
}

TEST(Metrics, MsSsimEqualsItsTwinOnEveryTarget) {
  for (const auto& [h, w, c] : {std::tuple{11U, 300U, 1U}, {23U, 22U, 2U}, {90U, 47U, 1U}, {185U, 181U, 3U}}) {
    const Pair pair(h, w, c);
    std::vector<double> scratch(ms_ssim_scratch_size(h, w));
    const MsSsimResult expected = ms_ssim_ref(pair.first(), pair.second(), scratch);
    std::vector<double> values;
    test::for_each_target([&] {
      const MsSsimResult result = ms_ssim_of(pair.first(), pair.second());
      EXPECT_EQ(result.scales, expected.scales);
      EXPECT_NEAR(result.value, expected.value, 1e-12) << h << "x" << w;
      values.push_back(result.value);
    });
    for (const double value : values) EXPECT_EQ(value, values[0]) << "targets differ";
  }
}

TEST(Metrics, SquaredErrorEqualsItsTwinOnEveryTarget) {
  const auto a = test::noise<std::uint8_t>(700'000, 1);
  const auto b = test::noise<std::uint8_t>(700'000, 2);
  const std::vector<std::uint8_t> black(700'000, 0);
  const std::vector<std::uint8_t> white(700'000, 255);
  test::for_each_target([&] {
    for (const std::size_t n : {0U, 1U, 15U, 16U, 31U, 32U, 33U, 63U, 64U, 65U, 1000U, 262'143U, 262'145U, 700'000U}) {
      EXPECT_EQ(parts::squared_error(a.data(), b.data(), n), parts::squared_error_ref(a.data(), b.data(), n)) << n;
      EXPECT_EQ(parts::squared_error(black.data(), white.data(), n), 65025U * n);
    }
  });
}

// Flat and extreme pictures: the largest sums, no variance at all.
TEST(Metrics, SsimOfExtremePictures) {
  const std::size_t side = 70;
  const std::vector<std::uint8_t> black(side * side, 0);
  const std::vector<std::uint8_t> white(side * side, 255);
  std::vector<std::uint8_t> checks(side * side);
  for (std::size_t i = 0; i < checks.size(); ++i) checks[i] = (i + i / side) % 2 == 0 ? 0 : 255;
  const auto view = [&](const std::vector<std::uint8_t>& v) { return ImageView{v.data(), side, side, 1, side}; };
  for (const SsimWindow window : {SsimWindow::uniform7, SsimWindow::gaussian11}) {
    for (const auto& [a, b] : {std::pair{&black, &white}, {&white, &white}, {&white, &checks}, {&checks, &checks}}) {
      const double expected = ssim_twin_of(view(*a), view(*b), window).value;
      test::for_each_target([&] { EXPECT_NEAR(ssim_of(view(*a), view(*b), window).value, expected, 1e-11); });
    }
  }
}

// ---- edges -----------------------------------------------------------------------------------------------------

TEST(Metrics, EqualImages) {
  const Pair pair(30, 31, 3);
  EXPECT_EQ(mse(pair.first(), pair.first()), 0);
  EXPECT_TRUE(std::isinf(psnr(pair.first(), pair.first())));
  EXPECT_NEAR(ssim_of(pair.first(), pair.first(), SsimWindow::uniform7).value, 1, 1e-12);
  EXPECT_NEAR(ms_ssim_of(pair.first(), pair.first()).value, 1, 1e-12);
}

TEST(Metrics, MseOfTheWorstCaseDoesNotOverflow) {
  const std::size_t side = 700;
  const std::vector<std::uint8_t> black(side * side, 0);
  const std::vector<std::uint8_t> white(side * side, 255);
  EXPECT_EQ(mse({black.data(), side, side, 1, side}, {white.data(), side, side, 1, side}), 65025);
  EXPECT_EQ(psnr({black.data(), side, side, 1, side}, {white.data(), side, side, 1, side}), 0);
}

TEST(Metrics, StridesDoNotCount) {
  const Pair pair(20, 24, 3);
  std::vector<std::uint8_t> padded(20 * 100, 77);
  for (std::size_t y = 0; y < 20; ++y) std::copy_n(pair.b.data() + y * 72, 72, padded.data() + y * 100);
  const ImageView view{padded.data(), 20, 24, 3, 100};
  EXPECT_EQ(mse(pair.first(), view), mse(pair.first(), pair.second()));
  EXPECT_EQ(ssim_of(pair.first(), view, SsimWindow::gaussian11).value,
            ssim_of(pair.first(), pair.second(), SsimWindow::gaussian11).value);
}

TEST(Metrics, RefusesWhatCannotBeCompared) {
  const Pair pair(12, 12, 3);
  const Pair other(12, 13, 3);
  const Pair tiny(6, 40, 1);
  EXPECT_TRUE(std::isnan(mse(pair.first(), other.first())));
  EXPECT_TRUE(std::isnan(mse({}, {})));
  EXPECT_EQ(ssim_of(pair.first(), other.first(), SsimWindow::uniform7).status, Status::bad_argument);
  EXPECT_EQ(ssim_of(tiny.first(), tiny.second(), SsimWindow::uniform7).status, Status::too_small);
  EXPECT_EQ(ms_ssim_of(tiny.first(), tiny.second()).status, Status::too_small);
  EXPECT_EQ(ssim(pair.first(), pair.second(), SsimWindow::uniform7, {}).status, Status::bad_argument);
  EXPECT_EQ(ms_ssim(pair.first(), pair.second(), {}).status, Status::bad_argument);
}

TEST(Metrics, OppositeImagesDoNotBreakThePowers) {
  Pair pair(64, 64, 1);
  for (std::size_t i = 0; i < pair.a.size(); ++i) pair.b[i] = static_cast<std::uint8_t>(255 - pair.a[i]);
  const MsSsimResult result = ms_ssim_of(pair.first(), pair.second());
  EXPECT_EQ(result.status, Status::ok);
  EXPECT_EQ(result.value, 0);  // anticorrelated: negative means count as 0
}

}  // namespace
}  // namespace vaerans::kernels
