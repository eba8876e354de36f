// The model of coder=static: parametric tables, the activity map, explicit tables, and the side information.
#include "coding/static/static_tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "coding/coder.hpp"
#include "coding/static/explicit_tables.hpp"
#include "coding/static/static_choice.hpp"
#include "expect_error.hpp"

namespace vaerans {
namespace {

using Symbols = std::vector<std::uint16_t>;

/// The same numbers in every standard library.
class Random {
 public:
  explicit Random(unsigned seed) : generator_(seed) {}
  std::uint32_t operator()() { return static_cast<std::uint32_t>(generator_()); }

 private:
  std::mt19937 generator_;
};

/// Channels of `levels` wavelet levels over planes of h x w.
std::vector<Subband> pyramid(std::uint32_t channels, std::uint32_t levels, std::uint32_t h, std::uint32_t w) {
  std::vector<Subband> out;
  std::uint64_t at = 0;
  const auto add = [&](std::uint32_t c, std::uint32_t level, Orientation band) {
    const bool high_x = band == Orientation::HL || band == Orientation::HH,
               high_y = band == Orientation::LH || band == Orientation::HH;
    const std::uint32_t half = (1U << level) / 2, all = 1U << level;
    const auto size = [&](std::uint32_t n, bool high) { return level == 0 ? n : (n + (high ? half : all) - 1) / all; };
    out.push_back({c, static_cast<std::uint8_t>(level), band, at, size(h, high_y), size(w, high_x)});
    at += out.back().size();
  };
  for (std::uint32_t c = 0; c < channels; ++c) {
    add(c, levels, Orientation::LL);
    for (std::uint32_t l = levels; l > 0; --l) {
      for (const auto band : {Orientation::HL, Orientation::LH, Orientation::HH}) add(c, l, band);
    }
  }
  return out;
}

/// Laplacian coefficients around `zero` whose spread falls with the level; one side of the picture is `contrast` times
/// as busy as the other.
Symbols picture_like(std::span<const Subband> subbands, std::uint32_t zero, double contrast, unsigned seed) {
  Random generator(seed);
  Symbols out;
  for (const Subband& s : subbands) {
    for (std::uint64_t i = 0; i < s.size(); ++i) {
      const double scale = 0.2 * std::pow(2.0, s.level) * (2 * (i % s.w) < s.w ? 1 : contrast);
      // Two uniform numbers make a Laplacian one, without the library's own distributions.
      const double u = (generator() + 1.0) / 4294967297.0;
      const auto v = static_cast<std::int64_t>(std::lround(-scale * std::log(u) * (generator() % 2 == 0 ? 1 : -1)));
      out.push_back(static_cast<std::uint16_t>(std::clamp<std::int64_t>(zero + v, 0, 65535)));
    }
  }
  return out;
}

double entropy(std::span<const Subband> subbands, const Symbols& symbols) {
  double bits = 0;
  for (const Subband& s : subbands) {
    Counts counts(65536);
    for (std::uint64_t i = 0; i < s.size(); ++i) ++counts[symbols[s.offset + i]];
    for (const std::uint32_t c : counts) {
      if (c != 0) bits += c * std::log2(static_cast<double>(s.size()) / c);
    }
  }
  return bits;
}

Coded encode(std::span<const Subband> subbands, const Symbols& symbols) {
  Coded out;
  std::vector<std::uint64_t> memory(static_coder().work_bytes(subbands) / sizeof(std::uint64_t));
  const Workspace work(std::as_writable_bytes(std::span(memory)));
  EXPECT_TRUE(static_coder().encode(std::span<const std::uint16_t>(symbols), {subbands, nullptr, work}, out));
  return out;
}

Symbols decode(std::span<const Subband> subbands, const Coded& coded, std::size_t n) {
  Symbols out(n);
  static_coder().decode(coded.side_info, coded.payload, {subbands, nullptr, {}}, {}, std::span(out));
  return out;
}

std::uint64_t sum(const SymbolTable& table) {
  return std::accumulate(table.freq.begin(), table.freq.end(), std::uint64_t{0});
}

// ---- spreads -------------------------------------------------------------------------------------------------------

TEST(SpreadTable, SumsUpAndHasASlotForAllWithinReach) {
  SymbolTable table;
  for (std::uint32_t c = 0; c < kSpreadClasses; ++c) {
    for (std::uint32_t shape = 0; shape < kShapes; ++shape) {
      for (const unsigned precision : {8U, 13U, 15U}) {
        if (!spread_table({c, shape}, precision, 300, 5, 65535, table)) continue;
        ASSERT_EQ(sum(table), 1ULL << precision);
        ASSERT_TRUE(std::ranges::all_of(table.freq, [](std::uint32_t f) { return f > 0; }));
        const std::uint32_t reach = spread_reach({c, shape}, precision) + 5;
        ASSERT_EQ(table.first, 300 - std::min(300U, reach));
        ASSERT_EQ(table.first + table.freq.size() - 1, 300 + reach);
      }
    }
  }
}

// Against the same function in floating point: a table wastes little, by rounding and on the symbols that are rare.
TEST(SpreadTable, FollowsItsFormula) {
  const double alpha[] = {0.75, 1, 1.5, 2};
  SymbolTable table;
  int n = 0;
  for (std::uint32_t c = 4; c < 36; ++c) {
    for (std::uint32_t shape = 0; shape < kShapes; ++shape) {
      if (!spread_table({c, shape}, 15, 30000, 0, 65535, table)) continue;
      const double scale = std::pow(2.0, (c - 12.0) / 4);
      const auto weight = [&](double d) { return std::exp2(-std::pow(std::abs(d) / scale, alpha[shape])); };
      double total = 0, wasted = 0;
      for (int d = -60000; d <= 60000; ++d) total += weight(d);
      const auto center = static_cast<int>(table.freq.size() / 2);
      for (int d = -center; d <= center; ++d) {
        const double p = weight(d) / total, slots = table.freq[static_cast<std::size_t>(center + d)];
        wasted += p * std::log2(p * 32768 / slots);
        ASSERT_NEAR(slots, std::max(1.0, 32768 * p), 1.6 + 0.04 * 32768 * p) << c << ' ' << shape << ' ' << d;
      }
      EXPECT_LT(wasted, 0.02) << c << ' ' << shape;
      EXPECT_GT(wasted, -0.005) << c << ' ' << shape;
      ++n;
    }
  }
  EXPECT_GT(n, 100);
}

TEST(SpreadTable, IsTheSameEverywhere) {
  SymbolTable table;
  ASSERT_TRUE(spread_table({15, 2}, 8, 20, 0, 255, table));
  EXPECT_EQ(table.first, 13U);
  EXPECT_EQ(table.freq, (RecycledVector<std::uint32_t>{1, 1, 2, 5, 13, 27, 47, 64, 47, 27, 13, 5, 2, 1, 1}));
}

TEST(SpreadTable, IsCutAtTheEndsOfTheAlphabet) {
  SymbolTable table;
  ASSERT_TRUE(spread_table({24, 1}, 12, 2, 9, 255, table));
  EXPECT_EQ(table.first, 0U);
  EXPECT_EQ(sum(table), 4096U);
  ASSERT_TRUE(spread_table({24, 1}, 12, 255, 9, 255, table));
  EXPECT_EQ(table.first + table.freq.size(), 256U);
  EXPECT_EQ(sum(table), 4096U);
}

TEST(SpreadTable, NarrowestIsConstantAndTooWideIsRefused) {
  SymbolTable table;
  ASSERT_TRUE(spread_table({0, 3}, 13, 7, 0, 255, table));
  EXPECT_EQ(table.precision_bits, 0U);
  EXPECT_EQ(table.freq, (RecycledVector<std::uint32_t>{1}));
  EXPECT_FALSE(spread_table({47, 0}, 8, 30000, 0, 65535, table));
  EXPECT_FALSE(spread_table({20, 1}, 12, 30000, 4000, 65535, table));
}

TEST(SpreadCosts, AreCloseToTheTables) {
  const SpreadCosts& costs = SpreadCosts::get();
  SymbolTable table;
  for (const Spread spread : {Spread{8, 1}, Spread{14, 2}, Spread{22, 0}, Spread{30, 3}, Spread{34, 1}}) {
    ASSERT_TRUE(spread_table(spread, 15, 30000, 0, 65535, table));
    const std::uint32_t center = 30000 - table.first;
    for (std::uint32_t d = 0; d < center; ++d) {
      if (table.freq[center + d] < 16) break;
      const double exact = 15 - std::log2(table.freq[center + d]);
      ASSERT_NEAR(costs.cost(spread, d, 15) / 65536.0, exact, d < 64 ? 0.06 : 0.25) << spread.spread_class << ' ' << d;
    }
  }
}

// ---- the choice ----------------------------------------------------------------------------------------------------

TEST(StaticChoice, SmallStreamsCostLittleMoreThanTheirEntropy) {
  const auto subbands = pyramid(4, 4, 64, 96);
  const Symbols symbols = picture_like(subbands, 100, 1, 1);
  const Coded coded = encode(subbands, symbols);
  const double bits = entropy(subbands, symbols);
  EXPECT_LT(8.0 * static_cast<double>(coded.size()), bits * 1.05);
  EXPECT_LT(8.0 * static_cast<double>(coded.side_info.size()), 7.0 * static_cast<double>(subbands.size()));
  EXPECT_GT(8.0 * static_cast<double>(coded.size()), bits * 0.98) << "too good to be true";
  EXPECT_EQ(decode(subbands, coded, symbols.size()), symbols);
}

TEST(StaticChoice, AMapTellsBusyFromQuietParts) {
  const auto subbands = pyramid(4, 4, 64, 96);
  const Symbols symbols = picture_like(subbands, 100, 6, 2);
  const Coded coded = encode(subbands, symbols);
  const StaticEntropyModel model = read_model(coded.side_info, subbands, 65535, {});
  ASSERT_NE(model.map.log2_cell, 0U);
  const auto [least, most] = std::ranges::minmax(model.map.offset);
  EXPECT_GE(most - least, 3);
  EXPECT_LT(8.0 * static_cast<double>(coded.size()), entropy(subbands, symbols) * 0.95);
  EXPECT_EQ(decode(subbands, coded, symbols.size()), symbols);
}

TEST(StaticChoice, PartsAddUpToTheSubbands) {
  const auto subbands = pyramid(3, 3, 45, 70);
  const Symbols symbols = picture_like(subbands, 90, 5, 3);
  const Coded coded = encode(subbands, symbols);
  const StreamTables tables = stream_tables(read_model(coded.side_info, subbands, 65535, {}), subbands, 65535);
  std::vector<std::uint64_t> n(subbands.size());
  double bits = 0;
  for (const auto& p : tables.parts) n[p.subband] += p.symbols;
  for (std::size_t i = 0; i < subbands.size(); ++i) EXPECT_EQ(n[i], subbands[i].size());
  for (const auto& t : tables.tables) {
    double total = 0;
    for (std::uint32_t s = 0; s < 65536; ++s) total += t.probability(s);
    ASSERT_DOUBLE_EQ(total, 1);
  }
  // The mean of a subband's parts has to be a good model of the subband.
  for (const Subband& s : subbands) {
    for (std::uint64_t i = 0; i < s.size(); ++i) {
      double p = 0;
      for (const auto& part : tables.parts) {
        if (std::cmp_equal(part.subband, &s - subbands.data()))
          p += tables.tables[part.table].probability(symbols[s.offset + i]) * static_cast<double>(part.symbols);
      }
      ASSERT_GT(p, 0);
      bits -= std::log2(p / static_cast<double>(s.size()));
    }
  }
  EXPECT_LT(bits, entropy(subbands, symbols) * 1.06);
}

// Only even symbols: no spread is like that.
TEST(StaticChoice, WhatNoSpreadFitsIsExplicit) {
  const auto subbands = pyramid(1, 2, 120, 120);
  Symbols symbols = picture_like(subbands, 50, 1, 4);
  for (auto& s : symbols) s = static_cast<std::uint16_t>(2 * s);
  const Coded coded = encode(subbands, symbols);
  const StaticEntropyModel model = read_model(coded.side_info, subbands, 65535, {});
  EXPECT_FALSE(model.subbands.back().parametric());
  EXPECT_EQ(decode(subbands, coded, symbols.size()), symbols);
}

TEST(StaticChoice, EveryKindOfDataComesBack) {
  const auto subbands = pyramid(2, 3, 37, 53);
  Symbols symbols = picture_like(subbands, 100, 3, 5);
  const auto check = [&](const char* what) {
    ASSERT_EQ(decode(subbands, encode(subbands, symbols), symbols.size()), symbols) << what;
  };
  check("plain");
  symbols[1234] = 65535;
  symbols[1500] = 0;
  check("outliers");
  Random generator(6);
  for (auto& s : symbols) s = static_cast<std::uint16_t>(generator());
  check("noise over the whole alphabet");
  for (auto& s : symbols) s = static_cast<std::uint16_t>(generator() % 2 * 40000);
  check("two symbols far apart");
  std::ranges::fill(symbols, std::uint16_t{9});
  check("constant");
  symbols.back() = 10;
  check("nearly constant");
  for (std::size_t i = 0; i < symbols.size(); ++i) symbols[i] = static_cast<std::uint16_t>(30000 + 700 * (i % 5));
  check("wide and sparse");
}

TEST(StaticChoice, SubbandsWithoutSymbolsTakeNoBits) {
  auto subbands = pyramid(1, 1, 1, 9);  // LH and HH have no rows
  ASSERT_EQ(subbands[2].size(), 0U);
  const Symbols symbols{5, 5, 6, 5, 7, 0, 1, 0, 1};
  EXPECT_EQ(decode(subbands, encode(subbands, symbols), symbols.size()), symbols);
  const Coded none = encode({}, {});
  EXPECT_EQ(none.side_info.size(), 1U);
  EXPECT_TRUE(decode({}, none, 0).empty());
}

// ---- the side information ------------------------------------------------------------------------------------------

std::vector<ByteBuffer> some_side_info(std::span<const Subband> subbands) {
  std::vector<ByteBuffer> out;
  Symbols symbols = picture_like(subbands, 100, 5, 7);
  out.push_back(encode(subbands, symbols).side_info);
  symbols[40] = 150;  // a table with more symbols
  out.push_back(encode(subbands, symbols).side_info);
  for (auto& s : symbols) s = static_cast<std::uint16_t>(2 * s % 50);  // explicit tables
  out.push_back(encode(subbands, symbols).side_info);
  return out;
}

TEST(StaticSideInfo, ReadsBackAsItWasWritten) {
  const auto subbands = pyramid(2, 2, 24, 40);
  for (const auto& side_info : some_side_info(subbands)) {
    EXPECT_EQ(write_model(read_model(side_info, subbands, 65535, {}), subbands), side_info);
  }
}

/// A typed error, or a model that is written just like that. Returns whether it was refused.
bool is_refused(std::span<const std::byte> side_info, std::span<const Subband> subbands, std::uint32_t max_symbol) {
  try {
    const StaticEntropyModel model = read_model(side_info, subbands, max_symbol, {});
    (void)stream_tables(model, subbands, max_symbol);
    return false;
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::corrupt_stream || error.code() == ErrorCode::limit_exceeded) << error.what();
    EXPECT_NE(std::string(error.what()).find("ans side information"), std::string::npos) << error.what();
    return true;
  }
}

TEST(StaticSideInfo, EveryTruncationIsRefused) {
  const auto subbands = pyramid(2, 2, 24, 40);
  for (const auto& side_info : some_side_info(subbands)) {
    for (std::size_t n = 0; n < side_info.size(); ++n) {
      EXPECT_TRUE(is_refused(std::span(side_info).first(n), subbands, 65535)) << n;
    }
    auto longer = side_info;
    longer.push_back(std::byte{0});
    EXPECT_TRUE(is_refused(longer, subbands, 65535));
  }
}

TEST(StaticSideInfo, EveryFlippedBitIsRefusedOrReadsAsSomethingElse) {
  const auto subbands = pyramid(2, 2, 24, 40);
  for (const auto& side_info : some_side_info(subbands)) {
    int refused = 0;
    for (std::size_t bit = 0; bit < 8 * side_info.size(); ++bit) {
      auto flipped = side_info;
      flipped[bit / 8] ^= static_cast<std::byte>(0x80U >> bit % 8);
      if (is_refused(flipped, subbands, 65535)) {
        ++refused;
      } else {
        EXPECT_NE(write_model(read_model(flipped, subbands, 65535, {}), subbands), side_info) << bit;
      }
    }
    EXPECT_GT(refused, 0);
  }
}

// Any bytes at all: a typed error or a valid model, never anything else (ASan and UBSan watch).
TEST(StaticSideInfo, GarbageIsRefused) {
  Random generator(5);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    ByteBuffer side_info(generator() % 24);
    for (auto& b : side_info) b = static_cast<std::byte>(generator());
    const auto subbands = pyramid(1 + generator() % 4, generator() % 4, 1 + generator() % 40, 1 + generator() % 40);
    if (is_refused(side_info, subbands, 255)) ++refused;
  }
  EXPECT_GT(refused, 10000);
}

