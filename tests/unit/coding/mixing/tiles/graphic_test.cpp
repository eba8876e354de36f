// Which pictures are taken for graphics.
#include "coding/mixing/tiles/graphic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "coding/mixing/pixel_planes.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans {
namespace {

Graphic graphic_of(const test::SyntheticPicture& picture) {
  std::vector<std::uint8_t> planes(picture.rgb.size());
  to_planes(std::span<const std::uint8_t>(picture.rgb), 3, std::span(planes));
  return vaerans::graphic_of({planes, picture.h, picture.w});
}

/// A slope of one level in eight pixels with some grain, as of a sky.
test::SyntheticPicture sky(std::uint64_t h, std::uint64_t w) {
  test::Lcg random(4);
  return test::drawn(h, w, [&](std::uint64_t y, std::uint64_t x, unsigned) {
    return 90 + (x + y) / 8 % 100 + (random.next() % 16 == 0 ? 1 : 0);
  });
}

/// Marks beside a sky, which takes its share of the width.
test::SyntheticPicture with_sky(double share) {
  const auto slope = sky(160, 200), ink = test::marks(160, 200);
  return test::drawn(160, 200, [&](std::uint64_t y, std::uint64_t x, unsigned c) {
    const auto& from = static_cast<double>(x) < share * 200 ? slope : ink;
    return from.rgb[(y * 200 + x) * 3 + c];
  });
}

TEST(Graphic, MarksAreOne) { EXPECT_EQ(graphic_of(test::marks(160, 200)), Graphic::surely); }

TEST(Graphic, NoiseIsNone) { EXPECT_EQ(graphic_of(test::noise_picture(60, 50)), Graphic::no); }

TEST(Graphic, OneColorIsNoneSinceTheOtherCoderHasAByteForIt) {
  EXPECT_EQ(graphic_of(test::flat(60, 50)), Graphic::no);
  EXPECT_EQ(graphic_of(test::flat(1, 1)), Graphic::no);
}

TEST(Graphic, SmoothPhotosRepeatButTheirStepsAreSmall) { EXPECT_EQ(graphic_of(sky(160, 200)), Graphic::perhaps); }

TEST(Graphic, SoIsAPictureWhereThePhotoIsThePart) {
  EXPECT_EQ(graphic_of(with_sky(0.1)), Graphic::surely);
  EXPECT_EQ(graphic_of(with_sky(0.3)), Graphic::likely);
  EXPECT_EQ(graphic_of(with_sky(0.95)), Graphic::perhaps);
}

TEST(Graphic, RowsMayComeSomeAtATime) {
  for (const auto& picture : {test::marks(40, 30), with_sky(0.3), sky(9, 1), test::flat(7, 5), test::scene(30, 20)}) {
    GraphicCounts counts;
    for (std::uint64_t y = 0; y < picture.h; y += 3) {
      const std::uint64_t rows = std::min<std::uint64_t>(3, picture.h - y);
      const auto own = std::span(picture.rgb).subspan(y * picture.w * 3, rows * picture.w * 3);
      std::vector<std::uint8_t> planes(own.size());
      to_planes(std::span<const std::uint8_t>(own), 3, std::span(planes));
      counts.add({planes, rows, picture.w});
    }
    EXPECT_EQ(counts.graphic(), graphic_of(picture));
  }
}

TEST(Graphic, ALargePictureHasASampleOfItsEndsAndMiddle) {
  constexpr std::uint64_t kHeight = 3000, kWidth = 3100;
  std::vector<std::uint8_t> samples(kHeight * kWidth);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::uint8_t>(i * 2654435761U >> 16U);
  const PlaneSample sample = sample_of({samples, kHeight, kWidth});
  ASSERT_EQ(sample.height, 1024U);
  ASSERT_EQ(sample.width, 1024U);
  const auto at = [&](std::uint64_t y, std::uint64_t x) { return sample.samples[y * 1024 + x]; };
  EXPECT_EQ(at(0, 0), samples[0]);
  EXPECT_EQ(at(5, 255), samples[5 * kWidth + 255]);
  EXPECT_EQ(at(256, 512), samples[(kHeight - 256) / 3 * kWidth + (kWidth - 256) * 2 / 3]);
  EXPECT_EQ(at(1023, 1023), samples.back());
}

TEST(Graphic, ASmallPictureHasNone) {
  const std::vector<std::uint8_t> samples(3 * 2048 * 1024);
  EXPECT_TRUE(sample_of({samples, 2048, 1024}).samples.empty());
}

TEST(Graphic, ANarrowSampleIsOfAllColumns) {
  const std::vector<std::uint8_t> samples(100 * 90000);
  const PlaneSample sample = sample_of({samples, 90000, 100});
  EXPECT_EQ(sample.height, 1024U);
  EXPECT_EQ(sample.width, 100U);
  EXPECT_EQ(sample.samples.size(), 102400U);
}

TEST(Graphic, TheSmallestFileIsTriedOnTheWholeUpToEightMegapixels) {
  const std::vector<std::uint8_t> samples(4096 * 2049);
  const PixelPlanes<const std::uint8_t> largest{std::span(samples).first(4096 * 2048), 2048, 4096};
  const PixelPlanes<const std::uint8_t> larger{samples, 2049, 4096};
  EXPECT_TRUE(trial_sample_of(largest, ModelChoice::smallest).samples.empty());
  EXPECT_FALSE(trial_sample_of(largest, ModelChoice::dense).samples.empty());
  EXPECT_FALSE(trial_sample_of(larger, ModelChoice::smallest).samples.empty());
}

}  // namespace
}  // namespace vaerans
