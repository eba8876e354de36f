// What is put into picture files comes back byte by byte, and does not touch the pixels.
#include "image_io/metadata/embed.hpp"

#include <gtest/gtest.h>

#include "vaerans/image_io.hpp"

namespace vaerans::test {
namespace {

/// Enough of a profile for libpng to let it pass; `size` ≥ 132, a multiple of 4.
Bytes profile(std::size_t size) {
  Bytes icc(size);
  const auto put = [&](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), icc.begin() + static_cast<std::ptrdiff_t>(at));
  };
  for (std::size_t i = 0; i < 4; ++i) icc[i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
  put(12, "mntrRGB XYZ ");
  put(36, "acsp");
  put(68, {"\0\0\xF6\xD6\0\1\0\0\0\0\xD3\x2D", 12});  // the illuminant, D50
  for (std::size_t i = 132; i < size; ++i) icc[i] = static_cast<std::uint8_t>(i * 7);
  return icc;
}

PictureMetadata some(std::size_t icc_bytes) {
  const std::string_view exif("II*\0\x08\0\0\0\0\0\0\0\0\0", 14), xmp = "<x:xmpmeta/>";
  return {profile(icc_bytes), {exif.begin(), exif.end()}, {xmp.begin(), xmp.end()}};
}

Image picture() {
  Image image{5, 7, Bytes(5 * 7 * 3)};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i * 3);
  return image;
}

Image read_all(const Bytes& file) {
  ReadImageOptions how;
  how.metadata = true;
  return read_image(file, how);
}

TEST(EmbedMetadata, ComesBackFromEachFormat) {
  // The second profile takes three segments of a JPEG.
  for (const std::size_t size : {std::size_t{400}, std::size_t{150'000}}) {
    for (const std::string suffix : {".png", ".jpg", ".webp"}) {
      WriteImageOptions how;
      how.metadata = some(size);
      const Image back = read_all(encode_image(picture().view(), suffix, how));
      EXPECT_EQ(back.metadata, how.metadata) << suffix << " " << size;
      if (suffix != ".jpg") {
        EXPECT_EQ(back.rgb, picture().rgb) << suffix;
      }
      EXPECT_TRUE(dropped_metadata(how.metadata, suffix).empty());
    }
  }
}

TEST(EmbedMetadata, WhatDoesNotFitIsSaid) {
  PictureMetadata large = some(400);
  large.exif.resize(image_io::max_jpeg_exif + 1);
  large.xmp.resize(image_io::max_jpeg_xmp + 1, ' ');
  EXPECT_EQ(dropped_metadata(large, ".jpg"), (std::vector<std::string>{"EXIF", "XMP"}));
  EXPECT_EQ(dropped_metadata(large, "picture.tif"), (std::vector<std::string>{"EXIF"}));
  EXPECT_EQ(dropped_metadata(large, ".ppm"), (std::vector<std::string>{"ICC profile", "EXIF", "XMP"}));
  EXPECT_TRUE(dropped_metadata({}, ".ppm").empty());
  WriteImageOptions how;
  how.metadata = large;
  const Image back = read_all(encode_image(picture().view(), ".jpg", how));
  EXPECT_EQ(back.metadata, (PictureMetadata{large.icc, {}, {}}));
}

TEST(EmbedMetadata, WithoutBeingAskedForNothingIsKept) {
  WriteImageOptions how;
  how.metadata = some(400);
  EXPECT_TRUE(read_image(encode_image(picture().view(), ".png", how)).metadata.empty());
}

}  // namespace
}  // namespace vaerans::test