TEST(StaticSideInfo, ErrorsSayWhere) {
  const auto one = pyramid(1, 0, 4, 4);
  const auto read = [&](BitWriter& out) { (void)read_model(out.bytes(), one, 255, {}); };
  BitWriter too_many;
  too_many.bits(0, 3), too_many.bits(1, 1), too_many.golomb(2, 3);
  EXPECT_ERROR(corrupt_stream, "more kinds than subbands", read(too_many));
  BitWriter no_table;
  no_table.bits(0, 3), no_table.bits(0, 1), no_table.golomb(1, 0);
  EXPECT_ERROR(corrupt_stream, "bit 7: a subband uses a table that is not there", read(no_table));
  BitWriter far_center;
  far_center.bits(0, 3), far_center.bits(1, 1), far_center.golomb(1, 3), far_center.bits(5, 3),
      far_center.golomb(256, 6);
  EXPECT_ERROR(corrupt_stream, "a centre is out of range", read(far_center));
  BitWriter large;
  large.bits(0, 3), large.bits(0, 1), large.golomb(0, 0), large.bits(16, 5), large.golomb(0, 4), large.golomb(99999, 3);
  Limits limits;
  limits.max_alphabet = 1000;
  EXPECT_ERROR(limit_exceeded, "over the limit", (void)read_model(large.bytes(), one, 65535, limits));
}

TEST(StaticSideInfo, CountsTheBitsOfExplicitTables) {
  Random generator(11);
  const auto one = pyramid(1, 0, 1, 1);
  for (int round = 0; round < 200; ++round) {
    Counts counts(1 + generator() % 400);
    for (auto& c : counts) c = generator() % 3 == 0 ? 0 : generator() % 1000;
    counts.back() = 1 + generator() % 50;
    StaticEntropyModel model;
    model.subbands.resize(1);
    model.subbands[0].table = 0;
    model.tables.push_back(best_table(counts).table);
    const auto side_info = write_model(model, one);
    EXPECT_EQ(side_info.size(), (3 + 1 + 1 + table_bits(model.tables[0]) + 7) / 8);
    const StaticEntropyModel read = read_model(side_info, one, 65535, {});
    ASSERT_EQ(read.tables.size(), 1U);
    EXPECT_EQ(read.tables[0].freq, model.tables[0].freq);
    EXPECT_EQ(read.tables[0].first, model.tables[0].first);
    EXPECT_EQ(read.tables[0].precision_bits, model.tables[0].precision_bits);
    EXPECT_LE(least_explicit_bits(counts), best_table(counts).bits_q16);
  }
}

}  // namespace
}  // namespace vaerans
