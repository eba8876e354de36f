// Frequency tables: check_table, normalize, cost_bits_q16, log2_q32 and the look-up tables built from them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "kernels/rans/rans.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

using Counts = std::vector<std::uint32_t>;

double cost(const Counts& counts, const Counts& freq, unsigned precision) {
  double bits = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] != 0) bits += counts[s] * (precision - std::log2(freq[s]));
  }
  return bits;
}

// Least cost over all tables, by recursion.
double best_cost(const Counts& counts, unsigned precision) {
  std::function<double(std::size_t, std::uint32_t)> rest = [&](std::size_t s, std::uint32_t slots) {
    if (s == counts.size()) return slots == 0 ? 0.0 : 1e300;
    if (counts[s] == 0) return rest(s + 1, slots);
    double best = 1e300;
    for (std::uint32_t f = 1; f <= slots; ++f) {
      best = std::min(best, counts[s] * (precision - std::log2(f)) + rest(s + 1, slots - f));
    }
    return best;
  };
  return rest(0, 1U << precision);
}

void expect_valid(const Counts& counts, const Counts& freq, unsigned precision) {
  ASSERT_EQ(check_table({freq, precision}), Status::ok);
  for (std::size_t s = 0; s < counts.size(); ++s) ASSERT_EQ(counts[s] == 0, freq[s] == 0) << s;
}

TEST(Log2, IsCloseAndExactForPowers) {
  for (unsigned k = 0; k < 32; ++k) EXPECT_EQ(log2_q32(1U << k), std::uint64_t{k} << 32U);
  test::Random random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto x = static_cast<std::uint32_t>((random.bits() >> 32U) >> random.below(31)) | 1U;
    ASSERT_NEAR(static_cast<double>(log2_q32(x)) * 0x1p-32, std::log2(x), 0x1p-27) << x;
  }
}

TEST(CheckTable, Refuses) {
  EXPECT_EQ(check_table({Counts{3, 1}, 2}), Status::ok);
  EXPECT_EQ(check_table({Counts{3, 2}, 2}), Status::bad_table);
  EXPECT_EQ(check_table({Counts{0, 0}, 2}), Status::bad_table);
  EXPECT_EQ(check_table({Counts{0xFFFFFFFFU, 5}, 2}), Status::bad_table);  // 4 modulo 2^32
  EXPECT_EQ(check_table({Counts{}, 2}), Status::bad_argument);
  EXPECT_EQ(check_table({Counts{1}, 0}), Status::bad_argument);
  EXPECT_EQ(check_table({Counts{1U << 17U}, 17}), Status::bad_argument);
  EXPECT_EQ(check_table({Counts(65537, 1), 16}), Status::bad_argument);
  EXPECT_EQ(check_table({Counts(65536, 1), 16}), Status::ok);
}

TEST(CheckTable, BrokenTablesBuildNothing) {
  EncodeTable encode_table;
  DecodeTable decode_table;
  const Counts good{3, 1};
  ASSERT_EQ(encode_table.build({good, 2}), Status::ok);
  ASSERT_EQ(decode_table.build({good, 2}), Status::ok);
  const Counts bad{3, 2};
  EXPECT_EQ(encode_table.build({bad, 2}), Status::bad_table);
  EXPECT_EQ(decode_table.build({bad, 2}), Status::bad_table);
  EXPECT_TRUE(encode_table.empty());
  EXPECT_TRUE(decode_table.empty());
}

TEST(DecodeTable, MapsEverySlot) {
  DecodeTable table;
  const Counts freq{2, 0, 1, 5};
  ASSERT_EQ(table.build({freq, 3}), Status::ok);
  const std::vector<std::uint8_t> expected{0, 0, 2, 3, 3, 3, 3, 3};
  EXPECT_TRUE(std::ranges::equal(expected, table.narrow_symbols()));
  EXPECT_TRUE(table.wide_symbols().empty());
  EXPECT_EQ(table.alphabet(), 4U);
  EXPECT_EQ(table.entries()[3].start, 3U << 13U);
  EXPECT_EQ(table.entries()[3].freq, 5U << 13U);
  EXPECT_EQ(table.entries()[3].symbol, 3U);

  Counts wide(300);
  wide[7] = wide[299] = 2;
  ASSERT_EQ(table.build({wide, 2}), Status::ok);
  EXPECT_TRUE(table.narrow_symbols().empty());
  EXPECT_TRUE(std::ranges::equal(std::vector<std::uint16_t>{7, 7, 299, 299}, table.wide_symbols()));
}

