#include "kernels/mixing/logistic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace vaerans::kernels {
namespace {

double logistic(int t) { return 1 / (1 + std::exp(-t / 256.0)); }

TEST(Logistic, TablesAreTheFunctionRounded) {
  const LogisticTables& tables = logistic_tables();
  for (int t = -kCdfLimit; t <= kCdfLimit; ++t) {
    EXPECT_NEAR(tables.cdf[static_cast<std::size_t>(t + kCdfLimit)], logistic(t) * (1 << kCdfBits), 0.55)
        << t;  // a rounding, and those of exp
  }
  for (int t = -kLogitLimit; t <= kLogitLimit; ++t) {
    const double exact = std::max(1.0, std::min(65535.0, logistic(t) * 65536));
    EXPECT_NEAR(tables.squash[static_cast<std::size_t>(t + kLogitLimit)], exact, 0.51) << t;
  }
}

TEST(Logistic, StretchInvertsSquash) {
  const LogisticTables& tables = logistic_tables();
  for (std::size_t i = 0; i < 4096; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / 4096;
    EXPECT_NEAR(tables.stretch[i], 256 * std::log(p / (1 - p)), 1 + 128 / (65536 * p * (1 - p)))
        << i;  // half a step of squash
    EXPECT_EQ(tables.stretch[i], -tables.stretch[4095 - i]);
  }
}

// Pinned: a second decoder that builds the tables by docs/format_mixing.md gets these.
TEST(Logistic, PinnedValues) {
  const LogisticTables& tables = logistic_tables();
  EXPECT_EQ(tables.cdf[0], 52);
  EXPECT_EQ(tables.cdf[kCdfLimit + 256], 6132564);
  EXPECT_EQ(tables.squash[kLogitLimit], 32768);
  EXPECT_EQ(tables.stretch[0], -2323);
}

}  // namespace
}  // namespace vaerans::kernels
