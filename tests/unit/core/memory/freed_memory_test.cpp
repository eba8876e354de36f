#include "vaerans/core/freed_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "expect_error.hpp"
#include "vaerans/core/arena.hpp"

namespace vaerans {
namespace {

TEST(FreedMemory, MergesNeighborsAndTakesTheSmallestThatFits) {
  FreedMemory freed;
  freed.add(0, 100, 1);
  freed.add(200, 230, 1);
  freed.add(100, 160, 2);
  EXPECT_EQ(freed.bytes(), 190U);
  EXPECT_EQ(freed.take(20, 1), 200U);
  EXPECT_EQ(freed.take(150, 1), 0U);
  EXPECT_EQ(freed.take(20, 1), std::nullopt);
  EXPECT_EQ(freed.bytes(), 20U);
}

TEST(FreedMemory, AlignsWithoutLosingTheRest) {
  FreedMemory freed;
  freed.add(10, 200, 1);
  EXPECT_EQ(freed.take(64, 64), 64U);
  EXPECT_EQ(freed.bytes(), 126U);
  EXPECT_EQ(freed.take(54, 1), 10U) << "what lay before the aligned place";
}

TEST(FreedMemory, KnowsWhatWasFreedSince) {
  FreedMemory freed;
  freed.add(100, 200, 5);
  EXPECT_TRUE(freed.freed_since(150, 160, 4));
  EXPECT_FALSE(freed.freed_since(150, 160, 5));
  EXPECT_FALSE(freed.freed_since(200, 300, 4));
  EXPECT_TRUE(freed.freed_since(50, 101, 4));
}

TEST(FreedMemory, GivesBackWhatWasTakenAfterAMoment) {
  FreedMemory freed;
  freed.add(0, 100, 1);
  (void)freed.take(10, 1);
  const auto moment = freed.moment();
  (void)freed.take(20, 1);
  EXPECT_EQ(freed.bytes(), 70U);
  freed.undo_since(moment, 2);
  EXPECT_EQ(freed.bytes(), 90U);
}

TEST(Arena, ReleasedMemoryIsUsedAgainAndItsTensorsAreStale) {
  Arena arena(1 << 12);
  const TensorRef first = arena.alloc_tensor({256}, DType::u8), second = arena.alloc_tensor({256}, DType::u8);
  arena.release(first);
  EXPECT_ERROR(stale_ref, "released", (void)arena.view<std::uint8_t>(first));
  const TensorRef again = arena.alloc_tensor({200}, DType::u8);
  EXPECT_EQ(again.offset(), first.offset());
  EXPECT_TRUE(arena.live(again) && arena.live(second));
  EXPECT_FALSE(arena.live(first));
  EXPECT_EQ(arena.shrink_last(again, 100).bytes(), 100U);
  EXPECT_EQ(arena.free(), 128U);
}

TEST(Arena, TheFillLevelFallsToWhatIsInUse) {
  Arena arena(1 << 12);
  const TensorRef first = arena.alloc_tensor({256}, DType::u8), second = arena.alloc_tensor({256}, DType::u8);
  arena.release(first);
  EXPECT_EQ(arena.used(), 512U);
  arena.release(second);
  EXPECT_EQ(arena.used(), 0U);
  EXPECT_EQ(arena.free(), 0U);
  EXPECT_EQ(arena.left(), arena.capacity());
}

TEST(Arena, ARewindTakesBackWhatCameFromReleasedMemory) {
  Arena arena(1 << 12);
  const TensorRef first = arena.alloc_tensor({256}, DType::u8);
  (void)arena.alloc_tensor({256}, DType::u8);
  arena.release(first);
  const Arena::Mark mark = arena.mark();
  const TensorRef inside = arena.alloc_tensor({64}, DType::u8);
  EXPECT_LT(inside.offset(), mark.used);
  arena.rewind(mark);
  EXPECT_FALSE(arena.live(inside));
  EXPECT_EQ(arena.free(), 256U);
}

// Random releases and allocations beside a list of who lives where: nobody overlaps, and the released are stale.
TEST(Arena, NoTwoLiveTensorsOverlap) {
  Arena arena(1 << 16);
  std::vector<TensorRef> live, dead;
  std::uint32_t state = 11;
  for (int step = 0; step < 3000; ++step) {
    state = state * 1664525 + 1013904223;
    if (state >> 31 != 0 && live.size() < 40) {
      const TensorRef made = arena.alloc_tensor({1 + (state >> 8) % 900}, DType::u8);
      for (const auto& other : live) ASSERT_FALSE(Arena::overlap(made, other));
      live.push_back(made);
    } else if (!live.empty()) {
      const auto victim = live.begin() + (state >> 8) % static_cast<std::uint32_t>(live.size());
      dead.push_back(*victim);
      arena.release(*victim);
      live.erase(victim);
    }
    for (const auto& ref : live) ASSERT_TRUE(arena.live(ref));
  }
  EXPECT_TRUE(std::ranges::none_of(dead, [&](const TensorRef& ref) { return arena.live(ref); }));
  EXPECT_LT(arena.high_water(), 1U << 16);
}

}  // namespace
}  // namespace vaerans
