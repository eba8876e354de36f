#include "coding/mixing/decoder_threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vaerans {
namespace {

constexpr std::size_t kMega = std::size_t{1} << 20U;

// So many threads, or as many as this machine has.
unsigned most(unsigned threads) { return std::min(threads, thread_count(16)); }

TEST(DecoderThreads, AGigabyteIsTheMost) {
  EXPECT_EQ(decoder_threads(kMega, 1000, 16, {}), most(16));
  EXPECT_EQ(decoder_threads(256 * kMega, 1000, 16, {}), most(4));
  EXPECT_EQ(decoder_threads(600 * kMega, 1000, 16, {}), 1U);
  EXPECT_EQ(decoder_threads(4096 * kMega, 1000, 16, {}), 1U) << "one there is always";
}

TEST(DecoderThreads, ALimitLeavesAQuarterToThem) {
  EXPECT_EQ(decoder_threads(10 * kMega, 1000, 16, {.max_memory = 200 * kMega}), most(5));
  EXPECT_EQ(decoder_threads(10 * kMega, 1000, 16, {.max_memory = 79 * kMega}), 1U);
}

TEST(DecoderThreads, NoMoreThanTiles) {
  EXPECT_EQ(decoder_threads(kMega, 1, 16, {}), 1U);
  EXPECT_EQ(decoder_threads(0, 0, 16, {}), 1U);
}

}  // namespace
}  // namespace vaerans
