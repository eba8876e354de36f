// The restoration step: nothing on the way in, the same samples on any number of threads on the way out.
#include "vaerans/systems/restore.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "picture_kinds.hpp"
#include "planes.hpp"
#include "synthetic_pictures.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"
#include "vaerans/systems/ycocg.hpp"

namespace vaerans {
namespace {

using test::values;

EntityId spawn(World& world, const test::SyntheticPicture& picture) {
  return world.spawn_image({picture.rgb.data(), picture.h, picture.w, 3, 0});
}

// Planes as they were, decoded, and restored.
struct Restored {
  std::vector<float> source, decoded, restored;
};

Restored run(const test::SyntheticPicture& picture, double step, unsigned threads = 1) {
  World world(1 << 26);
  const EntityId e = spawn(world, picture);
  Context context;
  context.threads = threads;
  const auto restore = Restore()->with_step(step);
  (void)(Pipeline(YCoCg()) | restore | WaveletCDF97() | QuantizeBands({.step = step})).run(world, {&e, 1}, context);
  (void)Pipeline()
      .then(DequantizeBands())
      .then(WaveletCDF97Inverse(), "Decoded")
      .then(RestoreInverse(), "Restored")
      .run_from(world, {&e, 1}, "SymbolsU8", context);
  return {values<float>(world, e, "YCoCg"), values<float>(world, e, "Decoded"), values<float>(world, e, "Restored")};
}

double squared_error(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

TEST(RestoreSystem, TheWayInChangesNothing) {
  World world(1 << 22);
  const EntityId e = spawn(world, test::scene(20, 30));
  Pipe(world, {e}).to(YCoCg()).to(Restore());
  EXPECT_EQ(values<float>(world, e, "Unrestored"), values<float>(world, e, "YCoCg"));
}

TEST(RestoreSystem, DecodedPlanesComeNearerToTheirSource) {
  const Restored at = run(test::scene(200, 300), 40);
  EXPECT_LT(squared_error(at.restored, at.source), squared_error(at.decoded, at.source));
}

TEST(RestoreSystem, FineStepsAndStrengthZeroLeavePlanesAsTheyAre) {
  const Restored at = run(test::scene(40, 30), 4);
  EXPECT_EQ(at.restored, at.decoded);
}

TEST(RestoreSystem, ThreadsDoNotMatter) {
  const auto picture = test::scene(150, 260);
  EXPECT_EQ(run(picture, 25, 4).restored, run(picture, 25).restored);
}

TEST(RestoreSystem, StrengthFollowsTheStep) {
  EXPECT_EQ(Restore()->with_step(7.9)->recipe(), "restore(strength=0)");
  EXPECT_EQ(Restore({.visual = true})->with_step(8)->recipe(), "restore(strength=16, visual=true)");
  EXPECT_EQ(Restore()->with_step(0.5)->recipe(), "restore(strength=0)");
  EXPECT_EQ(Restore()->with_step(4000)->recipe(), "restore(strength=80)");
  EXPECT_FALSE(Restore()->step());  // it is no quantiser
}

TEST(RestoreSystem, RefusesWhatAreNoPlanes) {
  World world(1 << 20);
  const EntityId e = spawn(world, test::scene(8, 8));
  EXPECT_ERROR(contract, "restore", Pipe(world, {e}).to(Restore()));
  EXPECT_ERROR(bad_parameter, "strength", (void)Restore({.strength = 81}));
}

}  // namespace
}  // namespace vaerans
