#include "vaerans/partial.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/parts/tiles.hpp"
#include "expect_error.hpp"
#include "format/container.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans {
namespace {

// Two tiles beside each other: 800 columns are cut in two.
const test::SyntheticPicture& picture() {
  static const test::SyntheticPicture made = test::scene(20, 800);
  return made;
}

const Bytes& tiled() {
  static const Bytes file =
      compress(ImageView{picture().rgb.data(), picture().h, picture().w, 3, 0}, {.lossless = true});
  return file;
}

PicturePart part_of(const Bytes& file, const PartOptions& options) {
  return decompress_part(*memory_source(file), options);
}

bool is_cut_of_the_picture(const Image& image, const Region& r) {
  for (std::uint64_t y = 0; y < r.height; ++y) {
    const auto* row = picture().rgb.data() + 3 * ((r.y + y) * picture().w + r.x);
    if (!std::equal(row, row + 3 * r.width, image.rgb.data() + 3 * y * r.width)) return false;
  }
  return image.height == r.height && image.width == r.width;
}

TEST(Partial, RegionsAreThoseOfThePicture) {
  for (const Region& r : {Region{0, 0, 800, 20}, {399, 3, 2, 5}, {0, 0, 1, 1}, {799, 19, 1, 1}, {500, 0, 100, 20}}) {
    const PicturePart part = part_of(tiled(), {.region = r});
    EXPECT_TRUE(is_cut_of_the_picture(part.image, r)) << r.x;
    EXPECT_TRUE(part.missing.empty());
  }
  EXPECT_LT(part_of(tiled(), {.region = Region{0, 0, 9, 9}}).bytes_read, tiled().size());
}

TEST(Partial, RegionsOutsideAreRefused) {
  for (const Region& r : {Region{0, 0, 801, 1}, {800, 0, 1, 1}, {0, 20, 1, 1}, {0, 0, 0, 1}, {~0ULL, 0, 2, 2}}) {
    EXPECT_ERROR(bad_parameter, "not within the picture", (void)part_of(tiled(), {.region = r}));
  }
}

TEST(Partial, ADamagedTileCostsThatTile) {
  Bytes damaged = tiled();
  damaged[damaged.size() - 20] ^= 1;
  EXPECT_ERROR(corrupt_stream, "tile 1 of 2: the checksum", (void)part_of(damaged, {}));
  const PicturePart part = part_of(damaged, {.allow_partial = true});
  EXPECT_EQ(part.missing, (std::vector<Region>{{400, 0, 400, 20}}));
  const Region left{0, 0, 400, 20};
  EXPECT_TRUE(is_cut_of_the_picture(part_of(damaged, {.region = left}).image, left));
}

TEST(Partial, TheIndexHasAChecksumForEachTile) {
  const StoredFile file = parse_container(std::as_bytes(std::span(tiled())), {});
  ASSERT_EQ(file.others.size(), 1U);
  const TileIndex index = read_tile_index(file.others[0].content);
  EXPECT_EQ(index.checksums.size(), stream_tiles(file.source, file.base.steps).areas.size());
  EXPECT_EQ(index.checksums.size(), 2U);
}

TEST(Partial, WhatHasNoTilesHasNoIndex) {
  const auto small = test::scene(20, 30);
  const Bytes file = compress(ImageView{small.rgb.data(), small.h, small.w, 3, 0}, {.lossless = true});
  EXPECT_TRUE(parse_container(std::as_bytes(std::span(file)), {}).others.empty());
}

}  // namespace
}  // namespace vaerans
