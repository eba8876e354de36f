// Tiles of graphics: their forms, their windows, and damage.
#include "coding/mixing/flat_tiles.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "coding/mixing/flat_windows.hpp"
#include "expect_error.hpp"
#include "synthetic_pictures.hpp"
#include "tile_planes.hpp"

namespace vaerans {
namespace {

struct Planes : test::TilePlanesOf {
  using TilePlanesOf::TilePlanesOf;
  [[nodiscard]] ByteBuffer encoded() const {
    FlatTileBuffers buffers;
    ByteBuffer out;
    encode_flat_tile(view(), area(), buffers, out);
    return out;
  }
  [[nodiscard]] std::vector<std::uint8_t> decoded(std::span<const std::byte> bytes) const {
    std::vector<std::uint8_t> out(samples.size());
    FlatTileBuffers buffers;
    decode_flat_tile(bytes, {out, h, w}, area(), buffers);
    return out;
  }
};

/// Marks with a photo among them.
test::SyntheticPicture screen() {
  auto out = test::marks(160, 200);
  const auto photo = test::scene(90, 100);
  for (std::size_t y = 0; y < 90; ++y)
    std::copy_n(photo.rgb.begin() + static_cast<std::ptrdiff_t>(300 * y), 300,
                out.rgb.begin() + static_cast<std::ptrdiff_t>(3 * (200 * (y + 40) + 60)));
  return out;
}

int form_of(const ByteBuffer& tile) { return std::to_integer<int>(tile.at(0)); }
int windows_of(const ByteBuffer& tile) { return std::to_integer<int>(tile.at(1)); }

TEST(FlatTiles, EveryFormComesBack) {
  auto tinted = test::marks(160, 200);
  for (std::size_t i = 0; i < tinted.rgb.size(); i += 3) tinted.rgb[i] ^= 1;
  const std::pair<test::SyntheticPicture, int> pictures[] = {
      {test::scene(60, 50), 0}, {test::grey_scene(60, 50), 1}, {tinted, 2}, {test::flat(1, 90), 2}};
  for (const auto& [picture, form] : pictures) {
    const Planes planes(picture);
    const ByteBuffer tile = planes.encoded();
    EXPECT_EQ(form_of(tile), form);
    EXPECT_EQ(planes.decoded(tile), planes.samples);
    const Planes one(picture, 1);
    EXPECT_EQ(form_of(one.encoded()), 1);
    EXPECT_EQ(one.decoded(one.encoded()), one.samples);
  }
}

TEST(FlatTiles, PhotosGetWindows) {
  const Planes planes(screen());
  const ByteBuffer tile = planes.encoded();
  EXPECT_EQ(form_of(tile), 0);
  EXPECT_GE(windows_of(tile), 1);
  EXPECT_EQ(planes.decoded(tile), planes.samples);
  const Planes noise(test::noise_picture(160, 160));
  EXPECT_EQ(noise.decoded(noise.encoded()), noise.samples);
  EXPECT_LE(noise.encoded().size(), noise.samples.size() + 64);
}

ByteBuffer tile_of(std::initializer_list<int> bytes) {
  ByteBuffer out;
  for (const int b : bytes) out.push_back(static_cast<std::byte>(b));
  return out;
}

TEST(FlatTiles, WindowsMayBeAll) {
  const Planes flat(test::flat(8, 8));
  EXPECT_EQ(flat.decoded(tile_of({1, 2, 0, 0, 4, 8, 4, 0, 4, 8, 4, 4, 0x15, 1, 2, 3, 0x15, 4, 5, 6}))[4], 4);
  EXPECT_ERROR(corrupt_stream, "left over", (void)flat.decoded(tile_of({1, 1, 0, 0, 8, 8, 4, 0x15, 1, 2, 3, 0})));
}

// Each is a start of the pixel coder, which takes as long as hundreds of pixels.
TEST(FlatTiles, WindowsAreFewForTheirPixels) {
  const auto read = [](std::size_t count, FlatExtents tile) {
    FlatWindows windows;
    for (std::size_t i = 0; i < count; ++i)
      windows.push_back({i / static_cast<std::size_t>(tile.width), i % static_cast<std::size_t>(tile.width), 1, 1});
    ByteWriter out;
    write_windows(windows, out);
    ByteReader in(out.bytes(), "tile");
    return read_windows(in, tile).size();
  };
  EXPECT_EQ(read(16, {5, 5}), 16U);
  EXPECT_ERROR(corrupt_stream, "more windows", (void)read(17, {5, 5}));
  EXPECT_EQ(read(80, {160, 128}), 80U);
  EXPECT_ERROR(corrupt_stream, "more windows", (void)read(81, {160, 128}));
}

TEST(FlatTiles, DamagedHeads) {
  const Planes planes(test::flat(8, 8)), one(test::flat(8, 8), 1);
  EXPECT_ERROR(corrupt_stream, "too early", (void)planes.decoded({}));
  EXPECT_ERROR(corrupt_stream, "a form of pixels", (void)planes.decoded(tile_of({3, 0})));
  EXPECT_ERROR(corrupt_stream, "colours in one plane", (void)one.decoded(tile_of({2, 0})));
  EXPECT_ERROR(corrupt_stream, "more windows than", (void)planes.decoded(tile_of({1, 65, 0})));
  EXPECT_ERROR(corrupt_stream, "not in the tile", (void)planes.decoded(tile_of({1, 1, 8, 0, 1, 1, 0})));
  EXPECT_ERROR(corrupt_stream, "not in the tile", (void)planes.decoded(tile_of({1, 1, 0, 0, 0, 1, 0})));
  EXPECT_ERROR(corrupt_stream, "not in the tile", (void)planes.decoded(tile_of({1, 1, 1, 0, 8, 1, 0})));
  EXPECT_ERROR(corrupt_stream, "over another", (void)planes.decoded(tile_of({1, 2, 0, 0, 4, 8, 3, 0, 4, 8, 0, 0})));
  EXPECT_ERROR(corrupt_stream, "more pixels than the tile",
               (void)planes.decoded(tile_of({1, 2, 0, 0, 8, 8, 0, 0, 1, 1, 0, 0})));
  EXPECT_ERROR(corrupt_stream, "too early", (void)planes.decoded(tile_of({2, 0, 255, 1, 2, 3})));
}

TEST(FlatTiles, FlippedBitsAreNeverTakenForTheSamePicture) {
  test::expect_flips_are_seen(Planes(test::marks(60, 50)), 0, 3);
}

}  // namespace
}  // namespace vaerans
