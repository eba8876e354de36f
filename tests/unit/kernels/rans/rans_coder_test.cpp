// The entropy coder: round trips, size against entropy, and what it says to altered streams.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <vector>

#include "kernels/rans/rans.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

using Words = std::vector<std::uint32_t>;

constexpr std::array kLanes{1U, 2U, 4U, 8U, 16U, 32U, 64U};
static_assert(kLanes.back() == kMaxLanes);

// Both tables of one set of symbols.
struct Model {
  std::vector<std::uint32_t> counts, freq;
  EncodeTable encode_table;
  DecodeTable decode_table;

  template <class Symbol>
  Model(const std::vector<Symbol>& symbols, std::uint32_t alphabet, unsigned precision)
      : counts(alphabet), freq(alphabet) {
    for (const Symbol s : symbols) ++counts[s];
    std::vector<std::uint32_t> normalized = counts;
    if (symbols.empty()) normalized[0] = 1;
    EXPECT_EQ(normalize(normalized, precision, freq), Status::ok);
    EXPECT_EQ(encode_table.build({freq, precision}), Status::ok);
    EXPECT_EQ(decode_table.build({freq, precision}), Status::ok);
  }
};

// Symbols in segments, each with its own model.
template <class Symbol>
struct Message {
  std::vector<std::vector<Symbol>> parts;
  std::vector<std::unique_ptr<Model>> models;
  unsigned precision = 0;

  void add(std::vector<Symbol> symbols, std::uint32_t alphabet, unsigned precision_bits) {
    models.push_back(std::make_unique<Model>(symbols, alphabet, precision_bits));
    parts.push_back(std::move(symbols));
    precision = std::max(precision, precision_bits);
  }
  [[nodiscard]] std::size_t size() const {
    return std::accumulate(parts.begin(), parts.end(), std::size_t{0},
                           [](std::size_t n, const auto& part) { return n + part.size(); });
  }
  [[nodiscard]] Words encoded(unsigned lanes) const { return encoded(parts, lanes); }
  // Other symbols under this message's tables.
  [[nodiscard]] Words encoded(const std::vector<std::vector<Symbol>>& symbols, unsigned lanes) const {
    std::vector<EncodeSegment<Symbol>> segments;
    for (std::size_t k = 0; k < symbols.size(); ++k) segments.push_back({symbols[k], &models[k]->encode_table});
    Words out(max_words(size(), precision, lanes));
    const EncodeResult result = encode<Symbol>(segments, lanes, out);
    EXPECT_EQ(result.status, Status::ok);
    return {out.end() - static_cast<std::ptrdiff_t>(result.words), out.end()};
  }
  [[nodiscard]] Status decoded(const Words& words, unsigned lanes, std::vector<std::vector<Symbol>>& out) const {
    out = parts;
    std::vector<DecodeSegment<Symbol>> segments;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      std::fill(out[k].begin(), out[k].end(), Symbol{0});
      segments.push_back({out[k], &models[k]->decode_table});
    }
    const Words exact(words.begin(), words.end());  // its own allocation, so that a sanitizer sees any read beyond it
    return decode<Symbol>(exact, segments, lanes);
  }
  void expect_round_trip() const {
    for (const unsigned lanes : kLanes) {
      std::vector<std::vector<Symbol>> out;
      ASSERT_EQ(decoded(encoded(lanes), lanes, out), Status::ok) << lanes;
      ASSERT_EQ(out, parts) << lanes;
    }
  }
};

template <class Symbol>
Message<Symbol> single(std::vector<Symbol> symbols, std::uint32_t alphabet, unsigned precision) {
  Message<Symbol> message;
  message.add(std::move(symbols), alphabet, precision);
  return message;
}

// ---- round trips -----------------------------------------------------------------------------------------------

TEST(Rans, EmptyTakesNoWords) {
  const auto message = single<std::uint8_t>({}, 4, 8);
  EXPECT_TRUE(message.encoded(8).empty());
  message.expect_round_trip();
  std::vector<std::vector<std::uint8_t>> out;
  EXPECT_EQ(message.decoded({1}, 8, out), Status::trailing);
}

