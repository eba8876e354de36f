#include "vaerans/core/pipeline.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/blur.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/metrics.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/residual.hpp"
#include "vaerans/systems/vae.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

constexpr const char* kChain = "hadamard4 | cdf53(levels=3) | quantize(step=0.25) | ans";

EntityId latent(World& world, std::uint64_t h, std::uint64_t w, unsigned seed) {
  return world.spawn_latent(test::noise(4 * h * w, seed), {4, h, w});
}

TEST(Pipeline, PrintsWhatItParses) {
  for (const char* recipe : {kChain, "vae(photo-f8c4) | hadamard4 | cdf53(levels=4) | quantize(step=0.5) | ans",
                             "haar(levels=2) | quantize_u8(per_band=false)", "quantize(step=1.0, bits=12)",
                             "residual(recon=BlurRGB) -> Mine | rct", "blur(sigma=2.5) -> Soft"}) {
    EXPECT_EQ(Pipeline::parse(recipe).recipe(), recipe);
  }
}

TEST(Pipeline, ParsesAllSpellings) {
  EXPECT_EQ(Pipeline::parse(" Hadamard4|WaveletCDF53( 3 )|Quantize(step = 0.25)|ANSEncode() ").recipe(), kChain);
  EXPECT_EQ(Pipeline::parse("vae('a b/c\\'d')").recipe(), "vae('a b/c\\'d')");
}

TEST(Pipeline, BuiltEqualsParsed) {
  const Pipeline built = Pipeline(Hadamard4()) | WaveletCDF53({.levels = 3}) | Quantize({.step = 0.25}) | ANSEncode();
  EXPECT_EQ(built.recipe(), kChain);
  EXPECT_EQ(built.input_key(), "Latent4");
  EXPECT_EQ(built.output_key(), "Bitstream");
}

TEST(Pipeline, DerivesItsDecoder) {
  EXPECT_EQ(Pipeline::parse(kChain).inverse().recipe(), "ans_decode | dequantize | cdf53_inverse | hadamard4_inverse");
  EXPECT_EQ(Pipeline::parse(kChain).inverse().output_key(), "Latent4");
  EXPECT_ERROR(contract, "step 1 (blur) has no inverse", (void)Pipeline(GaussianBlur()).inverse());
}

TEST(Pipeline, BadRecipesNameTheCharacter) {
  EXPECT_ERROR(bad_recipe, "character 11: expected the name of a system", (void)Pipeline::parse("hadamard4|"));
  EXPECT_ERROR(bad_recipe, "expected '|' or the end", (void)Pipeline::parse("hadamard4 cdf53"));
  EXPECT_ERROR(bad_recipe, "expected ',' or ')'", (void)Pipeline::parse("cdf53(levels=4"));
  EXPECT_ERROR(bad_recipe, "no end", (void)Pipeline::parse("vae('abc"));
  EXPECT_ERROR(bad_recipe, "expected", (void)Pipeline::parse(""));
  EXPECT_ERROR(unknown_system, "did you mean 'cdf53'", (void)Pipeline::parse("hadamard4 | cdf35"));
  EXPECT_ERROR(unknown_system, "unknown system 'nope'; known", (void)Pipeline::parse("nope"));
  EXPECT_ERROR(bad_parameter, "no parameter 'level'", (void)Pipeline::parse("cdf53(level=4)"));
  EXPECT_ERROR(bad_parameter, "whole number", (void)Pipeline::parse("cdf53(levels=many)"));
  EXPECT_ERROR(bad_parameter, "twice", (void)Pipeline::parse("cdf53(levels=4, levels=5)"));
  EXPECT_ERROR(bad_parameter, "too many values", (void)Pipeline::parse("cdf53(4, 5)"));
  EXPECT_ERROR(bad_parameter, "0 to 32", (void)Pipeline::parse("cdf53(levels=33)"));
  EXPECT_ERROR(bad_parameter, "above 0", (void)Pipeline::parse("quantize(step=0.0)"));
  EXPECT_ERROR(bad_parameter, "2 to 16", (void)Pipeline::parse("quantize(bits=17)"));
}

