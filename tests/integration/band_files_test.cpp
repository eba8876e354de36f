// Pictures as files of the wavelet coder: every shape, the same bytes and pixels everywhere.
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "each_target.hpp"
#include "expect_error.hpp"
#include "golden.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/restore.hpp"

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

// The squared error of columns from `first` on, up to `last`.
double error_of(const SyntheticPicture& picture, const std::vector<std::uint8_t>& rgb, std::size_t first,
                std::size_t last) {
  double sum = 0;
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    const std::size_t x = i / 3 % picture.w;
    if (x >= first && x < last) sum += std::pow(picture.rgb[i] - rgb[i], 2);
  }
  return sum;
}

TEST(BandFiles, VisualStepsLeaveErrorsWhereThePictureIsBusy) {
  SyntheticPicture picture = test::noise_picture(96, 128);
  const SyntheticPicture quiet = test::scene(96, 128);
  for (std::size_t i = 0; i < picture.rgb.size(); ++i) {
    if (i / 3 % picture.w < 64) picture.rgb[i] = quiet.rgb[i];
  }
  const auto share = [&](const std::string& step) {
    const auto rgb = decompress(compressed(picture, step)).rgb;
    return error_of(picture, rgb, 0, 56) / error_of(picture, rgb, 72, 128);
  };
  EXPECT_LT(share("12, visual=true"), 0.7 * share("12"));
  EXPECT_LT(share("12, visual=true"), 0.9 * share("12, visual=true, masking=0"));
}

TEST(BandFiles, VisualStepsOfEveryShape) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 300U}, {200U, 1U}, {2U, 2U}, {7U, 5U}, {97U, 131U}}) {
    const auto picture = test::scene(h, w);
    const Bytes file = compressed(picture, "1, visual=true");
    const auto pixels = decompress(file).rgb;
    EXPECT_GE(psnr(picture, pixels), 40) << h << " x " << w;
    kernels::test::for_each_target([&] {
      EXPECT_EQ(compressed(picture, "1, visual=true"), file);
      EXPECT_EQ(decompress(file).rgb, pixels);
    });
  }
}

TEST(BandFiles, DependentIndicesOfEveryShape) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 300U}, {200U, 1U}, {2U, 2U}, {7U, 5U}, {97U, 131U}}) {
    const auto picture = test::noise_picture(h, w);
    for (const char* step : {"1, dependent=true", "3, dependent=true, visual=true"}) {
      const Bytes file = compressed(picture, step);
      const auto pixels = decompress(file).rgb;
      EXPECT_GE(psnr(picture, pixels), 34) << h << " x " << w;
      kernels::test::for_each_target([&] {
        EXPECT_EQ(compressed(picture, step), file);
        EXPECT_EQ(decompress(file).rgb, pixels);
      });
    }
  }
}

