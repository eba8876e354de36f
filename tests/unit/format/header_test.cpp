#include "format/header.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"

namespace vaerans {
namespace {

std::vector<std::byte> header_of(const Spec& source) {
  ByteWriter out;
  write_header(out, source);
  return {out.bytes().begin(), out.bytes().end()};
}

Header read(std::span<const std::byte> bytes) {
  ByteReader in(bytes, "file");
  return read_header(in, bytes);
}

Spec picture(std::uint64_t channels, DType dtype) { return {Kind::image, dtype, Shape{512, 768, channels}, {}}; }

TEST(Header, SaysWhatTheSourceIs) {
  const Spec latent{Kind::planes, DType::f32, Shape{4, 300, 5}, {}};
  for (const Spec& source :
       {picture(3, DType::u8), picture(1, DType::u8), picture(3, DType::u16), picture(1, DType::u16), latent}) {
    const auto bytes = header_of(source);
    const Header header = read(bytes);
    EXPECT_EQ(header.bytes.size(), bytes.size());
    const Spec back = source_of(header, {}, 1000);
    EXPECT_EQ(back.kind, source.kind);
    EXPECT_EQ(back.dtype, source.dtype);
    EXPECT_EQ(back.shape, source.shape);
  }
}

TEST(Header, OfAPhotoHasTenBytes) { EXPECT_EQ(header_of(picture(3, DType::u8)).size(), 10U); }

TEST(Header, RefusesSourcesThatNoFileHolds) {
  EXPECT_ERROR(contract, "not image (512, 768, 2)", (void)header_of(picture(2, DType::u8)));
  EXPECT_ERROR(contract, "not image", (void)header_of(picture(3, DType::f32)));
  EXPECT_ERROR(contract, "not planes (4, 8, 8) of i16",
               (void)header_of({Kind::planes, DType::i16, Shape{4, 8, 8}, {}}));
  EXPECT_ERROR(contract, "not bitstream", (void)header_of({Kind::bitstream, DType::u8, Shape{7}, {}}));
}

TEST(Header, ALaterKindOfSourceIsNoDamage) {
  auto bytes = header_of(picture(3, DType::u8));
  bytes[5] = std::byte{8};
  EXPECT_ERROR(unsupported_version, "update vaerans", (void)source_of(read(bytes), {}, 1000));
  bytes[4] = std::byte{2};
  EXPECT_ERROR(unsupported_version, "version 2, this build reads version 1", (void)read(bytes));
}

TEST(Header, LimitsHold) {
  const auto bytes = header_of(picture(3, DType::u8));
  Limits limits;
  limits.max_pixels = 512 * 768 - 1;
  EXPECT_ERROR(limit_exceeded, "393215 pixels", (void)source_of(read(bytes), limits, 1000));
  limits = {};
  limits.max_side = 700;
  EXPECT_ERROR(limit_exceeded, "a width of 768 is over the limit of 700", (void)source_of(read(bytes), limits, 1000));
  EXPECT_NO_THROW((void)source_of(read(bytes), {}, 1));
}

// 256 megapixels from a hundred bytes: over what a byte may stand for.
TEST(Header, FewBytesDoNotStandForManyPixels) {
  const auto bytes = header_of({Kind::image, DType::u8, Shape{16000, 16000, 3}, {}});
  EXPECT_ERROR(limit_exceeded, "max_pixels_per_byte", (void)source_of(read(bytes), {}, 100));
}

}  // namespace
}  // namespace vaerans