TEST(Rans, FewSymbolsUseFewLanes) {
  for (std::size_t n = 1; n <= 20; ++n) {
    const auto message = single(test::skewed<std::uint8_t>(n, 5, 2, n), 5, 6);
    message.expect_round_trip();
    EXPECT_LE(message.encoded(kMaxLanes).size(), 2 * n);
  }
}

TEST(Rans, EqualSymbolsCostNothing) {
  const auto message = single(std::vector<std::uint16_t>(100000, 3), 9, 16);
  EXPECT_EQ(message.encoded(1).size(), 1U);
  EXPECT_EQ(message.encoded(8).size(), 12U);
  message.expect_round_trip();
}

TEST(Rans, AlphabetsAndPrecisions) {
  for (const std::uint32_t alphabet : {2U, 3U, 16U, 255U, 256U}) {
    for (const unsigned precision : {8U, 12U, 15U, 16U}) {
      for (const double mean : {0.05, 1.0, alphabet / 3.0, 10.0 * alphabet}) {
        single(test::skewed<std::uint8_t>(777, alphabet, mean, alphabet), alphabet, precision).expect_round_trip();
        single(test::skewed<std::uint16_t>(777, alphabet, mean, precision), alphabet, precision).expect_round_trip();
      }
    }
  }
}

TEST(Rans, LargestAlphabet) {
  std::vector<std::uint16_t> symbols(65536);
  std::iota(symbols.begin(), symbols.end(), std::uint16_t{0});
  const auto all = single(symbols, 65536, 16);  // every frequency is 1
  all.expect_round_trip();
  EXPECT_LE(all.encoded(1).size(), 32768U + 1);
  single(test::skewed<std::uint16_t>(100000, 65536, 9000, 1), 65536, 16).expect_round_trip();
}

TEST(Rans, SmallestPrecision) {
  single(std::vector<std::uint8_t>{0, 1, 1, 0, 1, 0, 0, 0, 1}, 2, 1).expect_round_trip();
}

TEST(Rans, SegmentsWithTheirOwnTables) {
  test::Random random(3);
  for (int round = 0; round < 60; ++round) {
    Message<std::uint16_t> message;
    const std::uint32_t segments = random.below(12);
    for (std::uint32_t k = 0; k < segments; ++k) {
      const std::uint32_t alphabet = 1 + random.below(400);
      message.add(test::skewed<std::uint16_t>(random.below(40), alphabet, random.below(50), random.bits()), alphabet,
                  9 + random.below(8));
    }
    message.expect_round_trip();
  }
}

// ---- size ------------------------------------------------------------------------------------------------------

double table_bits(const Model& model, unsigned precision) {
  return static_cast<double>(cost_bits_q16(model.counts, model.freq, precision)) / 65536;
}

TEST(Rans, LosesNothingToTheTablesCost) {
  for (const double mean : {0.3, 3.0, 30.0}) {
    const auto message = single(test::skewed<std::uint8_t>(1 << 20, 256, mean, 8), 256, 16);
    const double bits = table_bits(*message.models[0], 16);
    for (const unsigned lanes : kLanes) {
      const double coded = static_cast<double>(message.encoded(lanes).size()) * 32;
      EXPECT_LE(coded, bits * 1.000001 + 48 * lanes + 32) << lanes;
      EXPECT_GE(coded, bits) << lanes;  // better than the table would be a counting error
    }
  }
}

TEST(Rans, OneLaneCostsLittle) {
  double overhead = 0;
  constexpr std::size_t rounds = 200;
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t n = 1 + 20 * round;
    const auto message = single(test::skewed<std::uint8_t>(n, 64, 3, n), 64, 12);
    const double bits = table_bits(*message.models[0], 12);
    const double coded = static_cast<double>(message.encoded(1).size()) * 32;
    ASSERT_LE(coded, bits + 48) << n;
    overhead += coded - bits;
  }
  EXPECT_LE(overhead / rounds, 5 * 8);
  EXPECT_GE(overhead / rounds, 3 * 8);
}

