#include "image_io/metadata/collect.hpp"

#include <gtest/gtest.h>

namespace vaerans::test {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// A TIFF header and one directory whose only entry is the orientation 6.
Bytes exif(bool big) {
  if (big) return bytes_of({"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 26});
  return bytes_of({"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 26});
}

TEST(CollectMetadata, WritesOneOverTheOrientationOfExif) {
  for (const bool big : {false, true}) {
    Bytes changed = exif(big);
    image_io::reset_exif_orientation(changed);
    Bytes expected = exif(big);
    expected[big ? 19 : 18] = 1;
    EXPECT_EQ(changed, expected);
  }
}

TEST(CollectMetadata, LeavesExifWithoutAnOrientationAlone) {
  for (const Bytes& whole : {exif(false), exif(true)}) {
    for (std::size_t n = 0; n < 20; ++n) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      Bytes changed = cut;
      image_io::reset_exif_orientation(changed);
      EXPECT_EQ(changed, cut) << n;
    }
  }
}

TEST(CollectMetadata, WritesOneOverTheOrientationOfXmp) {
  Bytes xmp = bytes_of("<rdf tiff:Orientation=\"8\"/>");
  image_io::reset_xmp_orientation(xmp);
  EXPECT_EQ(xmp, bytes_of("<rdf tiff:Orientation=\"1\"/>"));
  Bytes none = bytes_of("<rdf/>");
  image_io::reset_xmp_orientation(none);
  EXPECT_EQ(none, bytes_of("<rdf/>"));
}

}  // namespace
}  // namespace vaerans::test
