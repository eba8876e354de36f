// The planes of a picture as one tile, for the tests of what codes tiles.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "coding/mixing/pixel_tiles.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::test {

struct TilePlanesOf {
  std::uint64_t h, w;
  std::vector<std::uint8_t> samples;

  explicit TilePlanesOf(const SyntheticPicture& picture, std::size_t count = 3)
      : h(picture.h), w(picture.w), samples(count * h * w) {
    for (std::size_t p = 0; p < count; ++p) {
      for (std::size_t i = 0; i < h * w; ++i) samples[p * h * w + i] = picture.rgb[3 * i + p];
    }
  }
  [[nodiscard]] PixelPlanes<const std::uint8_t> view() const { return {samples, h, w}; }
  [[nodiscard]] TileArea area() const { return {0, 0, static_cast<int>(h), static_cast<int>(w)}; }
};

/// Every `every`-th byte from `first` on with a bit flipped: the tile is refused, or another picture.
template <class Planes>
void expect_flips_are_seen(const Planes& planes, std::size_t first, std::size_t every) {
  const ByteBuffer good = planes.encoded();
  for (std::size_t i = first; i < good.size(); i += every) {
    ByteBuffer bad = good;
    bad[i] ^= std::byte{0x10};
    try {
      EXPECT_NE(planes.decoded(bad), planes.samples) << i;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::corrupt_stream) << error.what();
    }
  }
}

}  // namespace vaerans::test
