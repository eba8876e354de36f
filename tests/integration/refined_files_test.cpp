// Effort above 5 makes better files of a model's chain, for the same decoder.
#include <gtest/gtest.h>

#include <algorithm>

#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

using test::SyntheticPicture;

ImageView view_of(const SyntheticPicture& picture) { return {picture.rgb.data(), picture.h, picture.w, 3, 0}; }

struct Seen {
  std::uint64_t bytes;
  double psnr, ssimulacra2;
};

Seen seen(const SyntheticPicture& picture, const Bytes& file) {
  const Quality quality = measure(view_of(picture), decompress(file).view());
  return {file.size(), quality.psnr, quality.ssimulacra2};
}

CompressOptions by_model(std::int64_t effort) { return {.quality = 50, .mode = "model", .effort = effort}; }

TEST(RefinedFiles, AreBetterInNoMoreBytes) {
  const auto picture = test::scene(96, 128);
  const Seen plain = seen(picture, compress(view_of(picture), by_model(5)));
  const Seen refined = seen(picture, compress(view_of(picture), by_model(8)));
  EXPECT_LE(refined.bytes, plain.bytes);
  EXPECT_GT(refined.psnr, plain.psnr + 0.2);
  EXPECT_GT(refined.ssimulacra2, plain.ssimulacra2 + 5);
}

TEST(RefinedFiles, FollowSquaredErrorsAloneWhereTunedToThem) {
  const auto picture = test::scene(96, 128);
  CompressOptions options = by_model(8);
  options.tune = "psnr";
  const Seen plain = seen(picture, compress(view_of(picture), by_model(5)));
  const Seen visual = seen(picture, compress(view_of(picture), by_model(8)));
  const Seen tuned = seen(picture, compress(view_of(picture), options));
  EXPECT_LE(tuned.bytes, plain.bytes);
  EXPECT_GT(tuned.psnr, visual.psnr);
  EXPECT_GT(visual.ssimulacra2, tuned.ssimulacra2);
}

TEST(RefinedFiles, KeepToTheSizeThatIsAskedFor) {
  const auto picture = test::scene(96, 128);
  const auto of_size = [&](std::int64_t effort) {
    return seen(picture, compress(view_of(picture), {.target_bytes = 400, .mode = "model", .effort = effort}));
  };
  const Seen plain = of_size(5), refined = of_size(6);
  EXPECT_LE(refined.bytes, 400U);
  EXPECT_GE(refined.psnr, plain.psnr);
}

TEST(RefinedFiles, AreTheSameForAllNumbersOfThreadsAndInBatches) {
  const auto picture = test::scene(64, 64), other = test::scene(64, 64);
  Context one, three;
  one.threads = 1;
  three.threads = 3;
  const Bytes alone = compress(view_of(picture), by_model(6), one);
  const std::vector<ImageView> both{view_of(other), view_of(picture)};
  EXPECT_EQ(compress(both, by_model(6), three).back(), alone);
}

std::string notes_of(const Trace& trace) {
  std::string out;
  for (const TraceRecord& record : trace.records()) {
    for (const std::string& note : record.notes) out += record.system + ": " + note + "\n";
  }
  return out;
}

// Where a chain has a step whose slopes are not known, the file is that of less effort, and the trace says why.
TEST(RefinedFiles, ChainsWithoutSlopesStayAsTheyAre) {
  const auto picture = test::scene(64, 64);
  CompressOptions options{.recipe = "vae(photo-f8c4) | cdf97(levels=3) | quantize(step=2) | ans"};
  const Bytes plain = compress(view_of(picture), options);
  options.effort = 9;
  Trace trace;
  Context context;
  context.trace = &trace;
  EXPECT_EQ(compress(view_of(picture), options, context), plain);
  EXPECT_NE(notes_of(trace).find("cdf97(levels=3) has no slopes"), std::string::npos) << notes_of(trace);
}

}  // namespace
}  // namespace vaerans
