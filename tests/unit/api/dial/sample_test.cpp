#include "api/dial/sample.hpp"

#include <gtest/gtest.h>

namespace vaerans {
namespace {

// Two bytes that say where a pixel was.
Image numbered(std::uint64_t height, std::uint64_t width) {
  Image out{height, width, Bytes(height * width * 2)};
  out.channels = 2;
  for (std::uint64_t y = 0; y < height; ++y) {
    for (std::uint64_t x = 0; x < width; ++x) {
      out.rgb[2 * (y * width + x)] = static_cast<std::uint8_t>(y / 512);
      out.rgb[2 * (y * width + x) + 1] = static_cast<std::uint8_t>(x / 512);
    }
  }
  return out;
}

TEST(Sample, StandsForAllOfALargePicture) {
  const Image picture = numbered(512 * 7, 512 * 10);
  RowsInMemory rows(picture.view());
  const Image sample = sample_of(rows);
  ASSERT_EQ(sample.height, 2048U);
  ASSERT_EQ(sample.width, 2048U);
  const std::vector<int> tops{0, 2, 4, 6}, columns{0, 3, 6, 9};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const std::size_t at = 2 * (i * 512 * 2048 + j * 512);
      EXPECT_EQ(sample.rgb[at], tops[i]);
      EXPECT_EQ(sample.rgb[at + 1], columns[j]);
    }
  }
}

TEST(Sample, ShortSidesAreTakenWhole) {
  const Image picture = numbered(100, 90000);
  RowsInMemory rows(picture.view());
  const Image sample = sample_of(rows);
  EXPECT_EQ(sample.height, 100U);
  EXPECT_EQ(sample.width, 2048U);
  EXPECT_FALSE(is_sampled(2000, 4000));
  EXPECT_TRUE(is_sampled(3000, 4000));
}

}  // namespace
}  // namespace vaerans
