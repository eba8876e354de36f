#include "format/packed.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "expect_error.hpp"

namespace vaerans {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes text(std::string_view what) { return {what.begin(), what.end()}; }

Bytes back(const ByteBuffer& content) { return unpack(content, "chunk 'icc'").value(); }

TEST(Packed, GivesDataBackInFewerBytesWhereThatHelps) {
  const Bytes profile(10'000, 7), noise = text("\x01\x9f\x33\xe0");
  EXPECT_LT(pack(profile).size(), 100U);
  EXPECT_EQ(pack(noise).size(), noise.size() + 1);
  EXPECT_EQ(back(pack(profile)), profile);
  EXPECT_EQ(back(pack(noise)), noise);
  EXPECT_EQ(back(pack({})), Bytes{});
}

/// What an encoder with zlib would have written.
ByteBuffer packed_by_zlib(const Bytes& data) {
  uLongf size = ::compressBound(data.size());
  Bytes out(size);
  EXPECT_EQ(::compress(out.data(), &size, data.data(), data.size()), Z_OK);
  ByteWriter content;
  content.u8(1);
  content.varint(data.size());
  content.raw(std::as_bytes(std::span(out).first(size)));
  return content.take();
}

TEST(Packed, ReadsWhatZlibDeflates) {
  for (const Bytes& data : {Bytes{}, text("a"), Bytes(70'000, 3), text("many words, many more words")})
    EXPECT_EQ(back(packed_by_zlib(data)), data);
}

TEST(Packed, ALaterWayIsNoDamage) {
  const std::byte content[] = {std::byte{2}, std::byte{1}};
  EXPECT_FALSE(unpack(content, "chunk 'icc'").has_value());
}

TEST(Packed, DataOfAnotherSizeAreDamage) {
  const ByteBuffer good = pack(Bytes(1000, 7));
  for (const unsigned size : {0U, 1U, 127U}) {  // the size is a varint of two bytes, the low one first
    ByteBuffer bad = good;
    bad[1] = static_cast<std::byte>(size | 0x80U);
    EXPECT_ERROR(corrupt_stream, "chunk 'icc'", (void)unpack(bad, "chunk 'icc'"));
  }
  ByteBuffer longer = good;
  longer.push_back(std::byte{0});
  EXPECT_ERROR(corrupt_stream, "do not fit", (void)unpack(longer, "chunk 'icc'"));
  EXPECT_ERROR(corrupt_stream, "", (void)unpack(std::span(good).first(good.size() - 1), "chunk 'icc'"));
  EXPECT_ERROR(corrupt_stream, "", (void)unpack({}, "chunk 'icc'"));
}

// A few bytes must not claim gigabytes.
TEST(Packed, TheSizeIsBoundedBeforeMemoryIsTaken) {
  ByteWriter content;
  content.u8(1);
  content.varint(max_unpacked + 1);
  EXPECT_ERROR(limit_exceeded, "over the limit", (void)unpack(content.bytes(), "chunk 'icc'"));
}

TEST(Packed, TheSizeIsWhatTheBytesCanHold) {
  ByteWriter content;
  content.u8(1);
  content.varint(max_unpacked);
  content.raw(std::vector<std::byte>(1000));
  EXPECT_ERROR(corrupt_stream, "do not fit", (void)unpacked_bytes(content.bytes(), "chunk 'icc'"));
  EXPECT_EQ(unpacked_bytes(pack(Bytes(1'000'000, 7)), "chunk 'icc'"), 1'000'000U);
  EXPECT_EQ(unpacked_bytes(pack(text("abc")), "chunk 'icc'"), 3U);
}

}  // namespace
}  // namespace vaerans
