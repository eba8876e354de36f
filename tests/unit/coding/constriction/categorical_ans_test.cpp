// The coder that shares its streams with constriction: words pinned from constriction 0.5.0, round trips, hostile
// words. tests/python/world/test_constriction.py exchanges streams with the library itself.
#include "coding/constriction/categorical_ans.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "test_data.hpp"

namespace vaerans::kernels::categorical {
namespace {

using Words = std::vector<std::uint32_t>;
using Probabilities = std::vector<double>;

template <class Real>
Table table_of(const std::vector<Real>& probabilities) {
  Table table;
  EXPECT_EQ(table.build(probabilities), Status::ok);
  return table;
}

template <class Symbol>
struct Part {
  std::vector<Symbol> symbols;
  const Table* table;
};

template <class Symbol>
Words encoded(const std::vector<Part<Symbol>>& parts) {
  std::size_t n = 0;
  for (const auto& part : parts) n += part.symbols.size();
  Words out(max_words(n));
  Encoder encoder(out);
  for (std::size_t k = parts.size(); k-- > 0;) {
    EXPECT_EQ(encoder.put<Symbol>(parts[k].symbols, *parts[k].table), Status::ok);
  }
  const EncodeResult result = encoder.finish();
  EXPECT_EQ(result.status, Status::ok);
  out.resize(result.words);
  return out;
}

// Decodes into `parts` in place of their symbols.
template <class Symbol>
Status decode_into(const Words& words, std::vector<Part<Symbol>>& parts) {
  // Its own allocation, so that a sanitizer sees any read beyond it.
  const Words exact(words);  // NOLINT(performance-unnecessary-copy-initialization)
  Decoder decoder(exact);
  for (auto& part : parts) {
    std::ranges::fill(part.symbols, Symbol{0});
    if (const Status status = decoder.get<Symbol>(part.symbols, *part.table); status != Status::ok) return status;
  }
  return decoder.finish();
}

template <class Symbol>
void expect_round_trip(const std::vector<Part<Symbol>>& parts) {
  auto received = parts;
  ASSERT_EQ(decode_into(encoded(parts), received), Status::ok);
  for (std::size_t k = 0; k < parts.size(); ++k) ASSERT_EQ(received[k].symbols, parts[k].symbols) << k;
}

// The example in the documentation of constriction's Categorical.
TEST(CategoricalAns, WordsOfConstrictionForFloats) {
  const Table table = table_of(std::vector<float>{0.2F, 0.4F, 0.1F, 0.3F});
  const std::vector<Part<std::uint8_t>> parts{{{0, 3, 2, 3, 2, 0, 2, 1}, &table}};
  EXPECT_EQ(encoded(parts), (Words{2484720979U, 175U}));
  expect_round_trip(parts);
}

TEST(CategoricalAns, WordsOfConstrictionForTwoTables) {
  Probabilities p(5), q(2);
  ASSERT_EQ(probabilities_of(std::vector<std::uint32_t>{5, 0, 9, 1, 1}, p), Status::ok);
  ASSERT_EQ(probabilities_of(std::vector<std::uint32_t>{1000, 1}, q), Status::ok);
  const Table first = table_of(p), second = table_of(q);
  std::vector<std::uint8_t> rare(61);
  rare[30] = 1;
  const std::vector<Part<std::uint8_t>> parts{{{0, 2, 2, 3, 4, 1, 2, 0, 0, 2, 2, 2, 4, 2, 0, 2, 3, 1, 1}, &first},
                                              {rare, &second}};
  EXPECT_EQ(encoded(parts), (Words{0xd24fffffU, 0x17789212U, 0x3f1a813fU, 0x2a0d26d7U}));
  expect_round_trip(parts);
}

TEST(CategoricalAns, WordsOfConstrictionForSixteenBits) {
  Probabilities p(1000);
  for (std::size_t s = 0; s < p.size(); ++s) p[s] = static_cast<double>(s) / 499500.0;
  const Table table = table_of(p);
  const std::vector<Part<std::uint16_t>> parts{{{999, 0, 500, 1, 998, 250}, &table}};
  EXPECT_EQ(encoded(parts), (Words{0x3640041eU, 0xbaffa9daU, 0x072c36ecU}));
  expect_round_trip(parts);
}

TEST(CategoricalAns, TablesOfConstriction) {
  const Table doubles = table_of(Probabilities{0.2, 0.4, 0.1, 0.3});
  EXPECT_TRUE(std::ranges::equal(doubles.cumulative(), Words{0, 3355443, 10066329, 11744051, 16777216}));
  const Table floats = table_of(std::vector<float>{0.2F, 0.4F, 0.1F, 0.3F});
  EXPECT_TRUE(std::ranges::equal(floats.cumulative(), Words{0, 3355443, 10066330, 11744052, 16777216}));
  const Table zeros = table_of(Probabilities{0, 1, 0});
  EXPECT_TRUE(std::ranges::equal(zeros.cumulative(), Words{0, 1, 16777215, 16777216}));
  const Table unnormalized = table_of(Probabilities{1e308, 0.5e308});
  EXPECT_TRUE(std::ranges::equal(unnormalized.cumulative(), Words{0, 11184810, 16777216}));
}

TEST(CategoricalAns, FirstSymbolsAloneTakeNoWords) {
  const Table table = table_of(Probabilities{1, 0});
  const std::vector<Part<std::uint8_t>> parts{{std::vector<std::uint8_t>(50), &table}};
  EXPECT_EQ(encoded(parts), Words{});
  expect_round_trip(parts);
  EXPECT_EQ(encoded<std::uint8_t>({}), Words{});
  EXPECT_EQ(encoded<std::uint8_t>({{{}, &table}}), Words{});
}

// Every slot belongs to the symbol whose interval it lies in, found by walking through the whole table.
TEST(CategoricalAns, SymbolOfSlot) {
  test::Random random(3);
  for (const std::size_t n : {2U, 3U, 17U, 256U, 5000U, 65536U}) {
    Probabilities p(n);
    for (double& v : p) v = std::pow(random.unit(), 20);
    const Table table = table_of(p);
    const auto cumulative = table.cumulative();
    for (std::uint32_t s = 0; s < n; ++s) {
      ASSERT_LT(cumulative[s], cumulative[s + 1]);
      ASSERT_EQ(table.symbol_of(cumulative[s]), s) << n;
      ASSERT_EQ(table.symbol_of(cumulative[s + 1] - 1), s) << n;
    }
  }
}

template <class Symbol>
void round_trips(std::uint32_t alphabet, double mean) {
  for (const std::size_t n : {0U, 1U, 2U, 7U, 100U, 20000U}) {
    const auto symbols = test::skewed<Symbol>(n, alphabet, mean, n + alphabet);
    std::vector<std::uint32_t> counts(alphabet);
    for (const Symbol s : symbols) ++counts[s];
    if (n == 0) counts[0] = 1;
    Probabilities p(alphabet);
    ASSERT_EQ(probabilities_of(counts, p), Status::ok);
    const Table table = table_of(p);
    expect_round_trip<Symbol>({{symbols, &table}, {symbols, &table}});

    double bits = 64;
    for (const Symbol s : symbols) bits -= std::log2(p[s]);
    EXPECT_LE(static_cast<double>(encoded<Symbol>({{symbols, &table}}).size()) * 32, bits * 1.001);
  }
}

TEST(CategoricalAns, RoundTrips) {
  round_trips<std::uint8_t>(2, 0.2);
  round_trips<std::uint8_t>(256, 20);
  round_trips<std::uint16_t>(256, 0.1);
  round_trips<std::uint16_t>(60000, 300);
}

TEST(CategoricalAns, RareSymbolsFitInMaxWords) {
  const Table table = table_of(Probabilities{1, 0});
  for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 9U, 1000U}) {
    expect_round_trip<std::uint8_t>({{std::vector<std::uint8_t>(n, 1), &table}});
  }
}

