// Pictures as metrics see them.
#include "api/seen.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"
#include "picture_kinds.hpp"

namespace vaerans {
namespace {

TEST(Seen, EightBitRgbIsNotCopied) {
  const Image picture = test::image_of(test::scene(5, 4));
  EXPECT_EQ(Seen(picture.view()).view().data, picture.rgb.data());
}

TEST(Seen, GreyBecomesThreeEqualChannels) {
  Image grey{1, 2, {7, 200}};
  grey.channels = 1;
  const Seen seen(grey.view());
  const ImageView view = seen.view();
  EXPECT_EQ(std::vector<std::uint8_t>(view.data, view.data + 6), (std::vector<std::uint8_t>{7, 7, 7, 200, 200, 200}));
}

TEST(Seen, DeepSamplesAreRounded) {
  const std::uint16_t samples[] = {0, 128, 129, 385, 386, 65535};  // 128 / 257 is just below a half
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(samples);
  const Seen seen({bytes, 1, 2, 3, 0, DType::u16});
  const ImageView view = seen.view();
  EXPECT_EQ(std::vector<std::uint8_t>(view.data, view.data + 6), (std::vector<std::uint8_t>{0, 0, 1, 1, 2, 255}));
}

TEST(Seen, RowsMayLieApart) {
  const std::vector<std::uint8_t> bytes{1, 9, 9, 2, 9, 9};
  const Seen seen({bytes.data(), 2, 1, 1, 3});
  EXPECT_EQ(seen.view().data[0], 1);
  EXPECT_EQ(seen.view().data[3], 2);
}

TEST(Seen, AlphaIsRefused) {
  const std::vector<std::uint8_t> bytes(8);
  EXPECT_ERROR(image_unsupported, "alpha", Seen({bytes.data(), 1, 2, 4}));
  EXPECT_ERROR(image_unsupported, "alpha", Seen({bytes.data(), 2, 2, 2}));
}

TEST(Seen, WhatIsNoPictureIsRefused) {
  const std::vector<std::uint8_t> bytes(48);
  EXPECT_ERROR(image_unsupported, "0 channels", Seen({bytes.data(), 2, 2, 0}));
  EXPECT_ERROR(image_unsupported, "5 channels", Seen({bytes.data(), 2, 2, 5}));
  EXPECT_ERROR(image_unsupported, "empty (0 x 2 pixels)", Seen({bytes.data(), 0, 2, 3}));
  EXPECT_ERROR(image_unsupported, "0 channels",
               (void)measure({bytes.data(), 2, 2, 3}, {bytes.data(), 2, 2, 0, 0, DType::u16}));
}

TEST(PsnrOf, CountsSixteenBitsWhereBothHaveThem) {
  const Image picture = test::image_of(test::scene(6, 6));
  const Image deep = test::deep_of(picture), other = test::deep_of(picture, 100);
  EXPECT_NEAR(psnr_of(deep.view(), other.view()), 20 * std::log10(65535.0 / 100), 0.2);
  EXPECT_EQ(psnr_of(deep.view(), picture.view()), INFINITY);  // as they are shown
  EXPECT_EQ(psnr_of(other.view(), other.view()), INFINITY);
}

TEST(Measure, TakesEveryKindWithoutAlpha) {
  const auto picture = test::grey_scene(40, 40);
  Image grey = test::grey_of(picture);
  const Image before = grey;
  for (std::size_t i = 0; i < grey.rgb.size(); i += 3) grey.rgb[i] ^= 8U;
  const Quality one = measure(before.view(), grey.view());
  const Quality deep = measure(test::deep_of(before).view(), test::deep_of(grey).view());
  EXPECT_NEAR(one.psnr, 10 * std::log10(65025 / (64 * 534.0 / 1600)), 1e-9);
  EXPECT_NEAR(deep.psnr, one.psnr, 1e-9);
  EXPECT_EQ(deep.ssimulacra2, one.ssimulacra2);
  EXPECT_EQ(measure(before.view(), test::image_of(picture).view()).psnr, INFINITY);
}

}  // namespace
}  // namespace vaerans
