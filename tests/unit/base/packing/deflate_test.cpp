#include "base/packing/deflate.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace vaerans {
namespace {

using Data = std::vector<std::uint8_t>;

Data inflated(const Data& packed, std::size_t size) {
  Data out(size);
  return inflate(packed, out) ? out : Data{};
}

TEST(Deflate, GivesDataBackAtEachLevel) {
  const std::string_view words = "many words, many more words, and many more words";
  for (const DeflateLevel level : {DeflateLevel::thorough, DeflateLevel::smallest}) {
    for (const Data& data : {Data{7}, Data(words.begin(), words.end()), Data(70'000, 3)}) {
      const Data packed = deflated(data, level);
      EXPECT_EQ(packed[0], 0x78);  // zlib's, with a window of 32 KiB
      EXPECT_EQ(inflated(packed, data.size()), data);
    }
    EXPECT_LT(deflated(Data(70'000, 3), level).size(), 200U);
  }
}

TEST(Deflate, SaysWhatDoesNotFit) {
  const Data data(1000, 5), packed = deflated(data, DeflateLevel::smallest);
  Data longer = packed, cut = packed, changed = packed;
  longer.push_back(0);
  cut.pop_back();
  changed.back() ^= 1;  // the checksum
  Data out(1000), small(999), large(1001);
  EXPECT_TRUE(inflate(packed, out));
  for (const Data& wrong : {longer, cut, changed, Data{}}) EXPECT_FALSE(inflate(wrong, out));
  EXPECT_FALSE(inflate(packed, small));
  EXPECT_FALSE(inflate(packed, large));
}

}  // namespace
}  // namespace vaerans
