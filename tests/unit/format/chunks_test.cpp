#include "format/chunks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

const Spec kLatent{Kind::planes, DType::f32, Shape{1, 2, 3}, {}};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::vector<std::uint8_t> three_chunks() {
  const Chunk chunks[] = {make_chunk(ChunkNumber::icc, bytes_of("profile")),
                          make_chunk(ChunkNumber::base, bytes_of("stream")),
                          {.number = 0, .name = "depth", .content = bytes_of("")}};
  return write_frame(kLatent, chunks);
}

Frame scanned(const std::vector<std::uint8_t>& file) { return scan_frame(std::as_bytes(std::span(file)), {}); }

TEST(Chunks, ComeBackAsTheyWereWritten) {
  const auto file = three_chunks();
  const Frame frame = scanned(file);
  require_intact(frame);
  ASSERT_EQ(frame.chunks.size(), 3U);
  EXPECT_EQ(frame.header.bytes.size(), 9U);
  EXPECT_EQ(chunk_name(frame.chunks[0]), "icc");
  EXPECT_FALSE(frame.chunks[0].needed);
  EXPECT_TRUE(frame.chunks[1].needed);
  EXPECT_EQ(chunk_name(frame.chunks[2]), "depth");
  EXPECT_TRUE(std::ranges::equal(frame.find(ChunkNumber::base)->content, bytes_of("stream")));
  EXPECT_EQ(frame.find(ChunkNumber::xmp), nullptr);
  std::uint64_t at = frame.header.bytes.size();
  for (const Chunk& chunk : frame.chunks) {
    EXPECT_EQ(chunk.offset, at);
    EXPECT_EQ(chunk.bytes, stored_bytes(chunk));
    at += chunk.bytes;
  }
  EXPECT_EQ(at, file.size());
  EXPECT_EQ(write_frame(kLatent, frame.chunks), file);
}

// A type, a length and a checksum: a short chunk has six bytes more than its content.
TEST(Chunks, TakeSixBytesBesidesTheirContent) {
  EXPECT_EQ(stored_bytes(make_chunk(ChunkNumber::base, bytes_of("stream"))), 12U);
  EXPECT_EQ(chunk_name({.number = 17}), "chunk 17");
}

TEST(Chunks, DamageIsNotedWhereItIs) {
  const auto whole = three_chunks();
  const Frame frame = scanned(whole);
  auto file = whole;
  file[frame.chunks[1].offset + 3] ^= 1;
  const Frame damaged = scanned(file);
  EXPECT_EQ(damaged.chunks[0].fault, "");
  EXPECT_EQ(damaged.chunks[1].fault, "the checksum does not match: the file is damaged or cut short");
  EXPECT_EQ(damaged.chunks[2].fault, "");
  EXPECT_ERROR(corrupt_stream, "chunk 'base' from byte 22 on: the checksum", require_intact(damaged));
}

// The header has no checksum of its own: it is part of each chunk's.
TEST(Chunks, AChangedHeaderIsDamageOfAllOfThem) {
  auto file = three_chunks();
  file[7] ^= 1;
  for (const Chunk& chunk : scanned(file).chunks) EXPECT_NE(chunk.fault, "");
}

TEST(Chunks, ACutFileHasWhatIsThere) {
  const auto whole = three_chunks();
  const Frame frame = scanned(whole);
  for (std::size_t n = frame.header.bytes.size(); n < whole.size(); ++n) {
    const Frame cut = scanned({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)});
    for (std::size_t i = 0; i < cut.chunks.size(); ++i) {
      const bool complete = frame.chunks[i].offset + frame.chunks[i].bytes <= n;
      EXPECT_EQ(cut.chunks[i].fault.empty(), complete) << n;
    }
    EXPECT_ERROR(corrupt_stream, "", require_intact(cut));
  }
}

TEST(Chunks, NothingFollowsTheLast) {
  auto file = three_chunks();
  file.push_back(0);
  EXPECT_ERROR(corrupt_stream, "1 bytes are left over", require_intact(scanned(file)));
}

TEST(Chunks, AreNotMoreThan64) {
  const std::vector<Chunk> many(layout::max_chunks, Chunk{.number = 40});
  require_intact(scanned(write_frame(kLatent, many)));
  const std::vector<Chunk> more(layout::max_chunks + 1, Chunk{.number = 40});
  EXPECT_ERROR(corrupt_stream, "more than 64 chunks", require_intact(scanned(write_frame(kLatent, more))));
}

TEST(Chunks, TheFileIsBounded) {
  Limits limits;
  limits.max_file_bytes = 10;
  const auto file = three_chunks();
  EXPECT_ERROR(limit_exceeded, "over the limit", (void)scan_frame(std::as_bytes(std::span(file)), limits));
}

}  // namespace
}  // namespace vaerans
