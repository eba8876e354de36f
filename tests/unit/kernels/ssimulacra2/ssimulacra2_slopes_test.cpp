#include "kernels/ssimulacra2/ssimulacra2_slopes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "kernels/ssimulacra2/ssimulacra2.hpp"
#include "test_data.hpp"

namespace vaerans::kernels {
namespace {

// A reference of soft waves, and the same with noise.
struct Pair {
  std::size_t h, w;
  std::vector<std::uint8_t> a, b;

  Pair(std::size_t height, std::size_t width) : h(height), w(width) {
    test::Random random(3);
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t i = 0; i < 3 * w; ++i) {
        const std::size_t x = i / 3, channel = i % 3;
        const double wave = std::sin(0.11 * static_cast<double>(x) + 0.07 * static_cast<double>(y * (channel + 1)));
        a.push_back(static_cast<std::uint8_t>(128 + 90 * wave));
        b.push_back(static_cast<std::uint8_t>(128 + 80 * wave + random.below(21)));
      }
    }
  }
  [[nodiscard]] ImageView first() const { return {a.data(), h, w, 3, w * 3}; }
  [[nodiscard]] ImageView second() const { return {b.data(), h, w, 3, w * 3}; }
};

double score_of_damage(double d) {
  const double seen = ((6.248496625763138e-05 * d - 0.020884521182843837) * d + 2.326765642916932) * d;
  return 100 - 10 * std::pow(seen, 0.6276336467831387);
}

// 6, 3 and 1 scales, extents odd and even.
TEST(Ssimulacra2Slopes, TheDamageIsThatOfTheScore) {
  for (const auto& [h, w] : {std::pair{230U, 241U}, {33U, 40U}, {8U, 9U}}) {
    const Pair pair(h, w);
    const Ssimulacra2Slopes slopes(pair.first());
    EXPECT_NEAR(score_of_damage(slopes.damage(pair.second(), {})), ssimulacra2_ref(pair.first(), pair.second()).value,
                0.02);
  }
}

TEST(Ssimulacra2Slopes, NothingIsDamagedInTheReference) {
  const Pair pair(40, 50);
  EXPECT_NEAR(Ssimulacra2Slopes(pair.first()).damage(pair.first(), {}), 0, 1e-3);
}

// Along a direction in which every sample moves by one: the difference of two damages is what the slopes say.
TEST(Ssimulacra2Slopes, AreTheDerivatives) {
  for (const auto& [h, w] : {std::pair{64U, 75U}, {31U, 48U}}) {
    const Pair pair(h, w);
    const Ssimulacra2Slopes damage(pair.first());
    std::vector<float> slopes(pair.b.size());
    (void)damage.damage(pair.second(), slopes);
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      test::Random random(seed);
      Pair more = pair, less = pair;
      double said = 0;
      for (std::size_t i = 0; i < slopes.size(); ++i) {
        // Mostly downhill, so that the sum is large against what curvature adds to it.
        const bool anywhere = random.below(4) == 0;
        const bool up = anywhere ? random.below(2) == 0 : slopes[i] < 0;
        const int move = up ? 1 : -1;
        more.b[i] = static_cast<std::uint8_t>(more.b[i] + move);
        less.b[i] = static_cast<std::uint8_t>(less.b[i] - move);
        said += 2 * move * static_cast<double>(slopes[i]);
      }
      const double found = damage.damage(more.second(), {}) - damage.damage(less.second(), {});
      EXPECT_NEAR(found, said, 0.06 * std::abs(said)) << h << " x " << w << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace vaerans::kernels
