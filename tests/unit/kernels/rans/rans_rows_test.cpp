// Streams of 32 lanes whose slots are packed: alone and two at once, against the plain twin.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "each_target.hpp"
#include "kernels/rans/rans.hpp"
#include "kernels/rans/rans_rows.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

using Words = std::vector<std::uint32_t>;
using Bytes = std::vector<std::uint8_t>;
constexpr unsigned kLanes = 32;

struct Stream {
  std::vector<Bytes> parts;
  std::vector<EncodeTable> encode_tables;
  std::vector<DecodeTable> decode_tables;
  Words words;

  /// Segments of these lengths: noise around 128, its spread growing, or one symbol most of the time.
  Stream(const std::vector<std::size_t>& lengths, std::uint64_t seed) {
    test::Random random(seed);
    for (const std::size_t n : lengths) {
      const std::uint32_t alphabet = 60 + random.below(196);
      Bytes symbols = test::skewed<std::uint8_t>(n, alphabet, alphabet / 5.0, random.bits());
      if (random.below(4) == 0) std::ranges::replace_if(symbols, [](std::uint8_t s) { return s % 8 != 0; }, 77);
      add(std::move(symbols));
    }
    encode();
  }
  void add(Bytes symbols) {
    std::vector<std::uint32_t> counts(256), freq(256);
    for (const std::uint8_t s : symbols) ++counts[s];
    if (symbols.empty()) counts[0] = 1;
    ASSERT_EQ(normalize(counts, 13, freq), Status::ok);
    ASSERT_EQ(encode_tables.emplace_back().build({freq, 13}), Status::ok);
    ASSERT_EQ(decode_tables.emplace_back().build({freq, 13}), Status::ok);
    decode_tables.back().pack({freq, 13});
    parts.push_back(std::move(symbols));
  }
  void encode() {
    std::vector<EncodeSegment<std::uint8_t>> segments;
    std::size_t n = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      segments.push_back({parts[k], &encode_tables[k]});
      n += parts[k].size();
    }
    Words room(max_words(n, 13, kLanes));
    const EncodeResult done = encode_ref<std::uint8_t>(segments, kLanes, room);
    ASSERT_EQ(done.status, Status::ok);
    words.assign(room.end() - static_cast<std::ptrdiff_t>(done.words), room.end());
  }
  [[nodiscard]] std::vector<DecodeSegment<std::uint8_t>> segments(std::vector<Bytes>& out) const {
    out = parts;
    std::vector<DecodeSegment<std::uint8_t>> segments;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      std::ranges::fill(out[k], std::uint8_t{0});
      segments.push_back({out[k], &decode_tables[k]});
    }
    return segments;
  }
};

const std::vector<std::size_t> kLengths{4096, 1, 31, 0, 5000, 33, 64, 700, 4096, 29};

TEST(RansRows, AloneAndBothGiveTheSymbols) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Stream one(kLengths, 2 * seed), two(kLengths, 2 * seed + 1);
    std::vector<Bytes> out, other;
    test::for_each_target([&] {
      ASSERT_EQ(decode<std::uint8_t>(one.words, one.segments(out), kLanes), Status::ok);
      ASSERT_EQ(out, one.parts);
      const bool both = decode_both(one.words, one.segments(out), two.words, two.segments(other), kLanes);
      ASSERT_EQ(both, rans::have_row_vectors());
      if (!both) return;
      ASSERT_EQ(out, one.parts);
      ASSERT_EQ(other, two.parts);
    });
  }
}

TEST(RansRows, StreamsThatDoNotFitAreNotDecodedTogether) {
  const Stream one(kLengths, 1), two({4096, 1, 31, 0, 5000, 33, 64, 700, 4096, 28}, 2);
  std::vector<Bytes> out, other;
  EXPECT_FALSE(decode_both(one.words, one.segments(out), two.words, two.segments(other), kLanes));
  EXPECT_FALSE(decode_both(one.words, one.segments(out), one.words, one.segments(other), 16));
  EXPECT_FALSE(decode_both({}, {}, {}, {}, kLanes));
}

TEST(RansRows, EveryTruncationIsSeen) {
  const Stream one({700, 90}, 3), two({700, 90}, 4);
  std::vector<Bytes> out, other;
  test::for_each_target([&] {
    for (std::size_t n = 0; n < one.words.size(); ++n) {
      const Words front(one.words.begin(), one.words.begin() + static_cast<std::ptrdiff_t>(n));
      ASSERT_NE(decode<std::uint8_t>(front, one.segments(out), kLanes), Status::ok) << n;
      ASSERT_FALSE(decode_both(front, one.segments(out), two.words, two.segments(other), kLanes)) << n;
      ASSERT_FALSE(decode_both(two.words, two.segments(out), front, one.segments(other), kLanes)) << n;
    }
  });
}

// Every instruction set says what the twin says of altered words.
TEST(RansRows, AlteredWordsAreJudgedAlike) {
  const Stream one({300, 331}, 5), two({300, 331}, 6);
  std::vector<Bytes> expected, out, other;
  test::for_each_target([&] {
    for (std::size_t bit = 0; bit < 32 * one.words.size(); ++bit) {
      Words altered = one.words;
      altered[bit / 32] ^= 1U << bit % 32;
      const Status status = decode_ref<std::uint8_t>(altered, one.segments(expected), kLanes);
      ASSERT_EQ(decode<std::uint8_t>(altered, one.segments(out), kLanes), status) << bit;
      if (status == Status::ok) {
        ASSERT_EQ(out, expected) << bit;
      }
      const bool both = decode_both(two.words, two.segments(other), altered, one.segments(out), kLanes);
      ASSERT_EQ(both, status == Status::ok && rans::have_row_vectors()) << bit;
    }
  });
}

}  // namespace
}  // namespace vaerans::kernels
