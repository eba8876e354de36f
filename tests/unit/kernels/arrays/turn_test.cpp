#include "kernels/arrays/turn.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "each_target.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

TEST(TurnChannels, IsTheMatrixTimesTheNumbers) {
  const std::vector<float> matrix{2, 0, -1, 1, 1, 1, 0, 0.5F, 0}, in{1, 2, 3, 4, 5, 6};
  std::vector<float> out(6);
  turn_channels(matrix.data(), 3, in.data(), 2, out.data(), 2);
  EXPECT_EQ(out, (std::vector<float>{-3, -2, 9, 12, 1.5F, 2}));
}

TEST(TurnChannels, EqualsItsTwinOnEveryTarget) {
  for (const std::size_t channels : {1U, 4U, 16U, 33U}) {
    for (const std::size_t n : {1U, 15U, 64U, 257U, 1000U}) {
      const auto matrix = test::noise<float>(channels * channels, 1), in = test::noise<float>(channels * n, 2);
      std::vector<float> usual(channels * n);
      turn_channels_ref(matrix.data(), channels, in.data(), n, 0, usual.data(), n);
      test::for_each_target([&] {
        std::vector<float> out(channels * n);
        turn_channels(matrix.data(), channels, in.data(), n, out.data(), n);
        EXPECT_EQ(out, usual) << channels << " channels of " << n;
      });
    }
  }
}

}  // namespace
}  // namespace vaerans::kernels
