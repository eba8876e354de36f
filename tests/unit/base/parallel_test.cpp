#include "base/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
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

TEST(Parallel, ACallWithinACallHasSlotsOfItsOwn) {
  std::vector<std::atomic<int>> outer(slot_count(3, 40));
  std::atomic<int> called{0};
  for (int time = 0; time < 20; ++time) {
    parallel_for(3, 40, [&](std::size_t, std::size_t slot) {
      EXPECT_EQ(outer[slot]++, 0);  // also while the inner call waits
      std::vector<std::atomic<int>> inner(slot_count(3, 30));
      parallel_for(3, 30, [&](std::size_t, std::size_t own) {
        EXPECT_EQ(inner[own]++, 0);
        ++called;
        --inner[own];
      });
      --outer[slot];
    });
  }
  EXPECT_EQ(called, 20 * 40 * 30);
}

TEST(Parallel, WorksOnAfterACallThatThrew) {
  for (int time = 0; time < 50; ++time) {
    EXPECT_THROW(parallel_for(2, 100,
                              [](std::size_t i, std::size_t) {
                                parallel_for(2, 4, [i](std::size_t, std::size_t) {
                                  if (i == 57) throw std::runtime_error("57");
                                });
                              }),
                 std::runtime_error);
    std::atomic<std::size_t> sum{0};
    parallel_for(2, 100, [&](std::size_t i, std::size_t) { sum += i; });
    EXPECT_EQ(sum, 4950U);
  }
}

TEST(Parallel, ManyThreadsCallAtOneTime) {
  std::atomic<std::size_t> sum{0};
  {
    std::vector<std::jthread> callers;
    for (int k = 0; k < 6; ++k) {
      callers.emplace_back([&] {
        for (const unsigned threads : {2U, 3U, 4U, 0U, 2U}) {
          parallel_for(threads, 50, [&](std::size_t i, std::size_t) { sum += i; });
        }
      });
    }
  }
  EXPECT_EQ(sum, 6U * 5 * 1225);
}

}  // namespace
}  // namespace vaerans
