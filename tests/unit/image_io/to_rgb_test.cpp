// to_rgb8: every colour space and every type of sample that libvips knows is right, or refused.
#include "image_io/to_rgb.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <string>
#include <vips/vips8>

#include "image_io/vips_support.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::test {
namespace {

using vips::VImage;

constexpr int red = 200, green = 90, blue = 40;

VImage flat() {
  image_io::start_vips();
  return VImage::black(4, 4, VImage::option()->set("bands", 3))
      .linear({1, 1, 1}, {red, green, blue})
      .cast(VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
}

/// "refused", or how far the picture's first pixel is from the colour it should have.
std::string outcome(const VImage& picture, int r, int g, int b) {
  try {
    const auto pixel = image_io::to_rgb8(picture).getpoint(0, 0);
    if (pixel.size() != 3) return std::to_string(pixel.size()) + " channels";
    const double worst = std::max({std::abs(pixel[0] - r), std::abs(pixel[1] - g), std::abs(pixel[2] - b)});
    return worst <= 2 ? "right" : "off by " + std::to_string(worst);
  } catch (const Error& error) {
    return error.code() == ErrorCode::image_unsupported ? "refused" : error.what();
  } catch (const vips::VError& error) {
    return "refused";
  }
}

TEST(ToRgb, EverySpaceIsRightOrRefused) {
  for (const auto space :
       {VIPS_INTERPRETATION_XYZ, VIPS_INTERPRETATION_LAB, VIPS_INTERPRETATION_CMC, VIPS_INTERPRETATION_LCH,
        VIPS_INTERPRETATION_LABQ, VIPS_INTERPRETATION_LABS, VIPS_INTERPRETATION_sRGB, VIPS_INTERPRETATION_RGB16,
        VIPS_INTERPRETATION_HSV, VIPS_INTERPRETATION_scRGB, VIPS_INTERPRETATION_YXY}) {
    const bool read = space == VIPS_INTERPRETATION_sRGB || space == VIPS_INTERPRETATION_RGB16;
    const bool lab = space == VIPS_INTERPRETATION_LAB || space == VIPS_INTERPRETATION_LCH ||
                     space == VIPS_INTERPRETATION_LABQ || space == VIPS_INTERPRETATION_LABS;
    // libvips' own Lab is under D65, that of files under D50: blue moves.
    if (lab) continue;
    EXPECT_EQ(outcome(flat().colourspace(space), red, green, blue), read ? "right" : "refused") << space;
  }
}

TEST(ToRgb, LabOfFilesIsUnderD50) {
  const VImage lab = VImage::black(2, 2, VImage::option()->set("bands", 3))
                         .linear({1, 1, 1}, {50, 0, 0})
                         .cast(VIPS_FORMAT_FLOAT)
                         .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_LAB));
  EXPECT_EQ(outcome(lab, 119, 119, 119), "right");  // L* = 50 is a grey of 119
}

TEST(ToRgb, SpacesThatAreOnlyNamesAreRefused) {
  for (const auto space : {VIPS_INTERPRETATION_HISTOGRAM, VIPS_INTERPRETATION_FOURIER, VIPS_INTERPRETATION_MATRIX})
    EXPECT_EQ(outcome(flat().copy(VImage::option()->set("interpretation", space)), red, green, blue), "refused");
}

TEST(ToRgb, EveryTypeOfSampleIsRightOrRefused) {
  for (const auto type : {VIPS_FORMAT_CHAR, VIPS_FORMAT_SHORT, VIPS_FORMAT_UINT, VIPS_FORMAT_INT, VIPS_FORMAT_FLOAT,
                          VIPS_FORMAT_DOUBLE, VIPS_FORMAT_COMPLEX, VIPS_FORMAT_DPCOMPLEX})
    EXPECT_EQ(outcome(flat().cast(type), red, green, blue), "refused") << type;
  EXPECT_EQ(outcome(flat().colourspace(VIPS_INTERPRETATION_RGB16), red, green, blue), "right");
  EXPECT_EQ(outcome(flat()[0].copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_B_W)), red, red, red),
            "right");
}

TEST(ToRgb, NumbersOfChannels) {
  const VImage grey = flat()[0].copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_B_W));
  const VImage clear = grey.bandjoin(VImage::black(4, 4).cast(VIPS_FORMAT_UCHAR));
  EXPECT_EQ(outcome(clear, 255, 255, 255), "right");
  EXPECT_EQ(outcome(flat().bandjoin(VImage::black(4, 4).cast(VIPS_FORMAT_UCHAR)), 255, 255, 255), "right");
  const VImage six =
      flat().bandjoin(flat()).copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_MULTIBAND));
  EXPECT_EQ(outcome(six, red, green, blue), "refused");
}

TEST(ToRgb, GammaOfOneIsLight) {
  // Half of all light is 188 in sRGB.
  const VImage half = (VImage::black(2, 2, VImage::option()->set("bands", 3)) + 128)
                          .cast(VIPS_FORMAT_UCHAR)
                          .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  EXPECT_EQ(image_io::to_rgb8(half, 1.0).getpoint(0, 0), (std::vector<double>{188, 188, 188}));
  EXPECT_EQ(image_io::to_rgb8(half).getpoint(0, 0), (std::vector<double>{128, 128, 128}));
}

}  // namespace
}  // namespace vaerans::test
