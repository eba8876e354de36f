// Rates and PSNR met by the wavelet coder, and lossless where that is what they allow.
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

using test::SyntheticPicture;

ImageView view_of(const SyntheticPicture& picture) { return {picture.rgb.data(), picture.h, picture.w, 3, 0}; }

double psnr_of(const SyntheticPicture& a, const Bytes& file) { return test::psnr(a, decompress(file).rgb); }

TEST(DialFiles, SizesAreMetFromBelow) {
  const auto picture = test::scene(150, 200);
  double before = 0;
  for (const std::uint64_t bytes : {700U, 2000U, 9000U, 20000U}) {
    const Bytes file = compress(view_of(picture), {.target_bytes = bytes, .mode = "wavelet"});
    EXPECT_LE(file.size(), bytes);
    EXPECT_GE(static_cast<double>(file.size()), 0.97 * static_cast<double>(bytes));
    const double now = psnr_of(picture, file);
    EXPECT_GT(now, before);
    before = now;
  }
  EXPECT_ERROR(invalid_argument, "the least is",
               (void)compress(view_of(picture), {.target_bytes = 50, .mode = "wavelet"}));
}

TEST(DialFiles, ThePsnrIsMetByTheSmallestFile) {
  const auto picture = test::scene(150, 200);
  std::size_t before = 0;
  for (const double psnr : {27.0, 35.0, 44.0}) {
    const Bytes file = compress(view_of(picture), {.psnr = psnr, .mode = "wavelet"});
    EXPECT_GE(psnr_of(picture, file), psnr);
    EXPECT_LE(psnr_of(picture, file), psnr + 0.25);
    EXPECT_GT(file.size(), before);
    before = file.size();
  }
}

TEST(DialFiles, GenerousTargetsAreLossless) {
  const auto picture = test::scene(60, 70);
  const Bytes exact = compress(view_of(picture), {.lossless = true});
  EXPECT_EQ(compress(view_of(picture), {.bpp = 30, .mode = "auto"}), exact);
  EXPECT_EQ(compress(view_of(picture), {.psnr = 90, .mode = "auto"}), exact);
  EXPECT_EQ(compress(view_of(picture), {.quality = 100, .mode = "auto"}), exact);
  EXPECT_EQ(compress(view_of(picture), {.mode = "pixel"}), exact);
  const Bytes finest = compress(view_of(picture), {.bpp = 30, .mode = "wavelet"});
  EXPECT_GE(psnr_of(picture, finest), 55);
}

double score_of(const SyntheticPicture& picture, const Bytes& file) {
  return measure(view_of(picture), decompress(file).view()).ssimulacra2;
}

// In the wavelet coder: without a model, the dial is that.
TEST(DialFiles, BytesAndScoresRiseWithTheQuality) {
  const auto picture = test::scene(150, 200);
  std::size_t bytes = 0;
  double score = -100;
  for (int quality = 5; quality <= 95; quality += 10) {
    const Bytes file = compress(view_of(picture), {.quality = static_cast<double>(quality), .mode = "wavelet"});
    EXPECT_GT(file.size(), bytes) << quality;
    EXPECT_GT(score_of(picture, file), score) << quality;
    bytes = file.size();
    score = score_of(picture, file);
  }
}

TEST(DialFiles, SeenQualitiesAreMetByTheSmallestFile) {
  const auto picture = test::scene(150, 200);
  for (const double least : {40.0, 70.0, 88.0}) {
    const Bytes file = compress(view_of(picture), {.ssimulacra2 = least});
    EXPECT_GE(score_of(picture, file), least);
    EXPECT_LE(score_of(picture, file), least + 1);
  }
  for (const double least : {0.95, 0.99}) {
    const Bytes file = compress(view_of(picture), {.ms_ssim = least});
    const double now = measure(view_of(picture), decompress(file).view()).ms_ssim;
    EXPECT_GE(now, least);
    EXPECT_LE(1 - now, 0.99 * (1 - least) + 1e-3);
  }
}

TEST(DialFiles, WhatNoStepReachesIsToldWithTheNearest) {
  const auto picture = test::noise_picture(64, 64);
  EXPECT_ERROR(invalid_argument, "no step reaches an SSIMULACRA2 of 100.0, the most is ",
               (void)compress(view_of(picture), {.ssimulacra2 = 100, .mode = "wavelet"}));
  const Bytes exact = compress(view_of(picture), {.lossless = true});
  EXPECT_EQ(compress(view_of(picture), {.ssimulacra2 = 100}), exact);
  EXPECT_ERROR(shape, "below 8 pixels", (void)compress(view_of(test::scene(7, 9)), {.ssimulacra2 = 50}));
  EXPECT_ERROR(shape, "below 11 pixels", (void)compress(view_of(test::scene(10, 9)), {.ms_ssim = 0.5}));
}

TEST(DialFiles, PicturesTooSmallToBeMeasuredHaveQualitiesToo) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {7U, 40U}, {8U, 8U}}) {
    const auto picture = test::scene(h, w);
    EXPECT_GT(psnr_of(picture, compress(view_of(picture), {.quality = 90})), 30) << h << " x " << w;
  }
}

TEST(DialFiles, WithoutAModelTheDialGoesOnAndSaysSo) {
  const auto picture = test::scene(100, 120);
  Trace trace;
  Context context;
  context.trace = &trace;
  const Bytes file = compress(view_of(picture), {.quality = 20}, context);
  const std::vector<TraceRecord> records = trace.records();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().system, "dial");
  ASSERT_EQ(records.back().notes.size(), 1U);
  const Bytes wavelet = compress(view_of(picture), {.quality = 20, .mode = "wavelet"});
  EXPECT_LE(file.size(), wavelet.size());
  EXPECT_GE(score_of(picture, file), score_of(picture, wavelet));
  EXPECT_ERROR(model_not_found, "nonesuch",
               (void)compress(view_of(picture), {.quality = 20, .mode = "auto", .model = "nonesuch"}));
}

TEST(DialFiles, TuneDecidesWhatIsGood) {
  const auto picture = test::scene(150, 200);
  const Bytes seen = compress(view_of(picture), {.bpp = 1, .mode = "wavelet"});
  const Bytes psnr = compress(view_of(picture), {.bpp = 1, .mode = "wavelet", .tune = "psnr"});
  EXPECT_GT(psnr_of(picture, psnr), psnr_of(picture, seen));
  EXPECT_ERROR(bad_parameter, "tune is visual or psnr", (void)compress(view_of(picture), {.tune = "eyes"}));
}

TEST(DialFiles, ATargetIsOfTheWaveletCoder) {
  const auto picture = test::scene(16, 16);
  EXPECT_ERROR(bad_parameter, "mode wavelet or auto", (void)compress(view_of(picture), {.psnr = 30, .mode = "model"}));
  EXPECT_ERROR(bad_parameter, "PSNR is above 0", (void)compress(view_of(picture), {.psnr = -1}));
  EXPECT_ERROR(bad_parameter, "at most 100", (void)compress(view_of(picture), {.ssimulacra2 = 101}));
  EXPECT_ERROR(bad_parameter, "MS-SSIM is above 0", (void)compress(view_of(picture), {.ms_ssim = 0}));
  EXPECT_ERROR(bad_parameter, "no digest", (void)compress(view_of(picture), {.psnr = 30, .digest = true}));
}

}  // namespace
}  // namespace vaerans
