#include "kernels/fast/symbol_rans.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace vaerans::kernels {
namespace {

using Intervals = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // start, freq

Intervals random_intervals(std::size_t n, unsigned seed) {
  std::mt19937 generator(seed);
  Intervals out;
  for (std::size_t i = 0; i < n; ++i) {
    const auto freq = static_cast<std::uint32_t>(1 + generator() % (1U << generator() % (kSymbolBits + 1)));
    out.emplace_back(static_cast<std::uint32_t>(generator() % (kSymbolSlots - freq + 1U)), freq);
  }
  return out;
}

ByteBuffer encoded(const Intervals& intervals) {
  SymbolList list;
  list.room(intervals.size());
  for (const auto& [start, freq] : intervals) list.put(start, freq);
  ByteBuffer out;
  list.write(out);
  return out;
}

// What the decoder says in the end, once it has met every interval.
Status decoded(std::span<const std::byte> bytes, const Intervals& intervals) {
  SymbolDecoder decoder;
  decoder.begin(bytes);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto& [start, freq] = intervals[i];
    if (decoder.slot() < start || decoder.slot() >= start + freq) return Status::bad_symbol;
    decoder.advance(start, freq);
    if (i % SymbolDecoder::kSymbolsBetween == 0 && decoder.overrun()) return Status::truncated;
  }
  return decoder.finish();
}

TEST(SymbolRans, RoundTripsAndCostsTheInformation) {
  for (const std::size_t n : {0U, 1U, 2U, 3U, 100U, 50000U}) {
    const Intervals intervals = random_intervals(n, static_cast<unsigned>(n) + 1);
    const ByteBuffer bytes = encoded(intervals);
    EXPECT_EQ(decoded(bytes, intervals), Status::ok) << n;
    double bits = 0;
    for (const auto& [start, freq] : intervals) bits += kSymbolBits - std::log2(static_cast<double>(freq));
    EXPECT_LE(static_cast<double>(bytes.size()), bits / 8 * 1.00001 + 12) << n;
  }
}

TEST(SymbolRans, BitsAreIntervals) {
  SymbolList list;
  list.room(3);
  list.put_bits(5, 3);
  list.put_bits(0, 0);
  list.put_bits(200, 8);
  ByteBuffer bytes;
  list.write(bytes);
  SymbolDecoder decoder;
  decoder.begin(bytes);
  EXPECT_EQ(decoder.bits(3), 5U);
  EXPECT_EQ(decoder.bits(0), 0U);
  EXPECT_EQ(decoder.bits(8), 200U);
  EXPECT_EQ(decoder.finish(), Status::ok);
}

TEST(SymbolRans, DamageIsTold) {
  const Intervals intervals = random_intervals(1000, 7);
  const ByteBuffer good = encoded(intervals);
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{8}, good.size() / 2, good.size() - 1})
    EXPECT_NE(decoded(std::span(good).first(size), intervals), Status::ok) << size;
  ByteBuffer longer = good;
  longer.insert(longer.end(), 4, std::byte{0});
  EXPECT_EQ(decoded(longer, intervals), Status::trailing);
  EXPECT_EQ(decoded(ByteBuffer(8), {}), Status::bad_state);
  EXPECT_EQ(decoded(ByteBuffer(12, std::byte{1}), {}), Status::end_state);
}

// However many symbols are asked for before overrun() is, nothing behind the copy of the stream is read.
TEST(SymbolRans, AnEmptyStreamLastsUntilItIsAsked) {
  SymbolDecoder decoder;
  decoder.begin({});
  for (std::size_t i = 0; i < SymbolDecoder::kSymbolsBetween; ++i) decoder.advance(decoder.slot(), 1);
  EXPECT_TRUE(decoder.overrun());
  EXPECT_EQ(decoder.finish(), Status::truncated);
}

TEST(SymbolRans, AListIsUsedAgain) {
  SymbolList list;
  const Intervals intervals = random_intervals(10, 3);
  ByteBuffer out;
  for (int turn = 0; turn < 2; ++turn) {
    list.clear();
    list.room(intervals.size());
    for (const auto& [start, freq] : intervals) list.put(start, freq);
    list.write(out);
    EXPECT_EQ(out, encoded(intervals));
  }
}

}  // namespace
}  // namespace vaerans::kernels
