#include "base/checksum.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <cstring>
#include <vector>

namespace vaerans {
namespace {

std::vector<std::byte> some_bytes(std::size_t size) {
  std::vector<std::byte> out(size);
  std::uint32_t state = 1;
  for (std::byte& each : out) each = static_cast<std::byte>((state = state * 1664525U + 1013904223U) >> 24);
  return out;
}

std::uint32_t of_zlib(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

TEST(Checksum, IsTheOneOfTheStandard) {
  EXPECT_EQ(crc32_of(std::as_bytes(std::span("123456789", 9))), 0xCBF43926U);  // ITU-T V.42's check value
  EXPECT_EQ(crc32_of({}), 0U);
}

TEST(Checksum, IsZlibsAtEveryLengthAndPlace) {
  const auto bytes = some_bytes(1100);
  for (std::size_t begin : {0U, 1U, 7U, 63U}) {
    for (std::size_t size = 0; size + begin <= bytes.size(); size += size < 300 ? 1 : 97) {
      const auto part = std::span(bytes).subspan(begin, size);
      ASSERT_EQ(crc32_of(part), of_zlib(part)) << begin << " " << size;
    }
  }
}

TEST(Checksum, Sha256GoesOnFromWhatCameBefore) {
  Sha256 abc;
  for (const char* piece : {"a", "", "bc"}) abc.add(std::as_bytes(std::span(piece, std::strlen(piece))));
  // FIPS 180-4's example.
  EXPECT_EQ(hex(abc.end()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Checksum, GoesOnFromWhatCameBefore) {
  const auto bytes = some_bytes(777);
  const std::span all(bytes);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{300}, all.size()})
    EXPECT_EQ(crc32_of(all.subspan(cut), crc32_of(all.first(cut))), of_zlib(all));
  EXPECT_EQ(crc32_of({}, 0x12345678U), 0x12345678U);
}

}  // namespace
}  // namespace vaerans
