// The dial alone: which coder a request gets, and the search over trials. Pictures: tests/integration/dial_test.cpp.
#include "api/dial/dial.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "expect_error.hpp"

namespace vaerans {
namespace {

TEST(Dial, AutoIsTheDefaultAndLosslessAtItsEnd) {
  for (const std::string mode : {"", "auto"}) {
    const auto by = [&](CompressOptions o) {
      o.mode = mode;
      return mode_of(o);
    };
    EXPECT_EQ(by({}), Mode::dial);
    EXPECT_EQ(by({.quality = 1}), Mode::dial);
    EXPECT_EQ(by({.quality = 99.9}), Mode::dial);
    EXPECT_EQ(by({.quality = 100}), Mode::pixel);
    EXPECT_EQ(by({.bpp = 0.05}), Mode::dial);
    EXPECT_EQ(by({.ssimulacra2 = 80}), Mode::dial);
    EXPECT_EQ(by({.max_error = 2}), Mode::pixel);
    EXPECT_EQ(by({.lossless = true}), Mode::pixel);
  }
}

TEST(Dial, ANamedModelOrRecipeIsUsed) {
  EXPECT_EQ(mode_of({.model = "photo-f8c4"}), Mode::model);
  EXPECT_EQ(mode_of({.recipe = "vae | quantize(step=1) | ans"}), Mode::model);
  EXPECT_EQ(mode_of({.mode = "auto", .model = "photo-f8c4"}), Mode::dial);
  EXPECT_EQ(model_of({.model = "photo-f8c4"}), "photo-f8c4");
  EXPECT_EQ(model_of({}), default_model);
}

TEST(Dial, ModesArePinned) {
  EXPECT_EQ(mode_of({.quality = 100, .mode = "model"}), Mode::model);
  EXPECT_EQ(mode_of({.quality = 5, .mode = "wavelet"}), Mode::wavelet);
  EXPECT_EQ(mode_of({.quality = 100, .mode = "pixel"}), Mode::pixel);
  EXPECT_ERROR(bad_parameter, "mode is auto, model, wavelet or pixel, not 'vae'", (void)mode_of({.mode = "vae"}));
  EXPECT_ERROR(bad_parameter, "no rate", (void)mode_of({.bpp = 1, .mode = "pixel"}));
  EXPECT_ERROR(bad_parameter, "no rate", (void)mode_of({.ms_ssim = 0.9, .mode = "pixel"}));
  EXPECT_ERROR(bad_parameter, "no mode with it", (void)mode_of({.mode = "auto", .recipe = "predict | ans"}));
}

// From 64 megapixels on: a region of 256 x 256 then needs two of the smaller tiles a side at most, as it should.
TEST(Dial, LargePicturesHaveFewerLevels) {
  const std::int64_t side = band_tile(8000, 12000);
  EXPECT_EQ(side, 512);
  EXPECT_EQ(band_levels(side), 5U);
  EXPECT_EQ(band_levels(band_tile(4000, 6000)), 6U);
  EXPECT_EQ(band_levels(band_tile(500, 700)), 6U);
}

TEST(Dial, QualitiesAreScores) {
  EXPECT_DOUBLE_EQ(band_step_of_quality(95), 4);
  EXPECT_DOUBLE_EQ(band_step_of_quality(80), 8);
  EXPECT_DOUBLE_EQ(score_of_quality(40), 40);
  EXPECT_DOUBLE_EQ(score_of_quality(85), 85);
  EXPECT_DOUBLE_EQ(score_of_quality(95), 91);
}

// Scores that fall with the step: the lines between whole octaves are followed, from wherever it begins, and beyond
// the last steps there is nothing.
TEST(Dial, AScoreFindsItsStep) {
  const auto score_at = [](double step) { return 100 - 9 * std::log2(step); };
  for (const double near : {0.5, 5.0, 33.0, 1000.0}) {
    EXPECT_NEAR(step_of_score(64, near, score_at), 16, 1e-9);
    EXPECT_NEAR(step_of_score(59.5, near, score_at), 16 * std::sqrt(2.0), 1e-9);
    EXPECT_EQ(step_of_score(99, near, score_at), 2);
    EXPECT_EQ(step_of_score(-50, near, score_at), 256);
  }
  EXPECT_EQ(step_of_score(50, 8, [](double) { return 100.0; }), 256);
  double last = 0;
  for (int half = 182; half > 40; --half) {
    const double step = step_of_score(half / 2.0, 20, score_at);
    EXPECT_GE(step, last);
    last = step;
  }
}

// Sizes of many slopes, kinks and plateaus: always the last trial within, by few calls.
TEST(Dial, AScoreFindsItsStepOnABentLine) {
  constexpr Octaves kBent{.finest = -3, .coarsest = 3, .bend = 0.1};
  const auto score_at = [](double step) { return 60 - 20 * std::log2(step); };  // at whole octaves
  // 50 is halfway between 60 and 40 on a straight line; a bent one has 50 + 0.1 * 20 there.
  EXPECT_NEAR(step_of_score(52, 1, score_at, kBent), std::sqrt(2.0), 1e-9);
  EXPECT_NEAR(step_of_score(60, 1, score_at, kBent), 1, 1e-9);
  EXPECT_NEAR(step_of_score(40, 1, score_at, kBent), 2, 1e-9);
  double before = 1e9;
  for (int half = -20; half < 260; ++half) {
    const double step = step_of_score(half / 2.0, 1, score_at, kBent);
    EXPECT_LE(step, before);
    before = step;
  }
}

TEST(Dial, TheSearchFindsTheLastTrialWithin) {
  for (const double slope : {0.2, 0.7, 1.0, 3.0}) {
    for (int wanted = -1; wanted < kStepTrials; wanted += 43) {
      int calls = 0;
      const int found = last_within(kStepTrials - 1, [&](int trial) {
        ++calls;
        return (trial - wanted - 0.5) * slope / 64 + (trial > 300 && wanted < 300 ? 1 : 0);
      });
      EXPECT_EQ(found, wanted) << slope;
      EXPECT_LE(calls, 17);
    }
  }
}

}  // namespace
}  // namespace vaerans