TEST(Rans, LanesGrowWithTheStream) {
  EXPECT_EQ(lanes_for(0, 0), 1U);
  EXPECT_EQ(lanes_for(1500, 1000), 1U);
  EXPECT_EQ(lanes_for(std::size_t{1} << 24U, 4 << 20U), kMaxLanes);
  EXPECT_EQ(lanes_for(~std::size_t{0}, ~std::size_t{0}), kMaxLanes);
  unsigned before = 1;
  for (std::size_t bytes = 1; bytes < (1U << 21U); bytes += 999) {
    const unsigned lanes = lanes_for(bytes * 2, bytes);
    ASSERT_TRUE(lanes == before || lanes == 2 * before);
    ASSERT_LE(6 * (lanes - 1) * 2500, bytes);  // 0.04 % at most
    before = lanes;
  }
}

TEST(Rans, MaxWordsIsEnoughForTheRarestSymbols) {
  std::vector<std::uint8_t> symbols(100000, 1);
  for (const unsigned precision : {8U, 12U, 16U}) {
    const std::vector<std::uint32_t> freq{(1U << precision) - 1, 1};  // a table that fits as badly as can be
    EncodeTable table;
    ASSERT_EQ(table.build({freq, precision}), Status::ok);
    for (const unsigned lanes : kLanes) {
      const std::vector<EncodeSegment<std::uint8_t>> segments{{symbols, &table}};
      Words out(max_words(symbols.size(), precision, lanes));
      const EncodeResult result = encode<std::uint8_t>(segments, lanes, out);
      EXPECT_EQ(result.status, Status::ok);
      EXPECT_GT(result.words + std::size_t{2} * lanes + 2, out.size());  // and not much more than enough
      Words exact(result.words);
      EXPECT_EQ(encode<std::uint8_t>(segments, lanes, exact).status, Status::ok);
      EXPECT_TRUE(std::equal(exact.begin(), exact.end(), out.end() - static_cast<std::ptrdiff_t>(result.words)));
      for (const std::size_t fewer : {std::size_t{1}, result.words / 2, result.words}) {
        Words tight(result.words - fewer);
        EXPECT_EQ(encode<std::uint8_t>(segments, lanes, tight).status, Status::output_full);
      }
    }
  }
}

TEST(Rans, PinnedWords) {
  // Ten symbols fix the stream's layout. The words were computed from the definition in rans.hpp with Python's
  // integers; a change here is a change of the format.
  const auto message = single(std::vector<std::uint8_t>{0, 1, 2, 0, 0, 3, 1, 0, 0, 2}, 4, 4);
  EXPECT_EQ(message.models[0]->freq, (std::vector<std::uint32_t>{8, 3, 3, 2}));
  EXPECT_EQ(message.encoded(1), (Words{196608, 268454941}));  // begins with a unit of zero
  EXPECT_EQ(message.encoded(2), (Words{2385969379, 59654144, 2684369180}));
  EXPECT_EQ(message.encoded(8),
            (Words{4, 1835008, 2415948233, 1431633925, 180224, 0, 2, 524288, 3758096384, 1431633925, 167936, 0}));
}

// ---- bad input -------------------------------------------------------------------------------------------------

