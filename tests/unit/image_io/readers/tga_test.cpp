// read_tga: by hand, byte by byte. Pictures of every kind against Pillow are in tests/cli/pictures/odd_bitmaps.py.
#include "image_io/readers/tga.hpp"

#include <gtest/gtest.h>
#include <string>

#include "vaerans/base/error.hpp"

namespace vaerans::test {
namespace {

using image_io::Samples;
using namespace std::string_literals;
using Values = std::vector<std::uint8_t>;

std::span<const std::uint8_t> bytes_of(const std::string& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}
Samples read(const std::string& file, bool tolerant = false) {
  return image_io::read_tga(bytes_of(file), {}, tolerant);
}

ErrorCode code_of(const std::string& file) {
  try {
    (void)read(file);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

/// Two by two pixels.
std::string tga(char kind, char bits, char descriptor, const std::string& rest) {
  return "\0\0"s + kind + std::string(9, '\0') + "\2\0\2\0"s + bits + descriptor + rest;
}

TEST(Tga, RowsAndColumnsComeInTheOrderThatTheHeaderTells) {
  const std::string grey = "\1\2\3\4";
  EXPECT_EQ(read(tga(3, 8, 0x20, grey)).data, (Values{1, 2, 3, 4}));
  EXPECT_EQ(read(tga(3, 8, 0x00, grey)).data, (Values{3, 4, 1, 2}));
  EXPECT_EQ(read(tga(3, 8, 0x30, grey)).data, (Values{2, 1, 4, 3}));
  EXPECT_EQ(read(tga(3, 8, 0x10, grey)).data, (Values{4, 3, 2, 1}));
}

TEST(Tga, RunsGoOnOverTheEndsOfRows) {
  EXPECT_EQ(read(tga(11, 8, 0x20, "\x82\x09\x00\x05"s)).data, (Values{9, 9, 9, 5}));
  EXPECT_EQ(code_of(tga(11, 8, 0x20, "\x81\x09"s)), ErrorCode::image_unreadable);
  EXPECT_EQ(read(tga(11, 8, 0x20, "\x81\x09"s), true).data, (Values{9, 9, 0, 0}));
}

TEST(Tga, AlphaWhereTheHeaderTellsOfItOrItDiffers) {
  const std::string same = "\1\2\3\0\4\5\6\0\7\7\7\0\1\1\1\0"s, differs = "\1\2\3\0\4\5\6\1\7\7\7\0\1\1\1\0"s;
  EXPECT_EQ(read(tga(2, 32, 0x20, same)).data[3], 255);
  EXPECT_EQ(read(tga(2, 32, 0x28, same)).data[3], 0);
  EXPECT_EQ(read(tga(2, 32, 0x20, differs)).data[7], 1);
  EXPECT_EQ(code_of(tga(2, 16, 0x21, "12345678")), ErrorCode::image_unsupported);
}

TEST(Tga, IsKnownByItsHeaderAlone) {
  EXPECT_TRUE(image_io::may_be_tga(bytes_of(tga(2, 24, 0, ""))));
  EXPECT_FALSE(image_io::may_be_tga(bytes_of(tga(2, 23, 0, ""))));
  EXPECT_FALSE(image_io::may_be_tga(bytes_of(tga(5, 24, 0, ""))));
  EXPECT_FALSE(image_io::may_be_tga(bytes_of(tga(1, 8, 0, ""))));  // a palette without colours
  EXPECT_FALSE(image_io::may_be_tga(bytes_of("dear diary, today it rained")));
  EXPECT_FALSE(image_io::may_be_tga(bytes_of("")));
}

TEST(Tga, DamageIsSeenBeforeMemoryIsTaken) {
  std::string large = tga(2, 24, 0, "12 bytes....");
  large[13] = large[15] = 0x3F;  // 16130 x 16130
  EXPECT_EQ(code_of(large), ErrorCode::image_unreadable);
  large[2] = 10;
  EXPECT_EQ(code_of(large), ErrorCode::image_unreadable);
}

}  // namespace
}  // namespace vaerans::test
