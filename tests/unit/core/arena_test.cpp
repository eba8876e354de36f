#include "vaerans/core/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.hpp"

namespace vaerans {
namespace {

TEST(Arena, AlignsAndCounts) {
  Arena arena(1 << 16);
  const TensorRef a = arena.alloc_tensor({3, 5}, DType::u8);
  const TensorRef b = arena.alloc_tensor({7}, DType::f32);
  EXPECT_EQ(a.offset() % Arena::alignment, 0U);
  EXPECT_EQ(b.offset(), 64U);
  EXPECT_EQ(arena.used(), 64U + 64U) << "28 bytes, and what is left of their 64";
  EXPECT_EQ(arena.left(), arena.capacity() - arena.used());
  EXPECT_EQ(a.strides()[0], 5);
  EXPECT_EQ(a.strides()[1], 1);
}

TEST(Arena, CostsNoMemoryUntilTouched) {
#if defined(VAERANS_SANITIZE_THREAD)
  GTEST_SKIP() << "ThreadSanitizer has no room for so many addresses";
#endif
  Arena arena(1ULL << 40);  // a terabyte of address space
  EXPECT_EQ(arena.capacity(), 1ULL << 40);
  arena.view<float>(arena.alloc_tensor({16}, DType::f32))[0] = 1;
}

TEST(Arena, FullSaysHowFull) {
  Arena arena(1000);
  (void)arena.alloc_tensor({600}, DType::u8);
  try {
    (void)arena.alloc_tensor({500}, DType::u8);
    FAIL();
  } catch (const ArenaFull& full) {
    EXPECT_EQ(full.asked, 500U);
    EXPECT_EQ(full.left, 360U);
    EXPECT_EQ(full.capacity, 1000U);
    EXPECT_EQ(full.code(), ErrorCode::arena_full);
  }
  EXPECT_EQ(arena.used(), 640U) << "a refused allocation takes nothing";
}

TEST(Arena, RefusesImpossibleShapes) {
  Arena arena(1 << 12);
  EXPECT_ERROR(shape, "empty", (void)arena.alloc_tensor({4, 0, 2}, DType::u8));
  EXPECT_ERROR(shape, "overflows", (void)arena.alloc_tensor({1ULL << 40, 1ULL << 40}, DType::u8));
  EXPECT_ERROR(shape, "overflows", (void)arena.alloc_tensor({1ULL << 62}, DType::f32));
  EXPECT_ERROR(shape, "at most 6", (void)arena.alloc_tensor({1, 1, 1, 1, 1, 1, 1}, DType::u8));
  EXPECT_ERROR(arena_full, "asked for", (void)arena.alloc_tensor({1ULL << 50}, DType::u8));
  EXPECT_ERROR(invalid_argument, "at least one byte", Arena(0));
}

TEST(Arena, ItemsOfABatchAreViews) {
  Arena arena(1 << 12);
  const TensorRef all = arena.alloc_tensor({3, 2, 2}, DType::i16);
  arena.view<std::int16_t>(all)[5] = 42;
  const TensorRef item = arena.subref_axis0(all, 1);
  EXPECT_EQ(item.shape(), (Shape{2, 2}));
  EXPECT_EQ(arena.view<std::int16_t>(item)[1], 42);
  EXPECT_ERROR(shape, "outside the first axis", (void)arena.subref_axis0(all, 3));
}

TEST(Arena, JoinsNeighborsOnly) {
  Arena arena(1 << 12);
  const TensorRef all = arena.alloc_tensor({3, 5}, DType::u8);
  const TensorRef items[] = {arena.subref_axis0(all, 0), arena.subref_axis0(all, 1), arena.subref_axis0(all, 2)};
  const TensorRef joined = arena.join_axis0(items);
  EXPECT_EQ(joined.shape(), (Shape{3, 5}));
  EXPECT_EQ(joined.offset(), all.offset());
  const TensorRef apart[] = {items[0], items[2]};
  EXPECT_FALSE(arena.join_axis0(apart).valid());
  const TensorRef swapped[] = {items[1], items[0]};
  EXPECT_FALSE(arena.join_axis0(swapped).valid());
}

TEST(Arena, KnowsForeignRefs) {
  Arena arena(1 << 12);
  Arena other(1 << 12);
  const TensorRef ref = other.alloc_tensor({4}, DType::u8);
  EXPECT_ERROR(foreign_ref, "another arena", (void)arena.view<std::uint8_t>(ref));
  EXPECT_ERROR(foreign_ref, "empty TensorRef", (void)arena.view<std::uint8_t>(TensorRef{}));
  EXPECT_ERROR(dtype, "holds u8, not f32", (void)other.view<float>(ref));
}

TEST(Arena, RewindMakesStale) {
  Arena arena(1 << 12);
  const TensorRef kept = arena.alloc_tensor({4}, DType::u8);
  const Arena::Mark mark = arena.mark();
  const TensorRef scratch = arena.alloc_tensor({4}, DType::u8);
  arena.rewind(mark);
  EXPECT_NO_THROW((void)arena.view<std::uint8_t>(kept));
  EXPECT_ERROR(stale_ref, "rewound", (void)arena.view<std::uint8_t>(scratch));
  const TensorRef again = arena.alloc_tensor({4}, DType::u8);
  EXPECT_EQ(again.offset(), scratch.offset());
  EXPECT_NO_THROW((void)arena.view<std::uint8_t>(again));
  EXPECT_ERROR(stale_ref, "rewound", (void)arena.view<std::uint8_t>(scratch));
  EXPECT_EQ(arena.high_water(), arena.used());
}

// Every order of nested marks: a ref is stale exactly if some later rewind went below its end.
TEST(Arena, StalenessFollowsTheDeepestLaterRewind) {
  Arena arena(1 << 16);
  std::vector<std::pair<TensorRef, bool>> refs;
  std::uint32_t state = 7;
  for (int step = 0; step < 500; ++step) {
    state = state * 1664525 + 1013904223;
    if (state >> 30 != 0) {
      refs.emplace_back(arena.alloc_tensor({1 + (state >> 8) % 20}, DType::u8), true);
    } else {
      const std::uint64_t to = (state >> 8) % (arena.used() + 1);
      arena.rewind({to});
      for (auto& [ref, live] : refs) live = live && ref.offset() + ref.bytes() <= to;
    }
    for (const auto& [ref, live] : refs) ASSERT_EQ(arena.live(ref), live);
  }
}

TEST(Arena, ShrinksTheLastTensorOnly) {
  Arena arena(1 << 12);
  const TensorRef first = arena.alloc_tensor({100}, DType::u8);
  const TensorRef last = arena.alloc_tensor({100}, DType::u8);
  EXPECT_EQ(arena.shrink_last(last, 10).shape(), (Shape{10}));
  EXPECT_EQ(arena.used(), 128U + 64U);
  EXPECT_ERROR(invalid_argument, "most recent", (void)arena.shrink_last(first, 10));
}

TEST(Arena, MemoryOutlivesTheArena) {
  std::shared_ptr<void> alive;
  const std::byte* data = nullptr;
  {
    Arena arena(1 << 12);
    const TensorRef ref = arena.alloc_tensor({1}, DType::u8);
    *arena.data(ref) = std::byte{17};
    data = arena.data(ref);
    alive = arena.keep_alive();
  }
  EXPECT_EQ(*data, std::byte{17});
}

TEST(Arena, DiscardedMemoryReadsAsZerosAndNeighborsStay) {
  Arena arena(16U << 20);
  const std::uint64_t large = 4 * Arena::discards_from;
  const TensorRef before = arena.alloc_tensor({100}, DType::u8), ref = arena.alloc_tensor({large}, DType::u8),
                  after = arena.alloc_tensor({100}, DType::u8);
  for (const TensorRef& tensor : {before, ref, after}) std::ranges::fill(arena.view<std::uint8_t>(tensor), 7);
  const std::uint64_t used = arena.used();
  arena.discard(ref);
  const auto values = arena.view<std::uint8_t>(ref);
  EXPECT_GT(std::ranges::count(values, 0), static_cast<std::ptrdiff_t>(large - 8192));
  for (const TensorRef& tensor : {before, after})
    EXPECT_EQ(std::ranges::count(arena.view<std::uint8_t>(tensor), 7), 100);
  arena.discard(before);
  EXPECT_EQ(arena.view<std::uint8_t>(before)[0], 7) << "not worth it";
  EXPECT_EQ(arena.used(), used);
  arena.rewind({0});
  EXPECT_ERROR(stale_ref, "rewound", arena.discard(ref));
}

TEST(Tensor, DTypesHaveTheirPinnedNumbers) {
  EXPECT_EQ(static_cast<int>(DType::u8), 0);
  EXPECT_EQ(static_cast<int>(DType::f32), 8);
  EXPECT_EQ(parse_dtype("float32"), DType::f32);
  EXPECT_EQ(parse_dtype("i16"), DType::i16);
  EXPECT_ERROR(dtype, "float8", (void)parse_dtype("float8"));
}

TEST(Arena, PrefixesOfMoreElementsThanThereAreBytesAreRefused) {
  Arena arena(1 << 12);
  const TensorRef ref = arena.alloc_tensor({16}, DType::f32);
  EXPECT_ERROR(shape, "too few elements", (void)arena.prefix(ref, Shape{std::uint64_t{1} << 62U}));
  EXPECT_ERROR(invalid_argument, "fewer elements", (void)arena.shrink_last(ref, std::uint64_t{1} << 62U));
}

}  // namespace
}  // namespace vaerans
