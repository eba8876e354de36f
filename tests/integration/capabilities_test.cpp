// What systems say of themselves, so that nobody has to know their names.
#include <gtest/gtest.h>

#include <algorithm>

#include "coding/coder.hpp"
#include "coding/context/context_prior.hpp"
#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans {
namespace {

TEST(Capabilities, EveryForwardSystemGivesTheInverseThatUndoesIt) {
  int checked = 0;
  for (const SystemEntry& entry : all_systems()) {
    const SystemPtr forward = make_system(entry.name);
    if (forward->contract().role != Role::forward) continue;
    const SystemPtr inverse = forward->inverse();
    ASSERT_NE(inverse, nullptr) << entry.name;
    EXPECT_EQ(inverse->contract().role, Role::inverse) << entry.name;
    EXPECT_TRUE(inverse->contract().undoes(entry.name)) << entry.name;
    EXPECT_EQ(make_system(inverse->contract().name)->contract().name, inverse->contract().name);
    ++checked;
  }
  EXPECT_GE(checked, 9);  // vae, hadamard4, klt, cdf53, haar, quantize, quantize_u8, ans, rct
}

TEST(Capabilities, OnlyAStepQuantizerHasAStep) {
  const SystemPtr quantizer = Quantize({.step = 0.5, .deadzone = 0.75, .rdo = 0.1});
  EXPECT_EQ(quantizer->step(), 0.5);
  const SystemPtr finer = quantizer->with_step(0.125);
  EXPECT_EQ(finer->recipe(), "quantize(step=0.125, deadzone=0.75, rdo=0.1)");
  EXPECT_ERROR(bad_parameter, "above 0", (void)quantizer->with_step(0));
  EXPECT_EQ(Quantize({.bits = 8})->step(), std::nullopt);
  EXPECT_EQ(Quantize({.bits = 8})->with_step(1), nullptr);
  EXPECT_EQ(QuantizeU8()->step(), std::nullopt);
  EXPECT_EQ(make_system("hadamard4")->step(), std::nullopt);
}

TEST(Capabilities, TheEncoderTellsItsModelAndTakesAnother) {
  const SystemPtr encoder = OnnxVAEEncode({.model = "one", .tile = 256});
  EXPECT_EQ(encoder->model(), "one");
  EXPECT_EQ(encoder->with_model("two")->recipe(), "vae(two, tile=256)");
  EXPECT_EQ(make_system("ans")->model(), std::nullopt);
  EXPECT_EQ(make_system("ans")->with_model("two"), nullptr);
}

TEST(Capabilities, TheNearestStepWithAPriorIsAsked) {
  const SystemPtr color = ReversibleColor(), quantizer = Quantize();
  const auto step = [](const SystemPtr& system, const TrailStep* previous) {
    return TrailStep{system.get(), "", {}, {}, previous};
  };
  const TrailStep first = step(color, nullptr), second = step(quantizer, &first);
  EXPECT_EQ(prior_of(nullptr), nullptr);
  ASSERT_NE(context_prior(prior_of(&second).get()), nullptr);
  EXPECT_EQ(context_prior(prior_of(&second).get())->id, residual_prior()->id);
  const TrailStep alone = step(quantizer, nullptr);
  EXPECT_EQ(prior_of(&alone), nullptr);
}

TEST(Capabilities, WhichCodersUseAPrior) {
  for (const SymbolCoder* coder : symbol_coders()) {
    EXPECT_EQ(coder->uses_prior(), coder == &context_coder() || coder == &mixing_coder()) << coder->name();
  }
}

// A coder that needs none must not look for the model: its streams decode where the model is not installed.
TEST(Capabilities, NoModelIsOpenedForACoderWithoutPrior) {
  World world(1 << 22);
  const EntityId e = world.spawn_latent(test::noise(4 * 64, 1), {4, 8, 8});
  const SystemPtr encoder = OnnxVAEEncode({.model = "nowhere"});
  Component latent = world.get(e, "Latent4");
  world.keep(encoder);
  latent.trail = world.extend_trail(*encoder, "RGB", {Kind::image, DType::u8, Shape{64, 64, 3}, {}}, {}, nullptr);
  world.set(e, "Latent4", latent);
  Pipe pipe(world, {e});
  pipe.to(make_system("cdf53")).to(Quantize({.step = 0.25}));
  EXPECT_ERROR(model_not_found, "nowhere", pipe.fork().to(make_system("ans")));
  pipe.to(make_system("ans", {{"coder", std::string("static")}})).to(make_system("ans_decode"));
  EXPECT_EQ(pipe.cursor(), "SymbolsU8");
}

TEST(Capabilities, SideInformationIsToldByItsStep) {
  const auto fields = [](const SystemPtr& system, std::vector<std::byte> bytes) {
    std::string out;
    for (const auto& [name, text] : system->describe_side_info(bytes)) out += name + "=" + text + ";";
    return out;
  };
  const auto bytes = [](std::initializer_list<int> values) {
    std::vector<std::byte> out;
    for (const int v : values) out.push_back(static_cast<std::byte>(v));
    return out;
  };
  EXPECT_EQ(fields(make_system("ans"), bytes({2})), "coder=context;");
  EXPECT_EQ(fields(make_system("ans"), bytes({99})), "");
  EXPECT_EQ(fields(make_system("ans"), {}), "");
  const SystemPtr vae = OnnxVAEEncode({.model = "one"});
  EXPECT_EQ(fields(vae, bytes({0xAB, 0xCD, 1, 2, 3, 4, 5, 6, 8, 4, 0})), "model=one;model_hash=abcd010203040506;");
  EXPECT_EQ(fields(vae, bytes({0xAB, 0xCD, 1, 2, 3, 4, 5, 6, 8, 4, 0, 64, 16})),
            "model=one;model_hash=abcd010203040506;tiles=tile 64, overlap 16;");
  EXPECT_EQ(fields(vae, bytes({0xAB})), "model=one;") << "what is broken is left out";
}

}  // namespace
}  // namespace vaerans
