// Pictures as files of the wavelet coder: every shape, the same bytes and pixels everywhere.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "each_target.hpp"
#include "expect_error.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

using test::psnr;
using test::SyntheticPicture;

Bytes compressed(const SyntheticPicture& picture, const std::string& step, unsigned threads = 1) {
  Context context;
  context.threads = threads;
  return compress(ImageView{picture.rgb.data(), picture.h, picture.w, 3, 0},
                  {.recipe = "ycocg | cdf97(levels=6) | quantize_bands(step=" + step + ") | ans(coder=mixing)"},
                  context);
}

TEST(BandFiles, PicturesOfEveryShapeComeBack) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 300U}, {200U, 1U}, {2U, 2U}, {7U, 5U}, {97U, 131U}}) {
    for (const auto& picture : {test::scene(h, w), test::noise_picture(h, w), test::flat(h, w)}) {
      EXPECT_GE(psnr(picture, decompress(compressed(picture, "2")).rgb), 46) << h << " x " << w;
    }
  }
}

TEST(BandFiles, FinerStepsAreLargerAndBetter) {
  const auto picture = test::scene(120, 90);
  std::size_t size = 0;
  double quality = 0;
  for (const char* step : {"60", "20", "8", "3", "1"}) {
    const Bytes file = compressed(picture, step);
    const double now = psnr(picture, decompress(file).rgb);
    EXPECT_GT(file.size(), size);
    EXPECT_GT(now, quality);
    size = file.size();
    quality = now;
  }
}

TEST(BandFiles, ThreadsAndInstructionSetsGiveTheSameBytesAndPixels) {
  const auto picture = test::scene(75, 110);
  const Bytes file = compressed(picture, "10", 1);
  const auto pixels = decompress(file).rgb;
  EXPECT_EQ(compressed(picture, "10", 2), file);
  kernels::test::for_each_target([&] {
    EXPECT_EQ(compressed(picture, "10"), file);
    EXPECT_EQ(decompress(file).rgb, pixels);
  });
}

TEST(BandFiles, OtherCodersTakeTheSymbolsToo) {
  const auto picture = test::scene(60, 60);
  const auto with = [&](const char* coder) {
    return compress(ImageView{picture.rgb.data(), picture.h, picture.w, 3, 0},
                    {.recipe = std::string("ycocg | cdf97 | quantize_bands(step=6) | ans(coder=") + coder + ")"});
  };
  EXPECT_EQ(with("auto"), with("mixing"));
  EXPECT_EQ(decompress(with("static")).rgb, decompress(with("mixing")).rgb);
  EXPECT_LT(with("mixing").size(), with("static").size());
}

// VAERANS_REGENERATE_GOLDEN=1 rewrites the file, which needs a reason and a line in CHANGELOG.md.
TEST(BandFiles, OldFilesStayReadable) {
  const std::string path = VAERANS_TEST_DATA "/golden/bands.vrs";
  const auto picture = test::scene(13, 11);
  const Bytes now = compressed(picture, "7");
  if (std::getenv("VAERANS_REGENERATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(now.data()), static_cast<std::streamsize>(now.size()));
  }
  std::ifstream in(path, std::ios::binary);
  const Bytes old{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(old, now);
  EXPECT_GE(psnr(picture, decompress(old).rgb), 40);
}

}  // namespace
}  // namespace vaerans
