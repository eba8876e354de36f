#include "kernels/hadamard/hadamard.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "each_target.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

// H[r][c] = (-1)^popcount(r & c), the closed form of Sylvester's matrix.
float by_definition(const std::vector<float>& in, std::size_t channels, std::size_t plane, std::size_t r,
                    std::size_t p) {
  double sum = 0;
  for (std::size_t c = 0; c < channels; ++c) sum += (std::popcount(r & c) % 2 == 0 ? 1.0F : -1.0F) * in[c * plane + p];
  return static_cast<float>(sum / std::sqrt(static_cast<double>(channels)));
}

TEST(Hadamard, AcceptsPowersOfTwo) {
  EXPECT_TRUE(is_hadamard_size(1));
  EXPECT_TRUE(is_hadamard_size(4));
  EXPECT_TRUE(is_hadamard_size(128));
  EXPECT_FALSE(is_hadamard_size(0));
  EXPECT_FALSE(is_hadamard_size(3));
  EXPECT_FALSE(is_hadamard_size(2 * kMaxHadamardChannels));
}

TEST(Hadamard, FourChannelsAreExact) {
  const std::vector<float> in{1, 2, 3, 4};
  std::vector<float> out(4);
  hadamard(in.data(), out.data(), 4, 1);
  EXPECT_EQ(out, (std::vector<float>{5, -1, -2, 0}));
}

TEST(Hadamard, EqualsTheDefinitionAndInvertsItself) {
  for (const std::size_t channels : {1U, 2U, 4U, 8U, 16U, 64U}) {
    for (const std::size_t plane : {0U, 1U, 7U, 1024U, 1500U}) {
      const auto in = test::noise<float>(channels * plane, channels + plane);
      std::vector<float> out(in.size());
      hadamard(in.data(), out.data(), channels, plane);
      for (std::size_t i = 0; i < out.size(); i += 13) {
        ASSERT_NEAR(out[i], by_definition(in, channels, plane, i / plane, i % plane), 4e-6);
      }
      hadamard(out.data(), out.data(), channels, plane);  // in place
      for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], in[i], 2e-6);
    }
  }
}

TEST(Hadamard, EqualsItsTwinOnEveryTarget) {
  test::for_each_target([] {
    for (const std::size_t channels : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 128U, 512U}) {
      for (const std::size_t plane : {0U, 1U, 3U, 15U, 16U, 17U, 65U, 130U, 1025U}) {
        auto data = test::noise<float>(channels * plane, channels + plane);
        std::vector<float> out(data.size()), expected(data.size());
        hadamard_ref(data.data(), expected.data(), channels, plane);
        hadamard(data.data(), out.data(), channels, plane);
        ASSERT_EQ(out, expected) << channels << " channels of " << plane;
        hadamard(data.data(), data.data(), channels, plane);
        ASSERT_EQ(data, expected) << "in place";
      }
    }
  });
}

}  // namespace
}  // namespace vaerans::kernels
