// Means of pixels, of every kind of picture.
#include "api/preview/shrunk.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace vaerans::test {
namespace {

TEST(Shrunk, APixelIsTheMeanOfThoseItStandsFor) {
  const Bytes grey{0, 2, 10, 20, 4, 6, 30, 40};
  const Image out = shrunk({grey.data(), 2, 4, 1}, 1, 2);
  EXPECT_EQ(out.rgb, (Bytes{3, 3, 3, 25, 25, 25}));
}

TEST(Shrunk, AlphaIsOverWhite) {
  const Bytes pixels{200, 0, 0, 255, 200, 0, 0, 0};
  EXPECT_EQ(shrunk({pixels.data(), 1, 2, 4}, 1, 2).rgb, (Bytes{200, 0, 0, 255, 255, 255}));
  EXPECT_EQ(shrunk({pixels.data(), 1, 2, 4}, 1, 1).rgb, (Bytes{228, 128, 128}));
}

TEST(Shrunk, SixteenBitsBecomeEight) {
  const std::vector<std::uint16_t> samples{65535, 0, 257 * 7, 256 * 7};
  Bytes bytes(8);
  std::memcpy(bytes.data(), samples.data(), 8);
  ImageView view{bytes.data(), 1, 4, 1};
  view.dtype = DType::u16;
  EXPECT_EQ(shrunk(view, 1, 4).rgb, (Bytes{255, 255, 255, 0, 0, 0, 7, 7, 7, 7, 7, 7}));
}

TEST(Shrunk, RowsMayHaveGaps) {
  const Bytes padded{1, 9, 9, 3, 9, 9};
  EXPECT_EQ(shrunk({padded.data(), 2, 1, 1, 3}, 2, 1).rgb, (Bytes{1, 1, 1, 3, 3, 3}));
}

}  // namespace
}  // namespace vaerans::test
