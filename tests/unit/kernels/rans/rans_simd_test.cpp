// The vectors against the plain twin: the same words and symbols from every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "each_target.hpp"
#include "kernels/rans/rans.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

using Words = std::vector<std::uint32_t>;
using Counts = std::vector<std::uint32_t>;

constexpr std::array kLanes{1U, 2U, 4U, 8U, 16U, 32U, 64U};

// Symbols in segments, each with its own tables.
template <class Symbol>
struct Stream {
  std::vector<std::vector<Symbol>> parts;
  std::vector<EncodeTable> encode_tables;
  std::vector<DecodeTable> decode_tables;

  void add(std::vector<Symbol> symbols, const Counts& freq, unsigned precision) {
    parts.push_back(std::move(symbols));
    ASSERT_EQ(encode_tables.emplace_back().build({freq, precision}), Status::ok);
    ASSERT_EQ(decode_tables.emplace_back().build({freq, precision}), Status::ok);
  }
  void add(std::vector<Symbol> symbols, std::uint32_t alphabet, unsigned precision) {
    Counts counts(alphabet), freq(alphabet);
    for (const Symbol s : symbols) ++counts[s];
    if (symbols.empty()) counts[0] = 1;
    ASSERT_EQ(normalize(counts, precision, freq), Status::ok);
    add(std::move(symbols), freq, precision);
  }

  using Encoder = EncodeResult (*)(std::span<const EncodeSegment<Symbol>>, unsigned, std::span<std::uint32_t>) noexcept;
  [[nodiscard]] Words encoded(Encoder encoder, unsigned lanes) const {
    std::vector<EncodeSegment<Symbol>> segments;
    std::size_t n = 0;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      segments.push_back({parts[k], &encode_tables[k]});
      n += parts[k].size();
    }
    Words out(max_words(n, kMaxPrecision, lanes));
    const EncodeResult result = encoder(segments, lanes, out);
    EXPECT_EQ(result.status, Status::ok);
    return {out.end() - static_cast<std::ptrdiff_t>(result.words), out.end()};
  }

  using Decoder = Status (*)(std::span<const std::uint32_t>, std::span<const DecodeSegment<Symbol>>, unsigned) noexcept;
  [[nodiscard]] Status decoded(Decoder decoder, const Words& words, unsigned lanes,
                               std::vector<std::vector<Symbol>>& out) const {
    out = parts;
    std::vector<DecodeSegment<Symbol>> segments;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      std::ranges::fill(out[k], Symbol{0});
      segments.push_back({out[k], &decode_tables[k]});
    }
    const Words exact(words.begin(), words.end());  // its own allocation, so that a sanitizer sees any read beyond it
    return decoder(exact, segments, lanes);
  }

  void expect_as_ref() const {
    for (const unsigned lanes : kLanes) {
      const Words words = encoded(&encode_ref<Symbol>, lanes);
      std::vector<std::vector<Symbol>> out;
      ASSERT_EQ(decoded(&decode_ref<Symbol>, words, lanes, out), Status::ok) << lanes;
      ASSERT_EQ(out, parts) << lanes;
      test::for_each_target([&] {
        ASSERT_EQ(encoded(&encode<Symbol>, lanes), words) << lanes;
        ASSERT_EQ(decoded(&decode<Symbol>, words, lanes, out), Status::ok) << lanes;
        ASSERT_EQ(out, parts) << lanes;
      });
    }
  }
};

TEST(RansSimd, OddSizes) {
  for (const std::size_t n : {1U, 7U, 8U, 9U, 63U, 64U, 65U, 127U, 128U, 129U, 1000U, 4099U}) {
    Stream<std::uint8_t> bytes;
    bytes.add(test::skewed<std::uint8_t>(n, 256, 5, n), 256, 15);
    bytes.expect_as_ref();
    Stream<std::uint16_t> wide;
    wide.add(test::skewed<std::uint16_t>(n, 3000, 200, n), 3000, 14);
    wide.expect_as_ref();
  }
}

TEST(RansSimd, EveryPrecision) {
  for (unsigned precision = kMinPrecision; precision <= kMaxPrecision; ++precision) {
    const std::uint32_t alphabet = std::min(1U << precision, 256U);
    Stream<std::uint8_t> stream;
    stream.add(test::skewed<std::uint8_t>(3000, alphabet, alphabet / 6.0, precision), alphabet, precision);
    stream.expect_as_ref();
  }
}

