// read_bmp: by hand, byte by byte. Pictures of every kind against Pillow are in tests/cli/pictures/odd_bitmaps.py.
#include "image_io/readers/bmp.hpp"

#include <gtest/gtest.h>
#include <string>

#include "vaerans/base/error.hpp"

namespace vaerans::test {
namespace {

using image_io::Samples;
using namespace std::string_literals;
using Values = std::vector<std::uint8_t>;

Samples read(const std::string& file, bool tolerant = false, const Limits& limits = {}) {
  return image_io::read_bmp({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}, limits, tolerant);
}

ErrorCode code_of(const std::string& file, const Limits& limits = {}) {
  try {
    (void)read(file, false, limits);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

struct Spec {
  std::uint32_t width = 2, height = 2;
  unsigned bits = 24, compression = 0;
  std::string behind = {};  ///< masks and palette
};

std::string bmp(const Spec& s, const std::string& raster) {
  const std::string header = little(40, 4) + little(s.width, 4) + little(s.height, 4) + little(1, 2) +
                             little(s.bits, 2) + little(s.compression, 4) + std::string(20, '\0') + s.behind;
  return "BM" + little(0, 8) + little(14 + header.size(), 4) + header + raster;
}

const std::string two_rows = "\1\2\3\4\5\6\0\0"s + "\7\x08\x09\x0A\x0B\x0C\0\0"s;

TEST(Bmp, RowsComeFromTheBottomAndBlueComesFirst) {
  const Samples picture = read(bmp({}, two_rows));
  EXPECT_EQ(picture.channels, 3U);
  EXPECT_EQ(picture.data, (Values{9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4}));
  const Samples upright = read(bmp({.height = 0xFFFFFFFE}, two_rows));
  EXPECT_EQ(upright.data, (Values{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}));
}

TEST(Bmp, MasksOfAnyWidth) {
  // Red 10 bits, green 10, blue 10, alpha 2, as no usual program writes it.
  const std::string masks = little(0x3FF00000, 4) + little(0xFFC00, 4) + little(0x3FF, 4) + little(0xC0000000, 4);
  const std::string pixel = little(0x3FF00000U | 512U << 10 | 0x40000000U, 4);
  const Samples picture = read(bmp({.width = 1, .height = 1, .bits = 32, .compression = 6, .behind = masks}, pixel));
  EXPECT_EQ(picture.data, (Values{255, 128, 0, 85}));
}

TEST(Bmp, PalettesOfGreyAreGrey) {
  const std::string greys = little(0, 4) + little(0x808080, 4), colours = little(0, 4) + little(0x102030, 4);
  const std::string raster = "\x40\0\0\0"s;
  EXPECT_EQ(read(bmp({.height = 1, .bits = 1, .behind = greys}, raster)).data, (Values{0, 0x80}));
  EXPECT_EQ(read(bmp({.height = 1, .bits = 1, .behind = colours}, raster)).data, (Values{0, 0, 0, 0x10, 0x20, 0x30}));
}

TEST(Bmp, Runs) {
  std::string palette;
  for (unsigned i = 0; i < 256; ++i) palette += little(i | i << 8 | 255U << 16, 4);
  const Spec spec{.width = 4, .height = 3, .bits = 8, .compression = 1, .behind = palette};
  // A run of two and three literal pixels too many for the row would be; here two; a move up; the end.
  const Samples picture = read(bmp(spec, "\2\5\1\6\1\7\0\0"s + "\0\2\0\1"s + "\0\4\1\2\3\4"s + "\0\1"s));
  const auto green = [&](std::size_t i) { return picture.data[3 * i + 1]; };
  for (const auto& [at, value] : {std::pair{8, 5}, {9, 5}, {10, 6}, {11, 7}, {4, 0}, {7, 0}, {0, 1}, {3, 4}})
    EXPECT_EQ(green(static_cast<std::size_t>(at)), value) << at;
  EXPECT_EQ(code_of(bmp(spec, "\5\1\0\1"s)), ErrorCode::image_unreadable);  // leaves the row
  EXPECT_EQ(code_of(bmp(spec, "\4\1"s)), ErrorCode::image_unreadable);      // ends early
  EXPECT_EQ(read(bmp(spec, "\4\1"s), true).width, 4U);
}

TEST(Bmp, DamageIsSeenBeforeMemoryIsTaken) {
  EXPECT_EQ(code_of(bmp({}, two_rows.substr(0, 12))), ErrorCode::image_unreadable);
  EXPECT_EQ(read(bmp({}, two_rows.substr(0, 8)), true).data, (Values{0, 0, 0, 0, 0, 0, 3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(code_of(bmp({.width = 200'000, .height = 1000}, two_rows)), ErrorCode::image_unreadable);
  EXPECT_EQ(code_of(bmp({.width = 200'000, .height = 200'000}, two_rows)), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of(bmp({.width = 0}, two_rows)), ErrorCode::image_unreadable);
  EXPECT_EQ(code_of("BM"), ErrorCode::image_unreadable);
  EXPECT_EQ(code_of(bmp({.bits = 5}, two_rows)), ErrorCode::image_unsupported);
  EXPECT_EQ(code_of(bmp({.compression = 4}, two_rows)), ErrorCode::image_unsupported);
  const std::string greys = little(0, 4) + little(0x808080, 4);
  EXPECT_EQ(code_of(bmp({.height = 1, .bits = 4, .behind = greys}, "\xF0\0\0\0"s)), ErrorCode::image_unreadable);
}

}  // namespace
}  // namespace vaerans::test
