#include "kernels/klt/plane_rotation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "each_target.hpp"
#include "kernels/klt/covariance.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

std::vector<PlaneRotation> some_rotations(std::size_t channels, std::size_t count, std::uint64_t seed) {
  test::Random random(seed);
  std::vector<PlaneRotation> out;
  while (out.size() < count && channels > 1) {
    const auto q = static_cast<std::uint8_t>(1 + random.below(static_cast<std::uint32_t>(channels - 1)));
    const auto t = static_cast<std::int16_t>(static_cast<int>(random.below(2 * kMaxHalfTangent + 1)) - kMaxHalfTangent);
    out.push_back({static_cast<std::uint8_t>(random.below(q)), q, t});
  }
  return out;
}

TEST(PlaneRotation, SinesAndCosinesAreOnTheCircle) {
  for (int t = -kMaxHalfTangent; t <= kMaxHalfTangent; ++t) {
    const auto [sine, cosine] = sine_cosine(static_cast<std::int16_t>(t));
    EXPECT_NEAR(sine * sine + cosine * cosine, 1, 1e-15);
    EXPECT_NEAR(std::tan(std::atan2(sine, cosine) / 2), t / 256.0, 1e-15);
  }
}

TEST(PlaneRotation, EqualsItsTwinOnEveryTarget) {
  test::for_each_target([] {
    for (const std::size_t channels : {1U, 2U, 4U, 16U, 32U, 64U}) {
      for (const std::size_t plane : {0U, 1U, 7U, 16U, 33U, 1023U, 1024U, 2500U}) {
        const auto rotations = some_rotations(channels, 3 * channels, plane);
        const auto in = test::noise<float>(channels * plane, channels + plane);
        std::vector<float> out(in.size()), expected(in.size());
        rotate_planes_ref(in.data(), expected.data(), channels, plane, rotations);
        rotate_planes(in.data(), out.data(), channels, plane, rotations);
        ASSERT_EQ(out, expected) << channels << " channels of " << plane;
        unrotate_planes_ref(out.data(), expected.data(), channels, plane, rotations);
        unrotate_planes(out.data(), out.data(), channels, plane, rotations);
        ASSERT_EQ(out, expected) << "back, in place";
        for (std::size_t i = 0; i < in.size(); ++i) ASSERT_NEAR(out[i], in[i], 2e-5);
      }
    }
  });
}

TEST(Covariance, EqualsItsTwinUpToRounding) {
  for (const std::size_t channels : {1U, 2U, 5U, 32U, 64U}) {
    for (const std::size_t plane : {1U, 7U, 8U, 1023U, 2500U}) {
      auto in = test::noise<float>(channels * plane, channels + plane);
      for (std::size_t i = 0; i < in.size(); ++i) {
        const std::size_t channel = i / plane;
        in[i] += static_cast<float>(channel);  // means that differ
      }
      std::vector<double> out(channels * channels), expected(out.size());
      covariance(in.data(), channels, plane, out);
      covariance_ref(in.data(), channels, plane, expected);
      for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], expected[i], 1e-11) << channels << " " << plane;
    }
  }
}

}  // namespace
}  // namespace vaerans::kernels