// As of photos; of drawings with hard edges they may take some percents more.
TEST(BandFiles, DependentIndicesTakeFewerBytesForAsGoodAPicture) {
  const auto picture = test::noise_picture(240, 200);
  for (const std::string step : {"6", "12", "30"}) {
    const Bytes alone = compressed(picture, step), together = compressed(picture, step + ", dependent=true");
    EXPECT_LT(together.size(), alone.size()) << step;
    EXPECT_GE(psnr(picture, decompress(together).rgb), psnr(picture, decompress(alone).rgb) - 0.15) << step;
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

// A dead zone instead of the coder's costs is quicker; at equal bytes it is never better.
TEST(BandFiles, MoreEffortIsNotWorseAtEqualBytes) {
  const auto picture = test::scene(120, 150);
  const ImageView view{picture.rgb.data(), picture.h, picture.w, 3, 0};
  for (const std::uint64_t bytes : {1500U, 4000U, 12000U}) {
    double quality = 0;
    for (const std::int64_t effort : {1, 2, 3, 5, 9}) {
      const Bytes file = compress(view, {.target_bytes = bytes, .mode = "wavelet", .tune = "psnr", .effort = effort});
      EXPECT_LE(file.size(), bytes);
      const double now = psnr(picture, decompress(file).rgb);
      EXPECT_GE(now, quality - 0.02) << bytes << ", effort " << effort;
      quality = now;
    }
  }
  EXPECT_NE(compress(view, {.step = 12, .mode = "wavelet", .effort = 1}),
            compress(view, {.step = 12, .mode = "wavelet", .effort = 3}));
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

TEST(BandFiles, TheDialRestoresWhereTimeIsNotSaved) {
  const auto picture = test::scene(60, 60);
  const auto recipe = [&](std::int64_t effort, double step) {
    const ImageView view{picture.rgb.data(), picture.h, picture.w, 3, 0};
    return file_info(compress(view, {.step = step, .mode = "wavelet", .effort = effort})).recipe;
  };
  EXPECT_NE(recipe(5, 8).find("ycocg | restore(strength=16, visual=true) | cdf97"), std::string::npos);
  EXPECT_NE(recipe(3, 32).find("restore(strength=48, visual=true)"), std::string::npos);
  EXPECT_EQ(recipe(1, 8).find("restore"), std::string::npos);
}

// Trials by size and by quality end in a file whose strength is that of its step.
TEST(BandFiles, SearchesRestoreByTheStepThatTheyFind) {
  const auto picture = test::scene(150, 120);  // smaller ones may do without
  const ImageView view{picture.rgb.data(), picture.h, picture.w, 3, 0};
  const std::string by_recipe = "ycocg | restore | cdf97 | quantize_bands | ans(coder=mixing)";
  for (const CompressOptions& how :
       {CompressOptions{.bpp = 1, .mode = "wavelet"}, CompressOptions{.psnr = 36, .mode = "wavelet"},
        CompressOptions{.ssimulacra2 = 60, .mode = "wavelet"}, CompressOptions{.quality = 70, .mode = "wavelet"},
        CompressOptions{.bpp = 1, .recipe = by_recipe}}) {
    const std::string found = file_info(compress(view, how)).recipe;
    const Pipeline chain = Pipeline::parse(found);
    for (const auto& step : chain.steps()) {
      if (const auto size = step.system->step()) {
        const auto strength = Restore()->with_step(*size)->recipe();
        EXPECT_NE(found.find(strength.substr(0, strength.size() - 1)), std::string::npos) << found;
      }
    }
  }
}

// VAERANS_REGENERATE_GOLDEN=1 rewrites the files, which needs a reason and a line in CHANGELOG.md.
TEST(BandFiles, OldFilesStayReadable) {
  const auto picture = test::scene(43, 51);
  const auto long_one = test::scene(20, 400);
  const Bytes tiles = compressed(long_one, "7, visual=true, dependent=true, tile=256");
  EXPECT_EQ(test::golden("bands-tiles.vrs", tiles), tiles);
  for (const auto& [name, small, step] : {std::tuple{"bands.vrs", true, "7"},
                                          {"bands-visual.vrs", false, "7, visual=true"},
                                          {"bands-dependent.vrs", false, "7, dependent=true"},
                                          {"bands-dependent-visual.vrs", true, "7, visual=true, dependent=true"}}) {
    const auto source = small ? test::scene(13, 11) : picture;
    const Bytes now = compressed(source, step);
    const Bytes old = test::golden(name, now);
    EXPECT_EQ(old, now);
    EXPECT_GE(psnr(source, decompress(old).rgb), 38);
  }
}

TEST(BandFiles, RestoredFilesStayReadable) {
  const auto picture = test::scene(15, 18);
  for (const auto& [name, options] :
       {std::pair{"bands-restored.vrs", "strength=37"}, {"bands-restored-visual.vrs", "strength=37, visual=true"}}) {
    const Bytes now = compress(ImageView{picture.rgb.data(), picture.h, picture.w, 3, 0},
                               {.recipe = std::string("ycocg | restore(") + options +
                                          ") | cdf97 | quantize_bands(step=20, dependent=true) | ans(coder=mixing)"});
    EXPECT_EQ(test::golden(name, now), now);
  }
}

}  // namespace
}  // namespace vaerans
