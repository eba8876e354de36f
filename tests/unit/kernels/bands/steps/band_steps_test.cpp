// Coefficients in steps of their band, and back.
#include "kernels/bands/steps/band_steps.hpp"

#include <gtest/gtest.h>

namespace vaerans::kernels {
namespace {

TEST(BandSteps, CentersAreTheMeansOfWhatWasRounded) {
  const std::vector<std::int32_t> values{200, -220, 500, -520, 1000, 90, 0}, half_steps{2, -2, 4, -4, 8, 0, 0};
  StepSums sums;
  sums.add(values, half_steps);
  const StepCenters centers = sums.centers(0, 255);
  EXPECT_EQ(centers, (StepCenters{46, 2, 24}));  // (56 + 36) / 2, (12 - 8) / 2, 24
  std::vector<float> back(half_steps.size());
  from_steps(half_steps, 512.0F, centers, back);
  EXPECT_EQ(back, (std::vector<float>{420, -420, 1020, -1020, 2000, 0, 0}));
}

TEST(BandSteps, CentersMayLieBeyondTheMiddleOfAStep) {
  const std::vector<std::int32_t> values{300, 160, -500}, half_steps{2, 1, -3};  // short by -44, -32; -116
  StepSums sums;
  sums.add(values, half_steps);
  EXPECT_EQ(sums.centers(0, 255), (StepCenters{0, 0, 0}));
  const StepCenters centers = sums.centers(-128, 127);
  EXPECT_EQ(centers, (StepCenters{-37, -116, 0}));
  std::vector<float> back(half_steps.size());
  from_steps(half_steps, 256.0F, centers, back);
  EXPECT_EQ(back, (std::vector<float>{293, 165, -500}));
}

TEST(BandSteps, RoundToTheNearest256th) {
  const std::vector<float> in{0.0F, 1.0F, -1.0F, 0.0039F, 2.5F};
  std::vector<std::int32_t> out(in.size());
  to_steps(in, 2.0F, out);
  EXPECT_EQ(out, (std::vector<std::int32_t>{0, 128, -128, 0, 320}));
}

}  // namespace
}  // namespace vaerans::kernels