TEST(CategoricalAns, WhatIsDecodedIsWhatIsEncoded) {
  const Table table = table_of(Probabilities{0.5, 0.2, 0.2, 0.05, 0.05});
  const std::vector<Part<std::uint8_t>> parts{{test::skewed<std::uint8_t>(40, 5, 1, 5), &table}};
  const Words words = encoded(parts);
  unsigned refused = 0;
  for (std::size_t bit = 0; bit < words.size() * 32; ++bit) {
    Words altered = words;
    altered[bit / 32] ^= 1U << (bit % 32);
    auto received = parts;
    if (decode_into(altered, received) == Status::ok) {
      EXPECT_EQ(encoded(received), altered);
    } else {
      ++refused;
    }
  }
  EXPECT_GE(refused, words.size() * 31);
}

TEST(CategoricalAns, HostileWords) {
  const Table table = table_of(Probabilities{0.5, 0.2, 0.2, 0.05, 0.05});
  std::vector<Part<std::uint8_t>> parts{{test::skewed<std::uint8_t>(400, 5, 2, 5), &table}};
  const Words words = encoded(parts);
  for (std::size_t n = 1; n < words.size(); ++n) {  // no words at all are a stream: of first symbols
    EXPECT_NE(decode_into(Words(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(n)), parts), Status::ok);
    EXPECT_NE(decode_into(Words(words.end() - static_cast<std::ptrdiff_t>(n), words.end()), parts), Status::ok);
  }
  Words zero = words, longer = words;
  zero.push_back(0);
  longer.insert(longer.begin(), 10, 5U);
  EXPECT_EQ(decode_into(zero, parts), Status::bad_state);
  EXPECT_EQ(decode_into(longer, parts), Status::trailing);
  EXPECT_EQ(decode_into({0xffffffffU}, parts), Status::end_state);
}

