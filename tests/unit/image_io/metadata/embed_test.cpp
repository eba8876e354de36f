// What is put into picture files comes back byte by byte, and does not touch the pixels.
#include "image_io/metadata/embed.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "image_io/metadata/collect.hpp"
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

/// EXIF in either byte order: a maker's name, the picture's orientation, and a directory with a speed and a version.
Bytes camera_exif(bool big) {
  Bytes out{big ? std::uint8_t{'M'} : std::uint8_t{'I'}, big ? std::uint8_t{'M'} : std::uint8_t{'I'}};
  const auto put = [&](std::uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i)
      out.push_back(static_cast<std::uint8_t>(value >> (8 * (big ? bytes - 1 - i : i))));
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count, std::uint32_t value) {
    put(tag, 2), put(type, 2), put(count, 4);
    put(value, 4);
  };
  put(42, 2), put(8, 4);
  put(3, 2);
  entry(0x010F, 2, 6, 50);   // "Maker", behind the directories
  entry(0x0110, 2, 40, 50);  // a model that runs over the maker
  entry(0x8769, 4, 1, 90);
  put(0, 4);
  for (const char c : std::string_view("Maker\0", 6)) out.push_back(static_cast<std::uint8_t>(c));
  out.resize(90);
  put(1, 2);
  entry(0x829A, 5, 1, 108);  // the time of exposure, 1 / 125
  put(0, 4);
  put(1, 4), put(125, 4);
  return out;
}

TEST(EmbedMetadata, TiffTakesExifFieldByField) {
  const Bytes plain = encode_image(picture().view(), ".tif");
  for (const bool big : {false, true}) {
    WriteImageOptions how;
    how.metadata.exif = camera_exif(big);
    EXPECT_TRUE(dropped_metadata(how.metadata, ".tif").empty());
    const Bytes file = encode_image(picture().view(), ".tif", how);
    EXPECT_EQ(read_image(file).rgb, picture().rgb);
    EXPECT_GT(file.size(), plain.size());
    // The time of exposure in the file's order of bytes, whatever the order that it came in.
    const Bytes exposure{1, 0, 0, 0, 125, 0, 0, 0};
    EXPECT_NE(std::ranges::search(file, exposure).begin(), file.end()) << big;
  }
}

TEST(EmbedMetadata, ExifComesOutOfATiff) {
  for (const bool big : {false, true}) {
    WriteImageOptions how;
    how.metadata.exif = camera_exif(big);
    const Bytes file = encode_image(picture().view(), ".tif", how);
    const Bytes exif = read_all(file).metadata.exif;
    ASSERT_FALSE(exif.empty());
    // What was taken out says the same when it is put into a file again.
    how.metadata.exif = exif;
    EXPECT_EQ(encode_image(picture().view(), ".tif", how), file) << big;
  }
  EXPECT_TRUE(read_all(encode_image(picture().view(), ".tif")).metadata.exif.empty());
}

TEST(EmbedMetadata, DamagedExifInATiffIsLeftOutAndThePictureIsRead) {
  WriteImageOptions how;
  how.metadata.exif = camera_exif(false);
  const Bytes file = encode_image(picture().view(), ".tif", how);
  const Bytes leads{0x69, 0x87, 4, 0, 1, 0, 0, 0};  // to EXIF's directory
  const auto found = std::ranges::search(file, leads);
  ASSERT_NE(found.begin(), file.end());
  Bytes damaged = file;
  for (auto i = found.end() - file.begin(); i < found.end() - file.begin() + 4; ++i)
    damaged[static_cast<std::size_t>(i)] = 0xFF;
  const Image image = read_all(damaged);
  EXPECT_EQ(image.rgb, picture().rgb);
  EXPECT_TRUE(image.metadata.exif.empty());
}

/// A BigTIFF of one directory with a maker's name, and an EXIF directory with a time of exposure.
Bytes big_tiff() {
  Bytes out{'I', 'I', 43, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0};
  const auto put = [&](std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  const auto entry = [&](unsigned tag, unsigned type, std::uint64_t count, std::uint64_t value) {
    put(tag, 2), put(type, 2), put(count, 8);
    put(value, 8);
  };
  put(2, 8);
  entry(0x010F, 2, 6, 0x72656B614D);  // "Maker", inside the entry
  entry(0x8769, 18, 1, 72);
  put(0, 8);
  put(1, 8);
  entry(0x829A, 5, 1, 0x7D00000001);  // 1 / 125
  put(0, 8);
  return out;
}

TEST(EmbedMetadata, ExifComesOutOfABigTiff) {
  const Bytes exif = image_io::exif_in_tiff(big_tiff(), 16);
  const Bytes exposure{1, 0, 0, 0, 125, 0, 0, 0};
  EXPECT_NE(std::ranges::search(exif, exposure).begin(), exif.end());
  EXPECT_NE(std::ranges::search(exif, std::string_view("Maker")).begin(), exif.end());
  EXPECT_TRUE(image_io::tiff_holds_exif(exif));
  const Bytes whole = big_tiff();
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_NO_THROW((void)image_io::exif_in_tiff(std::span(whole).first(n), 16)) << n;
}

TEST(EmbedMetadata, DamagedExifStaysOutOfTiffAndThatIsSaid) {
  PictureMetadata cut{{}, camera_exif(true), {}};
  cut.exif.resize(100);
  Bytes loop = camera_exif(false);
  loop[8 + 2 + 24 + 8] = 8;  // the directory that leads to itself
  for (const Bytes& exif : {cut.exif, loop}) {
    WriteImageOptions how;
    how.metadata.exif = exif;
    EXPECT_EQ(dropped_metadata(how.metadata, ".tif"), (std::vector<std::string>{"EXIF"}));
    EXPECT_EQ(encode_image(picture().view(), ".tif", how), encode_image(picture().view(), ".tif"));
  }
}

TEST(EmbedMetadata, WhatDoesNotFitIsSaid) {
  PictureMetadata large = some(400);
  large.exif.resize(image_io::max_jpeg_exif + 1);
  large.xmp.resize(image_io::max_jpeg_xmp + 1, ' ');
  EXPECT_EQ(dropped_metadata(large, ".jpg"), (std::vector<std::string>{"EXIF", "XMP"}));
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
