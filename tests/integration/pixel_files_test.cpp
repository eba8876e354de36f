// Pictures as files of the pixel coder: exact, within a bound, the same bytes everywhere.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "each_target.hpp"
#include "expect_error.hpp"
#include "golden.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"
#include "vaerans/partial.hpp"

namespace vaerans {
namespace {

using test::SyntheticPicture;

Bytes compressed(const SyntheticPicture& picture, std::int64_t max_error = 0, unsigned threads = 1,
                 std::int64_t effort = default_effort) {
  Context context;
  context.threads = threads;
  return compress(ImageView{picture.rgb.data(), picture.h, picture.w, 3, 0}, {.effort = effort, .max_error = max_error},
                  context);
}

int worst_error(const SyntheticPicture& a, const std::vector<std::uint8_t>& b) {
  if (a.rgb.size() != b.size()) return 256;
  int worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) worst = std::max(worst, std::abs(int{a.rgb[i]} - b[i]));
  return worst;
}

// The file that was pinned is what is made now, and it decodes.
void expect_golden(const std::string& name, const Bytes& now, const Bytes& rgb) {
  const Bytes old = test::golden(name, now);
  EXPECT_EQ(old, now);
  EXPECT_EQ(decompress(old).rgb, rgb);
}

TEST(PixelFiles, PicturesOfEveryShapeComeBack) {
  for (const auto& [h, w] : {std::pair{1U, 1U}, {1U, 900U}, {800U, 1U}, {7U, 5U}, {97U, 131U}, {90U, 1300U}}) {
    for (const auto& picture : {test::scene(h, w), test::noise_picture(h, w), test::flat(h, w)}) {
      EXPECT_EQ(decompress(compressed(picture)).rgb, picture.rgb) << h << " x " << w;
    }
  }
}

TEST(PixelFiles, ErrorsStayWithinTheBound) {
  const auto picture = test::scene(60, 70);
  std::size_t size = compressed(picture).size();
  for (const std::int64_t bound : {1, 2, 4, 20}) {
    const Bytes file = compressed(picture, bound);
    EXPECT_EQ(worst_error(picture, decompress(file).rgb), bound);
    EXPECT_LT(file.size(), size) << bound;
    EXPECT_FALSE(file_info(file).lossless);
    size = file.size();
  }
  EXPECT_TRUE(file_info(compressed(picture)).lossless);
}

// Graphics repeat; samples moved to grids do not. Such tiles stay exact.
TEST(PixelFiles, ABoundNeverMakesFilesLarger) {
  for (const auto& picture : {test::marks(150, 170), test::marks(700, 600), test::flat(90, 90), test::scene(60, 70)}) {
    const Bytes exact = compressed(picture);
    for (const std::int64_t bound : {1, 2, 3, 9}) {
      const Bytes file = compressed(picture, bound);
      EXPECT_LE(file.size(), exact.size()) << bound;
      EXPECT_LE(worst_error(picture, decompress(file).rgb), bound);
    }
  }
}

TEST(PixelFiles, ThreadsAndInstructionSetsGiveTheSameBytes) {
  const auto picture = test::scene(40, 1100);  // two tiles
  for (const std::int64_t effort : {least_effort, default_effort, most_effort}) {
    for (const std::int64_t bound : {0, 2}) {
      const Bytes file = compressed(picture, bound, 1, effort);
      EXPECT_EQ(compressed(picture, bound, 2, effort), file);
      kernels::test::for_each_target([&] { EXPECT_EQ(compressed(picture, bound, 1, effort), file); });
    }
  }
}

// Each effort's file decodes to the same picture, and none is larger than one of less effort.
TEST(PixelFiles, MoreEffortNeverMakesFilesLarger) {
  for (const auto& picture : {test::scene(60, 70), test::scene(70, 300), test::marks(150, 170), test::marks(300, 290),
                              test::noise_picture(70, 70), test::flat(9, 9), test::grey_scene(80, 90)}) {
    for (const std::int64_t bound : {0, 1, 3}) {
      std::size_t size = SIZE_MAX;
      for (const std::int64_t effort : {1, 5, 8, 9}) {
        const Bytes file = compressed(picture, bound, 2, effort);
        EXPECT_LE(file.size(), size) << picture.h << " x " << picture.w << ", " << bound << ", effort " << effort;
        EXPECT_LE(worst_error(picture, decompress(file).rgb), bound);
        size = file.size();
      }
    }
  }
}

TEST(PixelFiles, DenseFilesStayReadable) {
  const auto picture = test::scene(48, 33);
  const Bytes now = compressed(picture, 0, 1, most_effort);
  EXPECT_LT(now.size(), compressed(picture).size());
  expect_golden("pixels-dense.vrs", now, picture.rgb);
}

/// A scene of 16 bits with alpha: noise in the low bits.
Image deep_scene(std::uint32_t channels) {
  const auto scene = test::scene(13, 11), noise = test::noise_picture(13, 11);
  Image out{13, 11, {}};
  out.channels = channels;
  out.dtype = DType::u16;
  std::vector<std::uint16_t> samples;
  for (std::size_t i = 0; i < std::size_t{13} * 11 * channels; ++i) {
    samples.push_back(
        static_cast<std::uint16_t>(scene.rgb[i % scene.rgb.size()] << 8U | noise.rgb[i % noise.rgb.size()]));
  }
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(samples.data());
  out.rgb.assign(bytes, bytes + 2 * samples.size());
  return out;
}

TEST(PixelFiles, FastFilesStayReadable) {
  const auto picture = test::scene(48, 33);
  const Bytes now = compressed(picture, 0, 1, least_effort);
  EXPECT_GT(now.size(), compressed(picture).size());
  expect_golden("pixels-fast.vrs", now, picture.rgb);
}

// A tile of a large picture, alone.
TEST(PixelFiles, FastFilesHaveParts) {
  const auto picture = test::scene(40, 1100);
  const Bytes file = compressed(picture, 0, 1, least_effort);
  const Image all = decompress(file);
  EXPECT_EQ(all.rgb, picture.rgb);
  const Image part = decompress_part(*memory_source(file), {.region = Region{700, 3, 20, 9}}).image;
  for (std::size_t y = 0; y < 9; ++y) {
    const auto* const row = picture.rgb.data() + 3 * ((y + 3) * 1100 + 700);
    EXPECT_TRUE(std::equal(row, row + 60, part.rgb.data() + 60 * y)) << y;
  }
}

// What the fast model does not take is as at the default effort.
TEST(PixelFiles, FastIsForExactSamplesOfEightBits) {
  const auto picture = test::scene(48, 33);
  EXPECT_EQ(compressed(picture, 2, 1, least_effort), compressed(picture, 2));
  const Image deep = deep_scene(3);
  const Bytes balanced = compress(deep.view(), {.lossless = true});
  EXPECT_EQ(compress(deep.view(), {.effort = least_effort, .lossless = true}), balanced);
}

TEST(PixelFiles, GreyCostsOnePlane) {
  const auto grey = test::grey_scene(64, 64);
  const std::size_t size = compressed(grey).size();
  auto tinted = grey;
  for (std::size_t i = 0; i < tinted.rgb.size(); i += 3) tinted.rgb[i] = 9, tinted.rgb[i + 2] = 200;
  EXPECT_EQ(compressed(tinted).size(), size + 2) << "two constants, of one byte each";
  EXPECT_EQ(decompress(compressed(grey, 3)).rgb.size(), grey.rgb.size());
  EXPECT_LE(worst_error(grey, decompress(compressed(grey, 3)).rgb), 3);
}

TEST(PixelFiles, NoiseIsStored) {
  const auto noise = test::noise_picture(300, 300);
  EXPECT_LE(compressed(noise).size(), noise.rgb.size() + 64);
  EXPECT_LE(compressed(test::flat(500, 500)).size(), 64U);
}

TEST(PixelFiles, AutoTakesIt) {
  const auto picture = test::scene(40, 40);
  const auto with = [&](const char* recipe) {
    return compress(ImageView{picture.rgb.data(), picture.h, picture.w, 3, 0}, {.recipe = recipe});
  };
  EXPECT_EQ(with("predict | ans"), with("predict | ans(coder=mixing)"));
  EXPECT_LT(with("predict | ans").size(), with("predict | ans(coder=static)").size());
}

TEST(PixelFiles, OptionsAreChecked) {
  const auto picture = test::scene(8, 8);
  EXPECT_ERROR(bad_parameter, "a whole number, 0 to 100", (void)compressed(picture, 101));
  EXPECT_ERROR(bad_parameter, "a whole number, 0 to 100", (void)compressed(picture, -1));
  const ImageView view{picture.rgb.data(), picture.h, picture.w, 3, 0};
  EXPECT_ERROR(bad_parameter, "largest error", (void)compress(view, {.quality = 50, .max_error = 1}));
  EXPECT_ERROR(bad_parameter, "largest error", (void)compress(view, {.lossless = true, .max_error = 1}));
  EXPECT_EQ(compress(view, {.lossless = true}), compressed(picture));
}

// ---- pinned ------------------------------------------------------------------------------------------------------

// Sizes of whole files; VAERANS_REGENERATE_GOLDEN=1 rewrites them, which needs a reason and a line in CHANGELOG.md.
TEST(PixelFiles, SizesArePinned) {
  const std::string path = VAERANS_TEST_DATA "/golden/pixel_sizes.csv";
  const std::pair<const char*, SyntheticPicture> pictures[] = {{"scene", test::scene(200, 300)},
                                                               {"grey", test::grey_scene(120, 90)},
                                                               {"marks", test::marks(150, 170)},
                                                               {"noise", test::noise_picture(50, 60)},
                                                               {"flat", test::flat(64, 64)}};
  std::string now = "picture,max_error,bytes\n";
  for (const auto& [name, picture] : pictures) {
    for (const std::int64_t bound : {0, 1, 3}) {
      now += std::string(name) + "," + std::to_string(bound) + "," + std::to_string(compressed(picture, bound).size()) +
             "\n";
    }
  }
  if (std::getenv("VAERANS_REGENERATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << now;
  std::ifstream in(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), now);
}

TEST(PixelFiles, FilesOfEveryKindStayReadable) {
  for (const std::uint32_t channels : {1U, 4U}) {
    const Image picture = deep_scene(channels);
    const Bytes now = compress(picture.view(), {.lossless = true});
    const Bytes old = test::golden("pixels-deep-" + std::to_string(channels) + ".vrs", now);
    EXPECT_EQ(old, now);
    const Image back = decompress(old);
    EXPECT_EQ(back.rgb, picture.rgb);
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.dtype, DType::u16);
  }
}

// Noise is stored: a tile has a byte for its modes, and the file its chain.
TEST(PixelFiles, NoiseTakesNoMoreThanItsSamples) {
  const auto noise = test::noise_picture(600, 600);
  const std::size_t raw = noise.rgb.size();
  EXPECT_LE(compressed(noise).size(), raw + raw / 1000);
}

TEST(PixelFiles, OldFilesStayReadable) {
  const auto picture = test::scene(13, 11);
  expect_golden("pixels.vrs", compressed(picture), picture.rgb);
}

TEST(PixelFiles, GraphicsOfBeforeStayReadable) {
  const auto picture = test::marks(20, 33);
  expect_golden("graphics.vrs", compressed(picture), picture.rgb);
}

// A page of 4000 pixels has two tiles of graphics.
TEST(PixelFiles, GraphicsComeBackFromTilesAndThreads) {
  const auto picture = test::marks(70, 4000);
  const Bytes file = compressed(picture, 0, 1);
  EXPECT_EQ(compressed(picture, 0, 2), file);
  EXPECT_EQ(decompress(file).rgb, picture.rgb);
  EXPECT_LT(file.size(), picture.rgb.size() / 20);
}

}  // namespace
}  // namespace vaerans
