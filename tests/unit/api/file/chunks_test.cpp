#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "format/container.hpp"
#include "random_data.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

Bytes plain_file() {
  return compress_latent({Shape{1, 6, 7}, test::noise(6 * 7, 1)}, "cdf53(levels=2) | quantize(step=0.25) | ans");
}

// With an ICC profile and what a plugin wants to keep.
Bytes rich_file(const Bytes& plain) {
  StoredFile file = parse_container(std::as_bytes(std::span(plain)), {});
  file.others = {make_chunk(layout::ChunkNumber::icc, std::as_bytes(std::span("profile"))),
                 {.number = 0, .name = "depth", .content = std::as_bytes(std::span("abc"))}};
  return write_container(file);
}

TEST(FileChunks, AreStrippedButForThoseToKeep) {
  const Bytes plain = plain_file(), rich = rich_file(plain);
  EXPECT_EQ(strip_file(rich), plain);
  EXPECT_EQ(strip_file(plain), plain);
  const Bytes kept = strip_file(rich, std::vector<std::string>{"depth"});
  EXPECT_EQ(file_info(kept).chunks.back().name, "depth");
  EXPECT_EQ(file_info(kept).chunks.size(), 3U);
  EXPECT_EQ(decompress_latent(kept).values, decompress_latent(plain).values);
}

TEST(FileChunks, EveryFlippedBitIsFoundWithoutDecoding) {
  const Bytes rich = rich_file(plain_file());
  verify_file(rich);
  for (std::size_t bit = 0; bit < rich.size() * 8; ++bit) {
    Bytes broken = rich;
    broken[bit / 8] = static_cast<std::uint8_t>(broken[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_THROW(verify_file(broken), Error) << bit;
    EXPECT_THROW((void)strip_file(broken), Error) << bit;
  }
}

TEST(FileChunks, AFullFileTakesNoMore) {
  const Bytes plain = plain_file();
  StoredFile file = parse_container(std::as_bytes(std::span(plain)), {});
  while (file.others.size() < layout::max_chunks - 1)
    file.others.push_back({.number = 0, .name = "n" + std::to_string(file.others.size()), .content = {}});
  const Bytes full = write_container(file);
  verify_file(full);
  EXPECT_ERROR(limit_exceeded, "up to 64 chunks", (void)with_metadata(full, {.icc = {}, .exif = {1, 2, 3}, .xmp = {}}));
}

}  // namespace
}  // namespace vaerans
