#include "kernels/rans/interval_coder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace vaerans::kernels {
namespace {

std::vector<Interval> random_intervals(std::size_t n, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<Interval> out;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t width = 1U << generator() % (kIntervalBits + 1);
    const auto freq = static_cast<std::uint16_t>(1 + generator() % width);
    out.push_back({static_cast<std::uint16_t>(generator() % (kIntervalSlots - freq + 1U)), freq});
  }
  return out;
}

std::vector<std::byte> encoded(const std::vector<Interval>& intervals) {
  std::vector<std::byte> room(6 + 2 * intervals.size());
  IntervalEncoder encoder(room);
  for (std::size_t i = intervals.size(); i-- > 0;) encoder.push(intervals[i]);
  encoder.finish();
  EXPECT_TRUE(encoder.ok());
  return {room.end() - static_cast<std::ptrdiff_t>(encoder.size()), room.end()};
}

// Whether the decoder meets every interval and then accepts the end.
bool decodes(std::span<const std::byte> bytes, const std::vector<Interval>& intervals) {
  IntervalDecoder decoder(bytes);
  for (const Interval i : intervals) {
    if (decoder.slot() < i.start || decoder.slot() >= std::uint32_t{i.start} + i.freq) return false;
    decoder.advance(i);
  }
  return decoder.finish() == Status::ok;
}

double information(const std::vector<Interval>& intervals) {
  double bits = 0;
  for (const Interval i : intervals) bits += kIntervalBits - std::log2(static_cast<double>(i.freq));
  return bits;
}

TEST(IntervalCoder, RoundTripsAndCostsTheInformation) {
  for (const std::size_t n : {0U, 1U, 2U, 3U, 100U, 50000U}) {
    const auto intervals = random_intervals(n, static_cast<unsigned>(n) + 1);
    const auto bytes = encoded(intervals);
    EXPECT_TRUE(decodes(bytes, intervals)) << n;
    EXPECT_LE(static_cast<double>(bytes.size()), information(intervals) / 8 * 1.00001 + kIntervalOverhead) << n;
  }
}

TEST(IntervalCoder, WholeRangeCostsNothing) {
  const std::vector<Interval> certain(1000, Interval{0, kIntervalSlots});
  EXPECT_EQ(encoded(certain).size(), 6U);
  EXPECT_TRUE(decodes(encoded(certain), certain));
}

TEST(IntervalCoder, RawBitsComeBack) {
  std::vector<Interval> intervals;
  for (unsigned n = 0; n <= kIntervalBits; ++n) intervals.push_back(raw_bits((1U << n) - 1, n));
  const auto bytes = encoded(intervals);
  IntervalDecoder decoder(bytes);
  for (unsigned n = 0; n <= kIntervalBits; ++n) EXPECT_EQ(decoder.bits(n), (1U << n) - 1) << n;
  EXPECT_EQ(decoder.finish(), Status::ok);
}

TEST(IntervalCoder, PinnedBytes) {
  const std::vector<Interval> intervals = {{0, 1}, {1, 2}, {100, 5000}, {16383, 1}, {0, 16384}, {8192, 8192}};
  const auto bytes = encoded(intervals);
  std::vector<unsigned> values;
  for (const std::byte b : bytes) values.push_back(std::to_integer<unsigned>(b));
  EXPECT_EQ(values, (std::vector<unsigned>{0, 192, 24, 114, 27, 13, 1, 128, 255, 63}));
}

TEST(IntervalCoder, EveryTruncationAndExtensionIsNoticed) {
  const auto intervals = random_intervals(60, 5);
  auto bytes = encoded(intervals);
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(decodes(std::span(bytes).first(n), intervals)) << n;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decodes(bytes, intervals));
}

TEST(IntervalCoder, AlteredStatesAreNoticed) {
  const auto intervals = random_intervals(60, 6);
  const auto bytes = encoded(intervals);
  auto high = bytes;
  high[4] = high[5] = std::byte{0};
  EXPECT_EQ(IntervalDecoder(high).finish(), Status::bad_state);
  int noticed = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    noticed += decodes(flipped, intervals) ? 0 : 1;
  }
  EXPECT_EQ(noticed, static_cast<int>(bytes.size() * 8));
}

TEST(IntervalCoder, AFullSpanIsReported) {
  std::vector<std::byte> room(7);
  IntervalEncoder encoder(room);
  for (int i = 0; i < 20; ++i) encoder.push({0, 1});
  encoder.finish();
  EXPECT_FALSE(encoder.ok());
}

}  // namespace
}  // namespace vaerans::kernels
