// What the runtime's pool keeps: a few runs within the budget, or one that is larger.
#include "onnx/kept_runs.hpp"

#include <gtest/gtest.h>

namespace vaerans::onnx {
namespace {

class KeptRunsTest : public testing::Test {
 protected:
  int encoder = 0, decoder = 0;
  Shape picture{1, 3, 64, 64}, latent{1, 4, 8, 8};
};

TEST_F(KeptRunsTest, AnEncoderAndADecoderInTurn) {
  KeptRuns runs(100);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(runs.give_back_after(&encoder, picture, 50));
    EXPECT_FALSE(runs.give_back_after(&decoder, latent, 50));
  }
}

TEST_F(KeptRunsTest, ManyShapesDoNotAddUp) {
  KeptRuns runs(100);
  int given_back = 0;
  for (std::uint64_t side = 8; side < 320; side += 8) {
    given_back += runs.give_back_after(&encoder, Shape{1, 3, side, side}, 30) ? 1 : 0;
  }
  EXPECT_EQ(given_back, 9);  // three are kept, the fourth empties the pool
}

TEST_F(KeptRunsTest, LargeOnesAloneAreKept) {
  KeptRuns runs(100);
  EXPECT_FALSE(runs.give_back_after(&encoder, picture, 200));
  EXPECT_FALSE(runs.give_back_after(&encoder, picture, 200));
  EXPECT_TRUE(runs.give_back_after(&decoder, latent, 10));
  EXPECT_FALSE(runs.give_back_after(&decoder, latent, 10));
}

TEST_F(KeptRunsTest, UnknownOnesToo) {
  KeptRuns runs(100);
  EXPECT_FALSE(runs.give_back_after(&encoder, picture, 0));
  EXPECT_TRUE(runs.give_back_after(&encoder, latent, 0));
}

TEST_F(KeptRunsTest, GraphsOfOneShapeAreTwo) {
  KeptRuns runs(100);
  EXPECT_FALSE(runs.give_back_after(&encoder, picture, 60));
  EXPECT_TRUE(runs.give_back_after(&picture, picture, 60));
}

}  // namespace
}  // namespace vaerans::onnx