TEST(CategoricalAns, BadTables) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  Table table;
  EXPECT_EQ(table.build(Probabilities{}), Status::bad_argument);
  EXPECT_EQ(table.build(Probabilities{1}), Status::bad_argument);
  EXPECT_EQ(table.build(Probabilities(kMaxAlphabet + 1, 1.0)), Status::bad_argument);
  for (const Probabilities& p : std::vector<Probabilities>{
           {0, 0}, {1, -0.1}, {inf, 1}, {nan, 1}, {1, nan}, {1e308, 1e308}, {5e-324, 5e-324}, {3e-308, 0}}) {
    EXPECT_EQ(table.build(p), Status::bad_table) << p[0] << ' ' << p[1];
    EXPECT_EQ(table.alphabet(), 0U);
  }
  // Rounding in float leaves nothing for the last symbol.
  EXPECT_EQ(table.build(std::vector<float>{1.0F / 3, 1.0F / 3, 1.0F / 3, 1e-20F}), Status::ok);
  std::vector<float> many(100, 0.01F);
  many.push_back(1e-20F);
  Status status = table.build(many);
  for (int k = 0; k < 2000 && status == Status::ok; ++k) {
    many[0] += 1e-5F;
    status = table.build(many);
  }
  EXPECT_EQ(status, Status::bad_table);
}

TEST(CategoricalAns, BadArguments) {
  const Table table = table_of(Probabilities{1, 1});
  const std::vector<std::uint8_t> symbols{0, 1, 2};
  Words room(8);
  const auto status_of = [&](const std::vector<std::uint8_t>& message, const Table& with, std::size_t words) {
    Encoder encoder{std::span(room).first(words)};
    const Status status = encoder.put<std::uint8_t>(message, with);
    return status == Status::ok ? encoder.finish().status : status;
  };
  EXPECT_EQ(status_of(symbols, table, 8), Status::bad_symbol);
  EXPECT_EQ(status_of(symbols, Table(), 8), Status::bad_table);
  const std::vector<std::uint8_t> ones(200, 1);
  EXPECT_EQ(status_of(ones, table, 0), Status::output_full);
  EXPECT_EQ(status_of(ones, table, 6), Status::output_full);
  EXPECT_EQ(status_of(ones, table, 8), Status::ok);

  std::vector<std::uint8_t> out(3);
  EXPECT_EQ(Decoder(Words{1, 0}).get<std::uint8_t>(out, table), Status::bad_state);
  EXPECT_EQ(Decoder(Words{1, 0}).finish(), Status::bad_state);
  EXPECT_EQ(Decoder(Words{1}).get<std::uint8_t>(out, table_of(Probabilities(257, 1.0))), Status::bad_table);
  EXPECT_EQ(Decoder(Words{1}).get<std::uint8_t>(out, Table()), Status::bad_table);
  Probabilities p(2);
  EXPECT_EQ(probabilities_of(std::vector<std::uint32_t>{0, 0}, p), Status::bad_argument);
  EXPECT_EQ(probabilities_of(std::vector<std::uint32_t>{1}, p), Status::bad_argument);
}

TEST(CategoricalAns, BuildingAgainKeepsTheMemory) {
  Table table = table_of(Probabilities(256, 1.0));
  const auto* memory = table.cumulative().data();
  ASSERT_EQ(table.build(Probabilities{0.1, 0.9}), Status::ok);
  ASSERT_EQ(table.build(Probabilities(256, 2.0)), Status::ok);
  EXPECT_EQ(table.cumulative().data(), memory);
}

}  // namespace
}  // namespace vaerans::kernels::categorical
