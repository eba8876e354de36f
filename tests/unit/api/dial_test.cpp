// The dial alone: which coder a request gets, and the search over trials. Pictures: tests/integration/dial_test.cpp.
#include "api/dial.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"

namespace vaerans {
namespace {

TEST(Dial, AutoChoosesByQualityAndRate) {
  const auto by = [](CompressOptions o, std::optional<double> bpp = {}) {
    o.mode = "auto";
    return mode_of(o, bpp);
  };
  EXPECT_EQ(by({.quality = 1}), Mode::model);
  EXPECT_EQ(by({.quality = 24.9}), Mode::model);
  EXPECT_EQ(by({.quality = 25}), Mode::wavelet);
  EXPECT_EQ(by({.quality = 99}), Mode::wavelet);
  EXPECT_EQ(by({.quality = 100}), Mode::pixel);
  EXPECT_EQ(by({}), Mode::wavelet);
  EXPECT_EQ(by({}, 0.05), Mode::model);
  EXPECT_EQ(by({}, 0.5), Mode::wavelet);
  EXPECT_EQ(by({.psnr = 30}), Mode::wavelet);
  EXPECT_EQ(by({.max_error = 2}), Mode::pixel);
  EXPECT_EQ(by({.lossless = true}), Mode::pixel);
}

TEST(Dial, ModesArePinned) {
  EXPECT_EQ(mode_of({}, {}), Mode::model);
  EXPECT_EQ(mode_of({.quality = 100}, {}), Mode::model);
  EXPECT_EQ(mode_of({.quality = 5, .mode = "wavelet"}, {}), Mode::wavelet);
  EXPECT_EQ(mode_of({.quality = 100, .mode = "pixel"}, {}), Mode::pixel);
  EXPECT_ERROR(bad_parameter, "mode is auto, model, wavelet or pixel, not 'vae'", (void)mode_of({.mode = "vae"}, {}));
  EXPECT_ERROR(bad_parameter, "no rate", (void)mode_of({.bpp = 1, .mode = "pixel"}, {}));
  EXPECT_ERROR(bad_parameter, "no mode with it", (void)mode_of({.mode = "auto", .recipe = "predict | ans"}, {}));
}

TEST(Dial, QualitiesHalveTheStepEvery15Points) {
  EXPECT_DOUBLE_EQ(band_step_of_quality(95), 4);
  EXPECT_DOUBLE_EQ(band_step_of_quality(80), 8);
  EXPECT_DOUBLE_EQ(model_quality_of(5), 19);
  EXPECT_DOUBLE_EQ(model_quality_of(25), 55);
}

// Sizes of many slopes, kinks and plateaus: always the last trial within, by few calls.
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
