// Which pictures are taken for graphics.
#include "coding/mixing/tiles/graphic.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace vaerans
