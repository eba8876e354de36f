// largest_icon and read_icon_bitmap: by hand, byte by byte.
#include "image_io/readers/ico.hpp"

#include <gtest/gtest.h>
#include <string>

#include "vaerans/base/error.hpp"

namespace vaerans::test {
namespace {

using namespace std::string_literals;

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}
std::span<const std::uint8_t> bytes_of(const std::string& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}

struct Entry {
  unsigned side, bits;
  std::string data;
};
std::string icon(unsigned kind, const std::vector<Entry>& entries) {
  std::string table = little(0, 2) + little(kind, 2) + little(entries.size(), 2), body;
  for (const Entry& e : entries) {
    table += little(e.side, 1) + little(e.side, 1) + little(0, 4) + little(e.bits, 2) + little(e.data.size(), 4) +
             little(6 + 16 * entries.size() + body.size(), 4);
    body += e.data;
  }
  return table + body;
}
std::string largest(const std::string& file) {
  const auto found = image_io::largest_icon(bytes_of(file));
  return {found.begin(), found.end()};
}

/// One pixel of 32 bits and its mask.
std::string pixel(unsigned value, unsigned mask) {
  const std::string header = little(40, 4) + little(1, 4) + little(2, 4) + little(1, 2) + little(32, 2);
  return header + std::string(24, '\0') + little(value, 4) + little(mask, 4);
}

TEST(Ico, TheLargestOfMostColours) {
  EXPECT_EQ(largest(icon(1, {{16, 32, "a"}, {0, 8, "b"}, {0, 32, "c"}, {48, 32, "d"}})), "c");  // 0 is 256
  EXPECT_EQ(largest(icon(2, {{16, 9, "a"}, {16, 99, "b"}})), "a");  // a cursor's hot spot is no depth
  for (const std::string& broken : {icon(1, {}), icon(1, {{16, 32, ""}}), "\0\0\1\0\2\0"s})
    EXPECT_THROW((void)image_io::largest_icon(bytes_of(broken)), Error);
}

TEST(Ico, AlphaOfItsOwnOrByTheMask) {
  const auto alpha = [](const std::string& picture) {
    return static_cast<int>(image_io::read_icon_bitmap(bytes_of(picture), {}, false).data.at(3));
  };
  EXPECT_EQ(alpha(pixel(0x7F010203, 0x80)), 0x7F);
  EXPECT_EQ(alpha(pixel(0x00010203, 0x00)), 255);
  EXPECT_EQ(alpha(pixel(0x00010203, 0x80)), 0);
  const std::string cut = pixel(0x00010203, 0).substr(0, 44);
  EXPECT_THROW((void)image_io::read_icon_bitmap(bytes_of(cut), {}, false), Error);
  EXPECT_EQ(image_io::read_icon_bitmap(bytes_of(cut), {}, true).data, (std::vector<std::uint8_t>{1, 2, 3, 255}));
}

}  // namespace
}  // namespace vaerans::test
