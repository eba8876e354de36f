// Tiles by the fast model as bytes: modes of planes, and damage of every part.
#include "coding/mixing/tiles/fast_tiles.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "synthetic_pictures.hpp"
#include "tile_planes.hpp"

namespace vaerans {
namespace {

struct Planes : test::TilePlanesOf {
  using TilePlanesOf::TilePlanesOf;
  [[nodiscard]] ByteBuffer encoded() const {
    kernels::FastBuffers buffers;
    ByteBuffer out;
    encode_fast_tile(view(), area(), buffers, out);
    return out;
  }
  [[nodiscard]] std::vector<std::uint8_t> decoded(std::span<const std::byte> bytes) const {
    std::vector<std::uint8_t> out(samples.size());
    kernels::FastBuffers buffers;
    decode_fast_tile(bytes, {out, h, w}, area(), buffers);
    return out;
  }
};

TEST(FastTiles, EveryKindOfPlanesComesBack) {
  auto tinted = test::grey_scene(40, 30);
  for (std::size_t i = 0; i < tinted.rgb.size(); i += 3) tinted.rgb[i + 2] = 200;
  const std::pair<test::SyntheticPicture, int> pictures[] = {{test::scene(40, 30), 0},
                                                             {test::grey_scene(40, 30), 0b101000},
                                                             {tinted, 0b011000},
                                                             {test::flat(40, 30), 0b010101},
                                                             {test::noise_picture(40, 30), 0b111111}};
  for (const auto& [picture, modes] : pictures) {
    const Planes planes(picture);
    const ByteBuffer tile = planes.encoded();
    EXPECT_EQ(std::to_integer<int>(tile[0]), modes);
    EXPECT_EQ(planes.decoded(tile), planes.samples);
  }
  const Planes grey(test::scene(40, 30), 1);
  EXPECT_EQ(grey.decoded(grey.encoded()), grey.samples);
}

TEST(FastTiles, NoiseTakesAByteMoreThanItsSamples) {
  const Planes noise(test::noise_picture(100, 100));
  EXPECT_EQ(noise.encoded().size(), noise.samples.size() + 1);
}

TEST(FastTiles, APartOfALargerPicture) {
  const Planes all(test::scene(50, 60));
  const TileArea part{10, 20, 30, 25};
  kernels::FastBuffers buffers;
  ByteBuffer tile;
  encode_fast_tile({all.samples, 50, 60}, part, buffers, tile);
  std::vector<std::uint8_t> back(all.samples.size(), 7);
  decode_fast_tile(tile, {back, 50, 60}, part, buffers);
  for (std::size_t i = 0; i < back.size(); ++i) {
    const std::size_t y = i / 60 % 50, x = i % 60;
    const bool inside = y >= 10 && y < 40 && x >= 20 && x < 45;
    EXPECT_EQ(back[i], inside ? all.samples[i] : 7) << i;
  }
}

TEST(FastTiles, DamageIsTold) {
  const Planes planes(test::scene(24, 20));
  const ByteBuffer good = planes.encoded();
  for (std::size_t size = 0; size < good.size(); size += 1 + size / 9)
    EXPECT_ERROR(corrupt_stream, "a tile", (void)planes.decoded(std::span(good).first(size)));
  ByteBuffer longer = good;
  longer.push_back(std::byte{0});
  EXPECT_ERROR(corrupt_stream, "left over", (void)planes.decoded(longer));
  for (const int modes : {0x40, 0x80}) {
    ByteBuffer bad = good;
    bad[0] = static_cast<std::byte>(modes);
    EXPECT_ERROR(corrupt_stream, "unknown modes", (void)planes.decoded(bad));
  }
  ByteBuffer bad = good;
  bad[0] = std::byte{2};
  EXPECT_ERROR(corrupt_stream, "first plane as a copy", (void)planes.decoded(bad));
}

TEST(FastTiles, FlippedBitsAreNeverTakenForTheSamePicture) {
  test::expect_flips_are_seen(Planes(test::scene(24, 20)), 1, 5);
}

}  // namespace
}  // namespace vaerans
