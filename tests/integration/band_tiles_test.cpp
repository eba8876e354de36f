// Wavelet pictures in tiles: parts of them, rows of them, and what is left of damaged ones are the pixels of the whole.
#include <gtest/gtest.h>

#include <algorithm>

#include "each_target.hpp"
#include "expect_error.hpp"
#include "picture_kinds.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"
#include "vaerans/partial.hpp"
#include "vaerans/rows.hpp"

namespace vaerans {
namespace {

using test::psnr;
using test::SyntheticPicture;

constexpr const char* kSteps = "step=9, visual=true, dependent=true, tile=256";

Bytes compressed(const Image& picture, const std::string& options = kSteps, unsigned threads = 0) {
  Context context;
  context.threads = threads;
  return compress(picture.view(),
                  {.recipe = "ycocg | cdf97(levels=6) | quantize_bands(" + options + ") | ans(coder=mixing)"}, context);
}

// What the region of a picture shows.
Image cut(const Image& from, const Region& region) {
  Image out{region.height, region.width, {}};
  out.channels = from.channels;
  out.dtype = from.dtype;
  const std::uint64_t pixel = from.view().pixel_bytes();
  for (std::uint64_t y = 0; y < region.height; ++y) {
    const auto* const row = from.rgb.data() + pixel * ((region.y + y) * from.width + region.x);
    out.rgb.insert(out.rgb.end(), row, row + pixel * region.width);
  }
  return out;
}

TEST(BandTiles, SeveralShowNoSeams) {
  const SyntheticPicture picture = test::scene(700, 900);
  const Image whole = decompress(compressed(test::image_of(picture), "step=9, visual=true, dependent=true"));
  const Image tiled = decompress(compressed(test::image_of(picture)));
  EXPECT_GT(psnr(picture, tiled.rgb), psnr(picture, whole.rgb) - 0.1);
  EXPECT_GT(psnr({700, 900, whole.rgb}, tiled.rgb), psnr(picture, whole.rgb));
}

TEST(BandTiles, ThreadsAndInstructionSetsGiveTheSameBytesAndPixels) {
  const Image picture = test::image_of(test::noise_picture(390, 640));
  const Bytes file = compressed(picture, kSteps, 1);
  const Image pixels = decompress(file);
  EXPECT_EQ(compressed(picture, kSteps, 4), file);
  kernels::test::for_each_target([&] {
    EXPECT_EQ(compressed(picture), file);
    EXPECT_EQ(decompress(file).rgb, pixels.rgb);
  });
}

class BandTileKinds : public ::testing::TestWithParam<const char*> {
 protected:
  static Image picture() {
    const Image color = test::image_of(test::scene(900, 1100));
    const std::string kind = GetParam();
    if (kind == "grey") return test::grey_of(test::scene(900, 1100));
    return kind == "deep" ? test::deep_of(color) : color;
  }
};

TEST_P(BandTileKinds, RegionsAreThoseOfTheWhole) {
  const Bytes file = compressed(picture());
  const Image whole = decompress(file);
  for (const Region& region : {Region{0, 0, 1100, 900},
                               {0, 0, 1, 1},
                               {1099, 899, 1, 1},
                               {250, 300, 20, 470},
                               {700, 10, 400, 5},
                               {511, 511, 2, 2}}) {
    const auto source = memory_source(file);
    const PicturePart part = decompress_part(*source, {.region = region});
    EXPECT_EQ(part.image.rgb, cut(whole, region).rgb) << region.x << ", " << region.y;
    EXPECT_TRUE(part.missing.empty() && part.problems.empty());
  }
}

TEST_P(BandTileKinds, RowsAreThoseOfTheWhole) {
  const Bytes file = compressed(picture());
  Context context;
  context.threads = 1;
  context.limits.max_memory = std::uint64_t{160} << 20U;  // strips of a row of tiles
  const auto source = memory_source(file);
  RowReader reader(*source, context);
  EXPECT_TRUE(reader.bounded());
  Bytes rows;
  while (reader.rows_left() != 0) {
    const Image some = reader.read(131);
    rows.insert(rows.end(), some.rgb.begin(), some.rgb.end());
  }
  EXPECT_EQ(rows, decompress(file).rgb);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BandTileKinds, ::testing::Values("color", "grey", "deep"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST(BandTiles, ARegionReadsLittleOfTheFile) {
  const Bytes file = compressed(test::image_of(test::noise_picture(1600, 1600)));
  const auto source = memory_source(file);
  const PicturePart part = decompress_part(*source, {.region = Region{0, 0, 64, 64}});
  EXPECT_LT(part.bytes_read * 4, file.size());  // 4 tiles of 36
}

TEST(BandTiles, DamageLosesATileAndWhatIsBesideIt) {
  const Image picture = test::image_of(test::scene(1300, 1300));
  Bytes file = compressed(picture);
  const Image whole = decompress(file);
  file[file.size() / 2] ^= 1;
  const auto source = memory_source(file);
  EXPECT_ERROR(corrupt_stream, "of 25: the checksum does not match", (void)decompress_part(*source, {}));
  const PicturePart part = decompress_part(*source, {.allow_partial = true});
  ASSERT_EQ(part.missing.size(), 1U);
  ASSERT_EQ(part.problems.size(), 1U);
  const Region lost = part.missing[0];
  EXPECT_EQ(lost.width, lost.x == 1024 ? 276U : 256U);
  constexpr std::uint64_t kHalo = 3 * 63;
  std::uint64_t other = 0;
  for (std::uint64_t y = 0; y < whole.height; ++y) {
    for (std::uint64_t x = 0; x < whole.width; ++x) {
      const bool near = x + kHalo >= lost.x && x < lost.x + lost.width + kHalo && y + kHalo >= lost.y &&
                        y < lost.y + lost.height + kHalo;
      const std::size_t at = 3 * (y * whole.width + x);
      other += !near && !std::equal(whole.rgb.begin() + static_cast<std::ptrdiff_t>(at),
                                    whole.rgb.begin() + static_cast<std::ptrdiff_t>(at) + 3,
                                    part.image.rgb.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  EXPECT_EQ(other, 0U);
}

TEST(BandTiles, ACutFileKeepsItsFirstTiles) {
  const Image picture = test::image_of(test::scene(700, 700));
  Bytes file = compressed(picture);
  file.erase(file.end() - 40, file.end());  // GCC 12 takes resize() for an overflow under sanitizers
  const auto source = memory_source(file);
  const PicturePart part = decompress_part(*source, {.allow_partial = true});
  ASSERT_FALSE(part.missing.empty());
  EXPECT_EQ(part.missing.back(), (Region{512, 512, 188, 188}));
  EXPECT_LT(part.missing.size(), 9U);
}

TEST(BandTiles, SidesArePowersOfTwoAndLargeEnough) {
  const Image picture = test::image_of(test::scene(600, 600));
  for (const char* side : {"100", "255", "300", "128"}) {
    EXPECT_ERROR(bad_parameter, "tile is 0, 256, 512, 1024, 2048 or 4096",
                 (void)compressed(picture, std::string("tile=") + side));
  }
  const CompressOptions deep{.recipe = "ycocg | cdf97(levels=8) | quantize_bands(tile=256) | ans"};
  EXPECT_ERROR(contract, "no place for 8 levels", (void)compress(picture.view(), deep));
}

// The dial cuts what is large enough for several.
TEST(BandTiles, LargePicturesHaveThem) {
  const auto recipe_of = [](std::uint64_t h, std::uint64_t w) {
    const Bytes file = compress(test::image_of(test::scene(h, w)).view(), {.step = 20, .mode = "wavelet"});
    return file_info(file).recipe;
  };
  EXPECT_NE(recipe_of(20, 1600).find("tile=1024"), std::string::npos);
  EXPECT_EQ(recipe_of(20, 1500).find("tile"), std::string::npos);
}

}  // namespace
}  // namespace vaerans
