// Grey and 16-bit pictures by the wavelet coder and the dial: kinds come back, steps mean the same, targets are met.
#include <gtest/gtest.h>

#include "api/seen.hpp"
#include "each_target.hpp"
#include "expect_error.hpp"
#include "golden.hpp"
#include "picture_kinds.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

const std::string kWaveletAt = "ycocg | cdf97(levels=6) | quantize_bands(step=";

Bytes compressed(const Image& picture, const std::string& step) {
  return compress(picture.view(), {.recipe = kWaveletAt + step + ") | ans(coder=mixing)"});
}

std::vector<Image> kinds_of(const test::SyntheticPicture& picture) {
  const Image grey = test::grey_of(picture), color = test::image_of(picture);
  return {grey, test::deep_of(grey, 77), test::deep_of(color, 77)};
}

void expect_kind(const Image& back, const Image& picture) {
  EXPECT_EQ(back.height, picture.height);
  EXPECT_EQ(back.width, picture.width);
  EXPECT_EQ(back.channels, picture.channels);
  EXPECT_EQ(back.dtype, picture.dtype);
  EXPECT_EQ(back.rgb.size(), picture.rgb.size());
}

TEST(BandKinds, EveryShapeComesBackTheSameOnEveryTarget) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 300U}, {200U, 1U}, {2U, 2U}, {7U, 5U}, {97U, 131U}}) {
    for (const Image& picture : kinds_of(test::scene(h, w))) {
      for (const char* step : {"2", "1, visual=true", "2, dependent=true, visual=true"}) {
        const Bytes file = compressed(picture, step);
        const Image back = decompress(file);
        expect_kind(back, picture);
        EXPECT_GE(psnr_of(picture.view(), back.view()), 37) << h << " x " << w << ", " << step;
        kernels::test::for_each_target([&] {
          EXPECT_EQ(compressed(picture, step), file);
          EXPECT_EQ(decompress(file).rgb, back.rgb);
        });
      }
    }
  }
}

// Three equal channels cost what one does, and look the same.
TEST(BandKinds, StepsOfGreyMeanWhatTheyDoInColor) {
  const auto picture = test::grey_scene(120, 100);
  const Image grey = test::grey_of(picture), color = test::image_of(picture);
  const Bytes one = compressed(grey, "9"), three = compressed(color, "9");
  EXPECT_NEAR(static_cast<double>(one.size()), static_cast<double>(three.size()), 50);
  EXPECT_NEAR(measure(grey.view(), decompress(one).view()).psnr, measure(color.view(), decompress(three).view()).psnr,
              0.2);
}

TEST(BandKinds, StepsOfDeepSamplesMeanWhatTheyDoInEightBits) {
  const Image picture = test::image_of(test::scene(120, 100));
  const Bytes plain = compressed(picture, "9"), deep = compressed(test::deep_of(picture), "9");
  EXPECT_NEAR(static_cast<double>(deep.size()), static_cast<double>(plain.size()), 4);
  const Image back = decompress(deep);
  EXPECT_NEAR(measure(test::deep_of(picture).view(), back.view()).psnr,
              measure(picture.view(), decompress(plain).view()).psnr, 0.2);
}

// What 8 bits cannot tell: errors of less than half an 8-bit level.
TEST(BandKinds, FineStepsReachBelowEightBits) {
  const Image picture = test::deep_of(test::image_of(test::scene(60, 80)), 77);
  EXPECT_GE(psnr_of(picture.view(), decompress(compressed(picture, "0.4")).view()), 64);
}

TEST(BandKinds, TheDialTakesThem) {
  for (const Image& picture : kinds_of(test::noise_picture(90, 120))) {
    std::size_t bytes = 0;
    double quality = 0;
    for (const double wanted : {30.0, 60.0, 85.0}) {
      const Bytes file = compress(picture.view(), {.quality = wanted});
      const Image back = decompress(file);
      expect_kind(back, picture);
      const double now = measure(picture.view(), back.view()).ssimulacra2;
      EXPECT_GT(file.size(), bytes);
      EXPECT_GT(now, quality);
      bytes = file.size(), quality = now;
    }
    EXPECT_TRUE(file_info(compress(picture.view(), {.quality = 100})).lossless);
  }
}

TEST(BandKinds, TargetsAreMet) {
  for (const Image& picture : kinds_of(test::scene(90, 120))) {
    const Bytes sized = compress(picture.view(), {.target_bytes = 2500});
    EXPECT_LE(sized.size(), 2500U);
    EXPECT_GE(sized.size(), 2400U);
    const Image seen = decompress(compress(picture.view(), {.psnr = 40}));
    const double psnr = psnr_of(picture.view(), seen.view());
    EXPECT_GE(psnr, 40);
    EXPECT_LE(psnr, 40.5);
    const Image scored = decompress(compress(picture.view(), {.ssimulacra2 = 70}));
    EXPECT_GE(measure(picture.view(), scored.view()).ssimulacra2, 70);
  }
}

TEST(BandKinds, GenerousTargetsAreLossless) {
  const Image picture = test::grey_of(test::scene(90, 120));
  EXPECT_EQ(decompress(compress(picture.view(), {.target_bytes = 90 * 120})).rgb, picture.rgb);
}

TEST(BandKinds, ModelsAndResidualsRefuse) {
  const Image picture = test::grey_of(test::scene(64, 64));
  EXPECT_ERROR(image_unsupported, "takes 8-bit RGB; 'RGB' is a grey picture",
               (void)compress(picture.view(), {.mode = "model", .model = "photo-f8c4"}));
  EXPECT_ERROR(image_unsupported, "grey",
               (void)compress(picture.view(), {.quality = 60, .mode = "wavelet", .lossless = true}));
  EXPECT_TRUE(takes_any_picture({}));
  EXPECT_TRUE(takes_any_picture({.mode = "wavelet"}));
  EXPECT_TRUE(takes_any_picture({.recipe = "ycocg | cdf97 | quantize_bands | ans"}));
  EXPECT_FALSE(takes_any_picture({.mode = "model"}));
  EXPECT_FALSE(takes_any_picture({.recipe = "rct | quantize | ans"}));
  EXPECT_FALSE(takes_any_picture({.quality = 60, .lossless = true}));
}

// VAERANS_REGENERATE_GOLDEN=1 rewrites the files, which needs a reason and a line in CHANGELOG.md.
TEST(BandKinds, OldFilesStayReadable) {
  const auto kinds = kinds_of(test::scene(13, 11));
  const char* const names[] = {"bands-grey.vrs", "bands-deep-grey.vrs", "bands-deep.vrs"};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const Bytes now = compressed(kinds[i], "2, visual=true, dependent=true");
    const Bytes old = test::golden(names[i], now);
    EXPECT_EQ(old, now);
    EXPECT_GE(psnr_of(kinds[i].view(), decompress(old).view()), 37);
  }
}

}  // namespace
}  // namespace vaerans