TEST(Pipeline, RefusesWhatCannotFitWhenBuilt) {
  EXPECT_ERROR(contract, "step 2 (ans): needs symbols, but the pipe stands on 'YUVW4', which is planes",
               (void)Pipeline::parse("hadamard4 | ans"));
  EXPECT_ERROR(contract, "step 3 (hadamard4)", (void)Pipeline::parse("hadamard4 | cdf53 | hadamard4"));
  EXPECT_ERROR(contract, "undoes haar, but the last step to be undone is cdf53",
               (void)Pipeline::parse("hadamard4 | cdf53 | haar_inverse"));
  EXPECT_ERROR(contract, "needs 'ReconRGB'", (void)Pipeline::parse("blur | residual"));
}

TEST(Pipeline, BeginsWhereItIsTold) {
  const Pipeline blur = Pipeline::parse("@ReconRGB blur");
  EXPECT_EQ(blur.input_key(), "ReconRGB");
  EXPECT_EQ(blur.recipe(), "@ReconRGB blur");
  EXPECT_EQ(Pipeline().select("ReconRGB").then(GaussianBlur()).recipe(), "@ReconRGB blur");
  EXPECT_EQ(Pipeline().then(GaussianBlur(), {}, "ReconRGB").recipe(), "@ReconRGB blur");
  EXPECT_EQ(Pipeline::parse("@Latent4 quantize | ans").inverse().output_key(), "Latent4") << "planes, not bands";
  EXPECT_EQ(Pipeline::parse("@Mine hadamard4").inverse().output_key(), "Mine");
  EXPECT_ERROR(contract, "step 1 (hadamard4): needs planes, but the pipe stands on 'ReconRGB', which is image",
               (void)Pipeline::parse("@ReconRGB hadamard4"));
  EXPECT_ERROR(contract, "step 2 (hadamard4)", (void)Pipeline::parse("@ReconRGB blur | hadamard4"));
  EXPECT_ERROR(contract, "needs 'RGB' (image); there is: BlurRGB (image), ReconRGB (image)",
               (void)Pipeline::parse("@ReconRGB blur | @RGB blur"));
}

TEST(Pipeline, RunsFromWhereItIsTold) {
  World world(1 << 24);
  const EntityId e = latent(world, 8, 8, 1);
  world.set(e, "Mine", world.get(e, "Latent4"));
  world.erase(e, "Latent4");
  const RunResult result = Pipeline::parse("@Mine hadamard4").run(world, {&e, 1});
  EXPECT_EQ(result.key, "YUVW4");
  EXPECT_EQ(world.get(e, "YUVW4").trail->input_key, "Mine");
}

TEST(Pipeline, PrintsWhereItBegins) {
  const Pipeline named = Pipeline(Hadamard4()) | Pipeline(WaveletCDF53()).then(Quantize(), "Mine");
  EXPECT_EQ(named.inverse().recipe(), "@Mine dequantize | cdf53_inverse | hadamard4_inverse");
  EXPECT_EQ(Pipeline::parse(named.inverse().recipe()).input_key(), "Mine");
}

TEST(Pipeline, RefusesKeysThatNoRecipeCanName) {
  const char* const says = "'a b' cannot be a component's key in a chain; letters, digits and _ can";
  EXPECT_ERROR(invalid_argument, says, (void)Pipeline().then(Hadamard4(), "a b"));
  EXPECT_ERROR(invalid_argument, says, (void)Pipeline().then(Hadamard4(), {}, "a b"));
  EXPECT_ERROR(invalid_argument, says, (void)Pipeline().then(Pipeline(Hadamard4()), "a b"));
  EXPECT_ERROR(invalid_argument, says, (void)Pipeline().select("a b"));
}

TEST(Pipeline, StandaloneDecodersAreTakenOnTrust) {
  const Pipeline p = Pipeline(ANSDecode()) | Dequantize() | WaveletCDF53Inverse() | Hadamard4Inverse();
  EXPECT_EQ(p.input_key(), "Bitstream");
}

