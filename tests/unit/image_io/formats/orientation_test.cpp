// exif_orientation, xmp_orientation: by hand, byte by byte.
#include "image_io/formats/orientation.hpp"

#include <gtest/gtest.h>
#include <string>

namespace vaerans::test {
namespace {

using namespace std::string_literals;

int exif(const std::string& bytes) {
  return image_io::exif_orientation(
      image_io::ByteView({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}));
}

TEST(Orientation, InExifOfEitherByteOrder) {
  EXPECT_EQ(exif("MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0"s), 6);
  EXPECT_EQ(exif("II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\3\0\0\0"s), 3);
  // Behind another entry.
  EXPECT_EQ(exif("II*\0\x08\0\0\0\2\0\x0F\1\2\0\1\0\0\0\0\0\0\0\x12\1\3\0\1\0\0\0\x08\0\0\0"s), 8);
}

TEST(Orientation, WhatIsBrokenSaysNothing) {
  EXPECT_EQ(exif("MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\x09\0\0"s), 0);  // there is no ninth
  EXPECT_EQ(exif("MM\0*\0\0\0\x08\0\1\1\x12\0\4\0\0\0\1\0\6\0\0"s), 0);    // a number of another type
  EXPECT_EQ(exif("MM\0*\0\0\0\x08\0\1\1\x12\0\3"s), 0);
  EXPECT_EQ(exif("MM\0*\xFF\xFF\xFF\xFF"s), 0);
  EXPECT_EQ(exif("II*\0\x08\0\0\0\xFF\xFF"s), 0);
  EXPECT_EQ(exif(""), 0);
}

TEST(Orientation, InXmp) {
  EXPECT_EQ(image_io::xmp_orientation("<rdf:Description tiff:Orientation=\"6\"/>"), 6);
  EXPECT_EQ(image_io::xmp_orientation("<tiff:Orientation>3</tiff:Orientation>"), 3);
  EXPECT_EQ(image_io::xmp_orientation("tiff:Orientation='9'"), 0);
  EXPECT_EQ(image_io::xmp_orientation("tiff:Orientation=\""), 0);
  EXPECT_EQ(image_io::xmp_orientation(""), 0);
}

}  // namespace
}  // namespace vaerans::test