TEST(RansTables, RebuildingStaysInPlace) {
  test::Random random(2);
  EncodeTable encode_table;
  DecodeTable decode_table;
  NormalizeWorkspace workspace;
  const auto build = [&](std::uint32_t alphabet, unsigned precision) {
    Counts counts(alphabet), freq(alphabet);
    for (auto& c : counts) c = random.below(1U << random.below(20));
    counts[0] = 1;
    ASSERT_EQ(normalize(counts, precision, freq, workspace), Status::ok);
    ASSERT_EQ(encode_table.build({freq, precision}), Status::ok);
    ASSERT_EQ(decode_table.build({freq, precision}), Status::ok);
  };
  for (int round = 0; round < 20; ++round) build(256, 16);  // the heaps' largest size is found by use
  const std::array<const void*, 5> before{encode_table.entries().data(), decode_table.entries().data(),
                                          decode_table.narrow_symbols().data(), workspace.gains.data(),
                                          workspace.losses.data()};
  for (int round = 0; round < 50; ++round) {
    build(1 + random.below(256), 8 + random.below(9));
    const std::array<const void*, 5> after{encode_table.entries().data(), decode_table.entries().data(),
                                           decode_table.narrow_symbols().data(), workspace.gains.data(),
                                           workspace.losses.data()};
    ASSERT_EQ(after, before) << round;
  }
}

// The vectors' division: truncated products of doubles against integer division, where they are nearest to going wrong.
TEST(EncodeTable, ReciprocalsDivideExactly) {
  test::Random random(11);
  EncodeTable table;
  for (std::uint32_t freq = 1; freq < 65536; ++freq) {
    ASSERT_EQ(table.build({Counts{freq, 65536 - freq}, 16}), Status::ok);
    const double reciprocal = table.entries()[0].reciprocal;
    for (int k = 0; k < 6; ++k) {
      const std::uint64_t quotient =
          k < 2 ? 0xFFFFFFFFU - static_cast<std::uint64_t>(k) : 65536 + random.bits() % (0x100000000U - 65536);
      for (const std::uint64_t x : {quotient * freq, quotient * freq + freq - 1}) {
        const double product = static_cast<double>(x) * reciprocal;
        ASSERT_EQ(static_cast<std::uint64_t>(product), quotient) << x << " / " << freq;
        const double shifted = product + (0x1p52 - 0.5);  // as the vectors truncate
        ASSERT_EQ(static_cast<std::uint64_t>(shifted) - (std::uint64_t{1} << 52U), quotient) << x << " / " << freq;
      }
    }
  }
}

TEST(Normalize, Refuses) {
  Counts freq(4);
  EXPECT_EQ(normalize(Counts{1, 2}, 4, freq), Status::bad_argument);
  EXPECT_EQ(normalize(Counts{0, 0, 0, 0}, 4, freq), Status::bad_argument);
  EXPECT_EQ(normalize(Counts{1, 1, 1, 1}, 0, freq), Status::bad_argument);
  EXPECT_EQ(normalize(Counts{1, 1, 1, 1}, 17, freq), Status::bad_argument);
  EXPECT_EQ(normalize(Counts{1, 1, 1, 0}, 1, freq), Status::too_many_symbols);
  EXPECT_EQ(normalize(Counts{1, 1, 1, 1}, 2, freq), Status::ok);
  EXPECT_EQ(freq, (Counts{1, 1, 1, 1}));
}

