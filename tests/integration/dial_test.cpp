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

TEST(DialFiles, BytesAndPsnrRiseWithTheQuality) {
  const auto picture = test::scene(150, 200);
  std::size_t bytes = 0;
  double psnr = 0;
  for (int quality = 25; quality <= 100; quality += 5) {
    const Bytes file = compress(view_of(picture), {.quality = static_cast<double>(quality), .mode = "auto"});
    EXPECT_GT(file.size(), bytes) << quality;
    EXPECT_GT(psnr_of(picture, file), psnr) << quality;
    bytes = file.size();
    psnr = psnr_of(picture, file);
  }
}

TEST(DialFiles, APsnrIsOfTheWaveletCoder) {
  const auto picture = test::scene(16, 16);
  EXPECT_ERROR(bad_parameter, "mode wavelet or auto", (void)compress(view_of(picture), {.psnr = 30}));
  EXPECT_ERROR(bad_parameter, "PSNR is above 0", (void)compress(view_of(picture), {.psnr = -1, .mode = "auto"}));
}

}  // namespace
}  // namespace vaerans
