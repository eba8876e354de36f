#include "kernels/rans/histogram.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

template <class Symbol>
void expect_counts(std::size_t n, std::uint32_t alphabet) {
  const auto symbols = test::skewed<Symbol>(n, alphabet, alphabet / 4.0, n + alphabet);
  std::vector<std::uint32_t> expected(alphabet);
  for (const Symbol s : symbols) ++expected[s];
  std::vector<std::uint32_t> counts(alphabet, 99);
  ASSERT_EQ(histogram<Symbol>(symbols, counts), Status::ok);
  EXPECT_EQ(counts, expected);
}

TEST(Histogram, CountsEverySymbol) {
  for (const std::size_t n : {0U, 1U, 3U, 4U, 5U, 1000U}) {
    expect_counts<std::uint8_t>(n, 256);
    expect_counts<std::uint8_t>(n, 7);
    expect_counts<std::uint16_t>(n, 7);
    expect_counts<std::uint16_t>(n, 65536);
  }
}

TEST(Histogram, RefusesForeignSymbols) {
  std::vector<std::uint32_t> counts(3);
  EXPECT_EQ(histogram<std::uint8_t>(std::vector<std::uint8_t>{0, 2, 3}, counts), Status::bad_symbol);
  EXPECT_EQ(histogram<std::uint16_t>(std::vector<std::uint16_t>{0, 2, 3}, counts), Status::bad_symbol);
  EXPECT_EQ(histogram<std::uint8_t>(std::vector<std::uint8_t>{0, 2}, counts), Status::ok);
}

TEST(Entropy, KnownValues) {
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<std::uint32_t>{}), 0);
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<std::uint32_t>{0, 9, 0}), 0);
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<std::uint32_t>{4, 4, 4, 4}), 32);
  EXPECT_DOUBLE_EQ(entropy_bits(std::vector<std::uint32_t>{8, 4, 4}), 24);
}

}  // namespace
}  // namespace vaerans::kernels