TEST(Rans, RefusesBadCalls) {
  const std::vector<std::uint8_t> symbols{0, 1, 4};
  EncodeTable table;
  const std::vector<std::uint32_t> freq{2, 2, 0};
  ASSERT_EQ(table.build({freq, 2}), Status::ok);
  Words out(64);
  const auto code = [&](std::span<const std::uint8_t> part, const EncodeTable* with, unsigned lanes) {
    const std::vector<EncodeSegment<std::uint8_t>> segments{{part, with}};
    return encode<std::uint8_t>(segments, lanes, out).status;
  };
  EXPECT_EQ(code(symbols, &table, 1), Status::bad_symbol);
  EXPECT_EQ(code(std::vector<std::uint8_t>{2}, &table, 1), Status::bad_symbol);
  EXPECT_EQ(code(symbols, nullptr, 1), Status::bad_table);
  for (const unsigned lanes : {0U, 3U, 12U, 128U, 65U}) EXPECT_EQ(code(symbols, &table, lanes), Status::bad_argument);
  EXPECT_EQ(code({}, nullptr, 4), Status::ok);

  std::vector<std::uint8_t> back(3);
  DecodeTable empty;
  const std::vector<DecodeSegment<std::uint8_t>> segments{{back, &empty}};
  EXPECT_EQ(decode<std::uint8_t>(out, segments, 9), Status::bad_argument);
  EXPECT_EQ(decode<std::uint8_t>(Words{1}, segments, 1), Status::bad_table);
  EXPECT_EQ(decode<std::uint8_t>(Words{}, segments, 1), Status::truncated);
  EXPECT_EQ(decode<std::uint8_t>(Words{0xFFFF0000U}, segments, 1), Status::bad_state);
  EXPECT_EQ(decode<std::uint8_t>(Words{0, 1}, segments, 1), Status::bad_state);
  EXPECT_EQ(decode<std::uint8_t>(Words{1, 1}, segments, 2), Status::truncated);
  EXPECT_EQ(decode<std::uint8_t>(Words{1, 0, 1}, segments, 2), Status::bad_state);  // the second lane's
  const std::vector<std::uint32_t> wide(512, 1);
  ASSERT_EQ(empty.build({wide, 9}), Status::ok);  // an alphabet that bytes cannot hold
  EXPECT_EQ(decode<std::uint8_t>(Words{1}, segments, 1), Status::bad_table);
}

TEST(Rans, TruncationIsAlwaysSeen) {
  const auto message = single(test::skewed<std::uint16_t>(300, 64, 12, 5), 64, 12);
  std::vector<std::vector<std::uint16_t>> out;
  for (const unsigned lanes : kLanes) {
    const Words words = message.encoded(lanes);
    for (std::size_t n = 0; n < words.size(); ++n) {
      const auto middle = words.begin() + static_cast<std::ptrdiff_t>(n);
      ASSERT_NE(message.decoded({words.begin(), middle}, lanes, out), Status::ok);
      ASSERT_NE(message.decoded({middle + 1, words.end()}, lanes, out), Status::ok);
    }
    Words longer = words;
    longer.push_back(0);
    EXPECT_EQ(message.decoded(longer, lanes, out), Status::trailing);
  }
}

// Words and symbols correspond one to one: what is accepted is what the encoder writes for the symbols that came out.
// So a flipped bit is refused, or it turned symbols into others of the same frequency; it never goes by without effect.
TEST(Rans, FlippedBitsAreSeenOrChangeSymbols) {
  Message<std::uint8_t> message;
  message.add(test::skewed<std::uint8_t>(90, 200, 40, 5), 200, 10);
  message.add(test::skewed<std::uint8_t>(70, 3, 1, 6), 3, 16);
  std::vector<std::vector<std::uint8_t>> out;
  for (const unsigned lanes : {1U, 4U, 8U, 32U}) {
    const Words words = message.encoded(lanes);
    std::size_t accepted = 0;
    for (std::size_t bit = 0; bit < 32 * words.size(); ++bit) {
      Words altered = words;
      altered[bit / 32] ^= 1U << bit % 32;
      if (message.decoded(altered, lanes, out) != Status::ok) continue;
      ++accepted;
      ASSERT_NE(out, message.parts) << "bit " << bit;
      ASSERT_EQ(message.encoded(out, lanes), altered) << "bit " << bit;
    }
    EXPECT_LT(accepted, words.size());
  }
}

TEST(Rans, NoiseIsNeverUndefined) {
  const auto message = single(test::skewed<std::uint16_t>(200, 50, 12, 5), 50, 11);
  test::Random random(1);
  std::vector<std::vector<std::uint16_t>> out;
  for (int round = 0; round < 3000; ++round) {
    Words words(random.below(60));
    for (auto& w : words) w = static_cast<std::uint32_t>(random.bits() >> (32U + random.below(2)));
    EXPECT_NE(message.decoded(words, 1U << random.below(7), out), Status::ok);
  }
}

}  // namespace
}  // namespace vaerans::kernels
