// read_pnm: every magic number, every maximum, by hand.
#include "image_io/readers/pnm.hpp"

#include <gtest/gtest.h>
#include <cstring>
#include <string>

#include "vaerans/base/error.hpp"

namespace vaerans::test {
namespace {

using image_io::Samples;

Samples read(const std::string& file, bool tolerant = false) {
  return image_io::read_pnm({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()}, {}, tolerant);
}

std::vector<int> values(const Samples& samples) {
  std::vector<int> all;
  for (std::size_t i = 0; i < samples.data.size(); i += samples.deep ? 2 : 1) {
    std::uint16_t wide = samples.data[i];
    if (samples.deep) std::memcpy(&wide, &samples.data[i], 2);
    all.push_back(wide);
  }
  return all;
}

ErrorCode code_of(const std::string& file, bool tolerant = false) {
  try {
    (void)read(file, tolerant);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::internal;
}

TEST(ReadPnm, ScalesByTheMaximum) {
  EXPECT_EQ(values(read(std::string("P6 1 1 1\n\0\1\1", 12))), (std::vector{0, 255, 255}));
  EXPECT_EQ(values(read("P2 4 1 3\n0 1 2 3")), (std::vector{0, 85, 170, 255}));
  EXPECT_EQ(values(read("P3 1 1 100 0 50 100")), (std::vector{0, 128, 255}));
  const Samples deep = read(std::string("P5 2 1 1023\n\3\xFF\2\0", 16));
  EXPECT_TRUE(deep.deep);
  EXPECT_EQ(values(deep), (std::vector{65535, 32800}));  // 512 of 1023
}

TEST(ReadPnm, OneIsBlackInBitmaps) {
  EXPECT_EQ(values(read("P1 3 2\n1 0 1\n0 1 0")), (std::vector{0, 255, 0, 255, 0, 255}));
  EXPECT_EQ(values(read("P1\n3 2\n101010")), (std::vector{0, 255, 0, 255, 0, 255}));
  // Rows of a raw bitmap begin at a byte.
  EXPECT_EQ(values(read("P4 9 2\n\xFF\x80\x0F\x7F")),
            (std::vector{0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255}));
}

TEST(ReadPnm, OneIsWhiteInPam) {
  const std::string head = "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n";
  EXPECT_EQ(values(read(head + std::string("\0\1", 2))), (std::vector{0, 255}));
  const Samples clear = read("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd");
  EXPECT_EQ(clear.channels, 4U);
  EXPECT_EQ(values(clear), (std::vector<int>{'a', 'b', 'c', 'd'}));
  EXPECT_EQ(code_of("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabc"),
            ErrorCode::image_unsupported);
}

TEST(ReadPnm, SkipsComments) { EXPECT_EQ(values(read("P2 # one\n1 # two\r1\n#\n255#\n9")), std::vector{9}); }

TEST(ReadPnm, RefusesDamage) {
  for (const char* file : {"P6 1 1 255\nab", "P5 2 2 255\nabc", "P4 9 1\nx", "P1 2 1\n1", "P1 2 1\n12", "P2 1 1 9\n10",
                           "P2 1 1 9\nx", "P2 1 1 0\n0", "P2 1 1 65536\n0", "P2 0 1 9\n0", "P5 -1 1 9\n0", "P5", "P5 1",
                           "P7 nothing", "P3 10000 10000 255\n1 2 3"})
    EXPECT_EQ(code_of(file), ErrorCode::image_unreadable) << file;
}

TEST(ReadPnm, TakesWhatIsLeftWhenAsked) {
  EXPECT_EQ(values(read("P5 2 2 255\nabc", true)), (std::vector<int>{'a', 'b', 'c', 0}));
  EXPECT_EQ(values(read("P2 2 1 9\n12", true)), (std::vector{255, 0}));
}

TEST(ReadPnm, HoldsTheLimits) {
  EXPECT_EQ(code_of("P6 300000 1 255\n"), ErrorCode::limit_exceeded);
  EXPECT_EQ(code_of("P6 200000 200000 255\n"), ErrorCode::limit_exceeded);
}

TEST(ReadPnm, RefusesSeveralPictures) {
  EXPECT_EQ(code_of("P5 1 1 255\naP5 1 1 255\nb"), ErrorCode::image_unsupported);
}

}  // namespace
}  // namespace vaerans::test
