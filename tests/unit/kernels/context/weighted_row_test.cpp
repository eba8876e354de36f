#include "kernels/context/weighted_row.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "each_target.hpp"

namespace vaerans::kernels {
namespace {

TEST(WeightedRow, EveryInstructionSetAgreesWithTheScalarTwin) {
  std::mt19937 generator(5);
  std::vector<std::int16_t> plane(4096);
  for (auto& v : plane) v = static_cast<std::int16_t>(generator());
  for (const std::size_t width : {16U, 32U, 48U, 208U}) {
    for (const std::size_t n : {0U, 1U, 2U, 17U}) {
      std::vector<Tap> taps;
      for (std::size_t i = 0; i < n; ++i) {
        taps.push_back({plane.data() + 100 + generator() % 99, static_cast<std::int32_t>(generator() % 4096) - 2048});
      }
      std::vector<std::int32_t> start(width);
      for (auto& v : start) v = static_cast<std::int32_t>(generator() % 100000);
      auto wanted = start;
      weighted_row_ref(taps, -37, wanted);
      test::for_each_target([&] {
        auto got = start;
        weighted_row(taps, -37, got);
        EXPECT_EQ(got, wanted) << width << " places, " << n << " taps";
      });
    }
  }
}

TEST(WeightedRow, DoubledRepeatsEach) {
  const std::vector<std::int32_t> half{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<std::int32_t> out(16);
  doubled_row(half, out);
  for (std::size_t x = 0; x < out.size(); ++x) EXPECT_EQ(out[x], half[x / 2]);
}

}  // namespace
}  // namespace vaerans::kernels
