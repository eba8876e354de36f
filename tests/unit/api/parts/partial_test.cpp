#include "vaerans/partial.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "api/parts/tiles.hpp"
#include "expect_error.hpp"
#include "format/container.hpp"
#include "reseal.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/rows.hpp"

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

/// The file with a base that is no longer its last chunk.
Bytes without_an_end(const Bytes& file) {
  Bytes out = file;
  std::uint8_t& type = out[file.size() - file_info(file).chunks.back().bytes];
  type = static_cast<std::uint8_t>(type ^ layout::chunk_last);
  test::reseal(out);
  return out;
}

// Sums with a length that only fits into 64 bits must not come round to the file's front.
TEST(Partial, AChunkOfNearlyAllBytesThatThereCouldBeIsDamage) {
  const auto small = test::scene(20, 30);
  const Bytes file = compress(ImageView{small.rgb.data(), small.h, small.w, 3, 0}, {.lossless = true});
  const Bytes open_ended = without_an_end(file);
  for (const unsigned number : {1U, 3U, 4U, 5U, 6U, 7U}) {
    for (const std::uint64_t bytes : {~0ULL, ~0ULL - 15, ~0ULL - 3, 1ULL << 63U, 1ULL << 62U}) {
      Bytes evil = open_ended;
      evil.push_back(static_cast<std::uint8_t>(0x80U | number));
      std::uint64_t rest = bytes;
      for (; rest > 127; rest >>= 7U) evil.push_back(static_cast<std::uint8_t>(0x80U | (rest & 127U)));
      evil.push_back(static_cast<std::uint8_t>(rest));
      for (const bool partial : {false, true}) {
        const testing::ScopedTrace trace(__FILE__, __LINE__, std::to_string(number) + " " + std::to_string(bytes));
        try {
          (void)part_of(evil, {.region = Region{0, 0, 4, 4}, .allow_partial = partial});
        } catch (const Error& error) {
          EXPECT_EQ(error_name(error.code()), error_name(ErrorCode::corrupt_stream)) << error.what();
        }
      }
      const auto source = memory_source(evil);
      EXPECT_ERROR(corrupt_stream, "", (void)RowReader(*source).read(1));
    }
  }
}

/// Counts what is read; fails once at the n-th time.
class CountedSource final : public ByteSource {
 public:
  explicit CountedSource(const Bytes& bytes, int fails_at = -1) : bytes_(bytes), left_(fails_at) {}
  std::uint64_t size() override { return bytes_.size(); }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    if (left_-- == 0) throw Error(ErrorCode::io, "the server is away");
    read_ += out.size();
    largest_ = std::max<std::uint64_t>(largest_, out.size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
  }
  [[nodiscard]] std::uint64_t bytes_read() const { return read_; }
  [[nodiscard]] std::uint64_t largest() const { return largest_; }  ///< piece that was read at once

 private:
  const Bytes& bytes_;
  int left_;
  std::uint64_t read_ = 0, largest_ = 0;
};

/// Noise in all channels, of which a checksum alone tells that it is another one.
Bytes noise(std::uint64_t height, std::uint64_t width, std::uint32_t channels) {
  Bytes samples(height * width * channels);
  std::uint32_t state = 7;
  for (auto& each : samples) each = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24U);
  ImageView view{samples.data(), height, width, channels, 0};
  return compress(view, {.effort = 1, .lossless = true});
}

std::uint64_t bytes_of_chunk(const Bytes& file, std::string_view name) {
  for (const auto& chunk : file_info(file).chunks) {
    if (chunk.name == name) return chunk.bytes;
  }
  return 0;
}

// The tile, the heads of chunks and of the stream, and the index; alpha once more than that, but for its own tile.
TEST(Partial, ARegionReadsItsTileAndWhatHasNoIndex) {
  constexpr std::uint64_t heads = 6000;
  const PartOptions corner{.region = Region{0, 0, 5, 5}};
  const Bytes plain = noise(30, 2300, 3), with_alpha = noise(30, 2300, 4);
  const StoredFile stored = parse_container(std::as_bytes(std::span(plain)), {});
  const std::uint64_t tiles = stream_tiles(stored.source, stored.base.steps).areas.size();
  ASSERT_GE(tiles, 3U);
  const std::uint64_t base = bytes_of_chunk(plain, "base"), alpha = bytes_of_chunk(with_alpha, "alpha");
  CountedSource source(plain), clear(with_alpha);
  (void)decompress_part(source, corner);
  EXPECT_LT(source.bytes_read(), base / tiles + heads);
  (void)decompress_part(clear, corner);
  EXPECT_GT(clear.bytes_read(), base / tiles + alpha);
  EXPECT_LT(clear.bytes_read(), (base + alpha) / tiles + alpha + heads);
}

TEST(Partial, ALongChunkIsCheckedBlockByBlock) {
  const Bytes file = strip_file(noise(1300, 1300, 1));
  ASSERT_GT(file.size(), std::uint64_t{3} << 19U);
  ASSERT_EQ(bytes_of_chunk(file, "tiles"), 0U);
  CountedSource source(file);
  EXPECT_EQ(decompress_part(source, {.region = Region{0, 0, 5, 5}}).image.rgb.size(), 25U);
  EXPECT_GT(source.bytes_read(), file.size());
  EXPECT_LE(source.largest(), std::uint64_t{1} << 20U);
}

TEST(Partial, ALargeFileIsRefusedBeforeItIsRead) {
  const Bytes file = compress_latent({Shape{1, 64, 64}, std::vector<float>(4096, 1.5F)}, "cdf53 | quantize | ans");
  const auto small = test::scene(40, 50);
  const Bytes plain = compress(ImageView{small.rgb.data(), small.h, small.w, 3, 0}, {.quality = 90, .mode = "wavelet"});
  Context context;
  context.limits.max_file_bytes = 200;
  for (const Bytes* bytes : {&file, &plain}) {
    Bytes padded = *bytes;
    padded.resize(100000);
    CountedSource source(padded), rows(padded);
    EXPECT_ERROR(limit_exceeded, "over the limit of 200", (void)decompress_part(source, {}, context));
    EXPECT_ERROR(limit_exceeded, "over the limit of 200", RowReader(rows, context));
    EXPECT_LT(source.bytes_read() + rows.bytes_read(), 4000U);
  }
}

TEST(Rows, ASourceThatFailsOnceCostsNoRows) {
  const auto tall = test::scene(1200, 20);
  const Bytes file = compress(ImageView{tall.rgb.data(), tall.h, tall.w, 3, 0}, {.lossless = true});
  CountedSource whole(file);
  const Image expected = RowReader(whole).read(1200);
  for (int fails_at = 1; fails_at < 40; ++fails_at) {
    CountedSource source(file, fails_at);
    std::optional<RowReader> reader;
    try {
      reader.emplace(source);
      const Image rows = reader->read(1200);
      EXPECT_EQ(rows.rgb, expected.rgb);
      if (fails_at > 12) break;
    } catch (const Error& error) {
      if (!reader) continue;
      EXPECT_EQ(reader->rows_left(), 1200U) << fails_at << error.what();
      EXPECT_EQ(reader->read(1200).rgb, expected.rgb) << fails_at;
    }
  }
}

}  // namespace
}  // namespace vaerans
