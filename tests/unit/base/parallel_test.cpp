#include "base/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

namespace vaerans {
namespace {

TEST(Parallel, SlotsAreNoMoreThanCallsAndThreads) {
  for (const unsigned threads : {0U, 1U, 2U, 3U, 64U}) {
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{200}}) {
      const std::size_t slots = slot_count(threads, n);
      ASSERT_GE(slots, 1U);
      ASSERT_LE(slots, std::max<std::size_t>(1, n));
      ASSERT_LE(slots, thread_count(threads));
      std::vector<std::atomic<int>> in_slot(slots);
      std::atomic<std::size_t> called{0};
      parallel_for(threads, n, [&](std::size_t, std::size_t slot) {
        ASSERT_LT(slot, slots);
        EXPECT_EQ(in_slot[slot]++, 0);  // two calls at one time have different slots
        ++called;
        --in_slot[slot];
      });
      EXPECT_EQ(called, n);
    }
  }
}

}  // namespace
}  // namespace vaerans