TEST(Normalize, KeepsInvariants) {
  test::Random random(7);
  for (int round = 0; round < 300; ++round) {
    const unsigned precision = 1 + random.below(16);
    const std::uint32_t alphabet = 1 + random.below(std::min(1U << precision, 600U));
    Counts counts(alphabet);
    for (auto& c : counts) c = static_cast<std::uint32_t>((random.bits() >> 32U) >> random.below(33 - 1));
    counts[random.below(alphabet)] = 1;
    if (round % 3 == 0) counts[0] = 0xFFFFFFFFU;
    Counts freq(alphabet);
    ASSERT_EQ(normalize(counts, precision, freq), Status::ok);
    expect_valid(counts, freq, precision);
  }
}

TEST(Normalize, IsOptimal) {
  test::Random random(9);
  for (int round = 0; round < 200; ++round) {
    const unsigned precision = 2 + random.below(4);
    Counts counts(2 + random.below(3));
    for (auto& c : counts) c = random.below(1U << (1 + random.below(16)));
    counts[0] += 1;
    Counts freq(counts.size());
    ASSERT_EQ(normalize(counts, precision, freq), Status::ok);
    const double best = best_cost(counts, precision);
    ASSERT_LE(cost(counts, freq, precision), best + 1e-6 * (best + 1));
  }
}

TEST(Normalize, NoSingleMoveImprovesLargeTables) {
  for (const unsigned precision : {10U, 12U, 16U}) {
    const auto symbols = test::skewed<std::uint16_t>(200000, 1000, 60, precision);
    Counts counts(1000);
    for (const auto s : symbols) ++counts[s];
    Counts freq(counts.size());
    ASSERT_EQ(normalize(counts, precision, freq), Status::ok);
    expect_valid(counts, freq, precision);
    double best_gain = 0;
    double least_loss = 1e300;
    for (std::size_t s = 0; s < counts.size(); ++s) {
      if (counts[s] == 0) continue;
      best_gain = std::max(best_gain, counts[s] * std::log2((freq[s] + 1.0) / freq[s]));
      if (freq[s] > 1) least_loss = std::min(least_loss, counts[s] * std::log2(freq[s] / (freq[s] - 1.0)));
    }
    EXPECT_LE(best_gain, least_loss * (1 + 1e-4));
  }
}

TEST(Normalize, BeatsRounding) {
  test::Random random(5);
  double saved = 0;
  for (const unsigned precision : {8U, 10U, 12U, 14U}) {
    for (const double mean : {1.0, 8.0, 40.0}) {
      const auto symbols = test::skewed<std::uint8_t>(200000, 200, mean, random.bits());
      Counts counts(200), optimal(200), rounded(200);
      for (const auto s : symbols) ++counts[s];
      ASSERT_EQ(normalize(counts, precision, optimal), Status::ok);
      ASSERT_EQ(normalize_by_rounding(counts, precision, rounded), Status::ok);
      expect_valid(counts, rounded, precision);
      const double gain = 1 - cost(counts, optimal, precision) / cost(counts, rounded, precision);
      ASSERT_GE(gain, 0) << precision << " " << mean;
      saved = std::max(saved, gain);
    }
  }
  EXPECT_GT(saved, 0.015);  // the header says so
}

TEST(Cost, EqualsTheFormula) {
  const auto symbols = test::skewed<std::uint16_t>(100000, 300, 20, 2);
  Counts counts(300);
  for (const auto s : symbols) ++counts[s];
  Counts freq(300);
  for (const unsigned precision : {9U, 12U, 16U}) {
    ASSERT_EQ(normalize(counts, precision, freq), Status::ok);
    const double bits = static_cast<double>(cost_bits_q16(counts, freq, precision)) / 65536;
    EXPECT_NEAR(bits, cost(counts, freq, precision), 100000 * 0x1p-24);
  }
  EXPECT_EQ(cost_bits_q16(Counts{5, 0}, Counts{4, 0}, 2), 0U);
  EXPECT_EQ(cost_bits_q16(Counts{5, 1}, Counts{4, 0}, 2), ~std::uint64_t{0});
  EXPECT_EQ(cost_bits_q16(Counts{5, 1}, Counts{2, 2}, 2), 6U << 16U);
  EXPECT_EQ(cost_bits_q16(Counts{0xFFFFFFFEU}, Counts{1}, 16), std::uint64_t{0xFFFFFFFE} << 20U);
}

}  // namespace
}  // namespace vaerans::kernels