// Tables in which divisions, renormalisation and look-ups are at their limits.
TEST(RansSimd, ExtremeTables) {
  const auto nearly_all = [](unsigned precision) {
    Counts freq(256);
    freq[0] = (1U << precision) - 1;
    freq[255] = 1;
    return freq;
  };
  std::vector<std::uint8_t> rare(2000, 0);
  for (std::size_t i = 0; i < rare.size(); i += 97) rare[i] = 255;
  for (const unsigned precision : {1U, 8U, 15U, 16U}) {
    Stream<std::uint8_t> stream;
    stream.add(rare, nearly_all(precision), precision);
    stream.add(std::vector<std::uint8_t>(1500, 255), nearly_all(precision), precision);  // 16 bits each
    stream.add(std::vector<std::uint8_t>(1500, 0), nearly_all(precision), precision);    // next to nothing
    stream.add(std::vector<std::uint8_t>(1500, 9), Counts{0, 0, 0, 0, 0, 0, 0, 0, 0, 1U << precision}, precision);
    stream.expect_as_ref();
  }
  Stream<std::uint8_t> uniform;
  uniform.add(test::noise<std::uint8_t>(5000, 1), Counts(256, 1), 8);
  uniform.add(test::noise<std::uint8_t>(5000, 2), Counts(256, 256), 16);
  uniform.expect_as_ref();
  Stream<std::uint16_t> largest;
  largest.add(test::noise<std::uint16_t>(5000, 3), Counts(65536, 1), 16);
  largest.expect_as_ref();
}

TEST(RansSimd, ManySegments) {
  test::Random random(3);
  for (int round = 0; round < 12; ++round) {
    Stream<std::uint8_t> stream;
    for (int k = 0; k < 25; ++k) {
      const std::uint32_t alphabet = 1 + random.below(256);
      stream.add(test::skewed<std::uint8_t>(random.below(round % 2 == 0 ? 20 : 300), alphabet, random.below(50),
                                            random.bits()),
                 alphabet, 8 + random.below(9));
    }
    stream.expect_as_ref();
  }
}

TEST(RansSimd, EveryTruncationIsSeen) {
  Stream<std::uint8_t> stream;
  stream.add(test::skewed<std::uint8_t>(700, 64, 3, 5), 64, 12);
  std::vector<std::vector<std::uint8_t>> out;
  for (const unsigned lanes : {8U, 64U}) {
    const Words words = stream.encoded(&encode_ref<std::uint8_t>, lanes);
    test::for_each_target([&] {
      for (std::size_t n = 0; n < words.size(); ++n) {
        const auto middle = words.begin() + static_cast<std::ptrdiff_t>(n);
        ASSERT_NE(stream.decoded(&decode<std::uint8_t>, {words.begin(), middle}, lanes, out), Status::ok) << n;
        ASSERT_NE(stream.decoded(&decode<std::uint8_t>, {middle + 1, words.end()}, lanes, out), Status::ok) << n;
      }
      Words longer = words;
      longer.push_back(0);
      ASSERT_EQ(stream.decoded(&decode<std::uint8_t>, longer, lanes, out), Status::trailing);
    });
  }
}

// Altered words: every instruction set says what the twin says, and gives the same symbols where that is "ok".
TEST(RansSimd, AlteredWordsAreJudgedAlike) {
  Stream<std::uint8_t> stream;
  stream.add(test::skewed<std::uint8_t>(300, 200, 40, 5), 200, 10);
  stream.add(test::skewed<std::uint8_t>(331, 3, 1, 6), 3, 16);
  std::vector<std::vector<std::uint8_t>> expected, out;
  for (const unsigned lanes : {8U, 32U}) {
    const Words words = stream.encoded(&encode_ref<std::uint8_t>, lanes);
    test::for_each_target([&] {
      for (std::size_t bit = 0; bit < 32 * words.size(); ++bit) {
        Words altered = words;
        altered[bit / 32] ^= 1U << bit % 32;
        const Status status = stream.decoded(&decode_ref<std::uint8_t>, altered, lanes, expected);
        ASSERT_EQ(stream.decoded(&decode<std::uint8_t>, altered, lanes, out), status) << bit;
        if (status == Status::ok) {
          ASSERT_EQ(out, expected) << bit;
          ASSERT_NE(out, stream.parts) << bit;
        }
      }
    });
  }
}

TEST(RansSimd, SymbolsWithoutSlotsAreRefused) {
  EncodeTable table;
  const Counts freq{2, 0, 2};
  ASSERT_EQ(table.build({freq, 2}), Status::ok);
  const auto code = [&]<class Symbol>(Symbol bad, std::size_t at) {
    std::vector<Symbol> symbols(200, 2);
    symbols[at] = bad;
    const std::vector<EncodeSegment<Symbol>> segments{{symbols, &table}};
    Words out(2 * symbols.size());
    return encode<Symbol>(segments, 32, out).status;
  };
  test::for_each_target([&] {
    for (std::size_t at = 0; at < 200; ++at) {
      ASSERT_EQ(code(std::uint8_t{1}, at), Status::bad_symbol) << at;
      ASSERT_EQ(code(std::uint8_t{3}, at), Status::bad_symbol) << at;
      ASSERT_EQ(code(std::uint8_t{255}, at), Status::bad_symbol) << at;
      ASSERT_EQ(code(std::uint16_t{257}, at), Status::bad_symbol) << at;
      ASSERT_EQ(code(std::uint16_t{65535}, at), Status::bad_symbol) << at;
      ASSERT_EQ(code(std::uint16_t{2}, at), Status::ok) << at;
    }
  });
}

}  // namespace
}  // namespace vaerans::kernels
