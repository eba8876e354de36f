#include "store/blob/room.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace vaerans::blob {
namespace {

TEST(Room, HoldsWhatIsWrittenAndWhatItIsMadeOf) {
  RecycledRoom<std::uint16_t> room(1000);
  for (std::size_t i = 0; i < room.size(); ++i) room[i] = static_cast<std::uint16_t>(i);
  room.resize(2000);
  EXPECT_EQ(room[999], 999);
  const RecycledRoom<std::int32_t> sevens(300, 7);
  EXPECT_EQ(std::ranges::count(sevens, 7), 300);
}

TEST(Room, IsMadeOfFreedMemoryAgain) {
  const std::uint8_t* address = nullptr;
  {
    const RecycledRoom<std::uint8_t> room(5000);
    address = room.data();
  }
  const RecycledRoom<std::uint8_t> again(6000);  // the same power of two
  EXPECT_EQ(address, again.data());
}

}  // namespace
}  // namespace vaerans::blob
