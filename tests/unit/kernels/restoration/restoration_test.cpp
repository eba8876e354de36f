#include "kernels/restoration/restoration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "each_target.hpp"

namespace vaerans::kernels {
namespace {

struct Picture {
  std::size_t count, height, width;
  std::vector<float> samples = std::vector<float>(count * height * width);
};

Picture noisy(std::size_t count, std::size_t height, std::size_t width, unsigned seed = 7) {
  Picture out{count, height, width};
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> noise(-20, 20);
  for (std::size_t i = 0; i < out.samples.size(); ++i)
    out.samples[i] = 90 * std::sin(static_cast<float>(i % width) / 5) + noise(generator);
  return out;
}

template <typename Block>
std::vector<float> restored(const Picture& picture, const RestorationNet& net, Block block) {
  std::vector<float> out(picture.samples.size());
  const Restorer restorer(net, {picture.samples.data(), out.data(), picture.count, picture.height, picture.width});
  RestorationBuffers buffers;
  for (std::size_t i = 0; i < restoration_blocks(picture.height, picture.width); ++i) (restorer.*block)(i, buffers);
  return out;
}
std::vector<float> restored(const Picture& picture, const RestorationNet& net) {
  return restored(picture, net, &Restorer::block);
}

TEST(Restoration, EveryInstructionSetAgreesWithTheScalarTwin) {
  for (const Picture& picture : {noisy(3, 1, 1), noisy(3, 7, 9), noisy(1, 66, 31), noisy(3, 70, 251)}) {
    for (const int level : {0, 21, kMostRestoration}) {
      const RestorationNet net(level % 2, level);
      const auto wanted = restored(picture, net, &Restorer::block_ref);
      test::for_each_target([&] {
        EXPECT_EQ(restored(picture, net), wanted) << picture.height << " x " << picture.width << ", level " << level;
      });
    }
  }
}

TEST(Restoration, EverySampleIsWritten) {
  const Picture picture = noisy(3, 131, 259);  // several blocks both ways, cut ones among them
  std::vector<float> out(picture.samples.size(), std::numeric_limits<float>::quiet_NaN());
  const RestorationNet net(0, 40);
  const Restorer restorer(net, {picture.samples.data(), out.data(), 3, 131, 259});
  RestorationBuffers buffers;
  for (std::size_t i = restoration_blocks(131, 259); i-- > 0;) restorer.block(i, buffers);
  EXPECT_EQ(out, restored(picture, net));
  for (const float v : out) ASSERT_FALSE(std::isnan(v));
}

// A part of a picture, restored alone, is that of the whole but for what is nearer to its borders than the reach.
TEST(Restoration, LooksNoFurtherThanItsReach) {
  const Picture whole = noisy(1, 96, 300);
  constexpr std::size_t top = 16, left = 38, height = 60, width = 200;
  Picture part{1, height, width};
  for (std::size_t y = 0; y < height; ++y)
    std::copy_n(&whole.samples[(top + y) * whole.width + left], width, &part.samples[y * width]);
  const RestorationNet net(1, 50);
  const auto all = restored(whole, net), own = restored(part, net);
  for (std::size_t y = kRestorationReach; y < height - kRestorationReach; ++y) {
    for (std::size_t x = kRestorationReach; x < width - kRestorationReach; ++x)
      ASSERT_EQ(own[y * width + x], all[(top + y) * whole.width + left + x]) << y << ", " << x;
  }
}

TEST(Restoration, ExtremeSamplesAndNoNumbersStayWithinBounds) {
  Picture picture = noisy(3, 20, 20);
  picture.samples[0] = std::numeric_limits<float>::quiet_NaN();
  picture.samples[30] = std::numeric_limits<float>::infinity();
  picture.samples[400] = -1e30F;
  const RestorationNet net(0, 0);
  test::for_each_target([&] {
    const auto out = restored(picture, net);
    EXPECT_TRUE(std::isnan(out[0]));
    EXPECT_EQ(out[30], picture.samples[30]);
    EXPECT_EQ(out[400], picture.samples[400]);
    EXPECT_TRUE(std::isfinite(out[1]));
  });
}

// What a quantiser leaves on flat ground is noise, and goes.
TEST(Restoration, TakesNoiseOutOfFlatGround) {
  Picture picture = noisy(3, 64, 64);
  for (float& v : picture.samples) v = std::remainder(v, 7.0F);
  const auto squares = [](const std::vector<float>& all) {
    return std::inner_product(all.begin(), all.end(), all.begin(), 0.0);
  };
  EXPECT_LT(squares(restored(picture, RestorationNet(0, 40))), squares(picture.samples));
}

}  // namespace
}  // namespace vaerans::kernels