TEST(Pipeline, RunsThereAndBack) {
  World world(1 << 24);
  const EntityId e = latent(world, 9, 13, 1);
  const auto before = test::noise(4 * 9 * 13, 1);
  const Pipeline forward = Pipeline::parse(kChain);
  EXPECT_EQ(forward.run(world, {&e, 1}).key, "Bitstream");
  EXPECT_EQ(forward.inverse().run(world, {&e, 1}).key, "Latent4");
  const auto after = world.arena().view<float>(world.get(e, "Latent4").data);
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(after[i], before[i], 0.8);
  EXPECT_EQ(world.get(e, "Latent4").trail, nullptr) << "everything was undone";
}

TEST(Pipe, IsEagerAndMovesItsCursor) {
  World world(1 << 24);
  const EntityId e = latent(world, 8, 8, 2);
  Pipe pipe(world, {e});
  EXPECT_EQ(pipe.cursor(), "Latent4");
  pipe | Hadamard4() | WaveletHaar({.levels = 2});
  EXPECT_EQ(pipe.cursor(), "WaveletPyr");
  EXPECT_TRUE(world.has(e, "WaveletPyr"));
  Pipe fork = pipe.fork();
  fork.select("YUVW4").to(Hadamard4Inverse(), "Back");
  EXPECT_EQ(fork.cursor(), "Back");
  EXPECT_EQ(pipe.cursor(), "WaveletPyr");
  EXPECT_EQ(pipe.out("Back").size(), 1U);
  EXPECT_ERROR(missing_component, "'Nothing'", pipe.select("Nothing"));
}

TEST(Pipe, RefusesBeforeItRuns) {
  World world(1 << 24);
  Pipe pipe(world, {latent(world, 8, 8, 2)});
  pipe.to(Hadamard4()).to(WaveletCDF53({.levels = 2}));
  EXPECT_ERROR(contract, "step 3 (hadamard4_inverse): needs planes", pipe.to(Hadamard4Inverse()));
  EXPECT_ERROR(contract, "asked for 3 levels, but the stream has 2", pipe.to(WaveletCDF53Inverse({.levels = 3})));
  pipe.to(WaveletCDF53Inverse({.levels = 2}));
  EXPECT_EQ(pipe.cursor(), "YUVW4");
  EXPECT_ERROR(contract, "undoes vae, but the last step to be undone is hadamard4", pipe.to(OnnxVAEDecode()));
}

TEST(Pipe, InPlaceTakesTheInput) {
  World world(1 << 24);
  const EntityId e = latent(world, 8, 8, 2);
  const std::uint64_t offset = world.get(e, "Latent4").data.offset();
  Pipe pipe(world, {e});
  pipe.to(make_system("hadamard4", {{"in_place", true}}));
  EXPECT_FALSE(world.has(e, "Latent4"));
  EXPECT_EQ(world.get(e, "YUVW4").data.offset(), offset);
  pipe.to(Hadamard4Inverse());
  const auto back = world.arena().view<float>(world.get(e, "Latent4").data);
  const auto before = test::noise(4 * 64, 2);
  for (std::size_t i = 0; i < before.size(); ++i) ASSERT_NEAR(back[i], before[i], 1e-6);
}

TEST(Pipe, TellsItsPipeline) {
  World world(1 << 24);
  const EntityId e = latent(world, 8, 8, 2);
  (void)Pipeline::parse(kChain).run(world, {&e, 1});
  EXPECT_EQ(pipeline_of(world, world.get(e, "Bitstream")).recipe(), kChain);
}

TEST(Pipeline, KeepsNothingThatIsNotReadAgain) {
  World world(64U << 20);
  const EntityId e = latent(world, 32, 32, 1);
  Context frugal;
  frugal.keep = false;
  const Pipeline chain =
      Pipeline::parse("cdf53(levels=3) | quantize(step=0.25) | ans | @Latent4 cdf53(levels=2) -> Again");
  (void)chain.run(world, {&e, 1}, frugal);
  EXPECT_TRUE(world.has(e, "Again"));
  EXPECT_TRUE(world.has(e, "Bitstream"));
  EXPECT_FALSE(world.has(e, "Latent4")) << "nobody reads it after the last step";
  EXPECT_FALSE(world.has(e, "WaveletPyr"));
  EXPECT_FALSE(world.has(e, "SymbolsU8"));
}

}  // namespace
}  // namespace vaerans
