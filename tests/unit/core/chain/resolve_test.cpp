#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {
namespace {

std::vector<SystemPtr> systems(std::initializer_list<std::string_view> names) {
  std::vector<SystemPtr> out;
  for (const auto name : names) out.push_back(make_system(name));
  return out;
}

std::string resolved(const std::vector<SystemPtr>& given, const std::vector<std::string>& have,
                     const std::vector<std::string>& want) {
  const Pipeline chain = Pipeline::resolve(given, have, want);
  std::string out;
  for (const auto& step : chain.steps()) {
    out += (out.empty() ? "" : " ") + step.system->contract().name;
  }
  return out;
}

TEST(Resolve, AnyOrderGivesTheOneThatFits) {
  auto given = systems({"ans", "cdf53", "hadamard4", "quantize"});
  std::ranges::sort(given);
  do {
    EXPECT_EQ(resolved(given, {"Latent4"}, {"Bitstream"}), "hadamard4 cdf53 quantize ans");
  } while (std::ranges::next_permutation(given).found);
}

TEST(Resolve, GoesBackAsWell) {
  EXPECT_EQ(
      resolved(systems({"hadamard4_inverse", "cdf53_inverse", "ans_decode", "dequantize"}), {"Bitstream"}, {"Latent4"}),
      "ans_decode dequantize cdf53_inverse hadamard4_inverse");
}

TEST(Resolve, LeavesOutWhatNothingNeeds) {
  EXPECT_EQ(resolved(systems({"blur", "psnr", "predict", "ans"}), {"RGB"}, {"Bitstream"}), "predict ans");
  EXPECT_EQ(resolved(systems({"predict", "blur", "ans"}), {"RGB"}, {"BlurRGB"}), "blur");
  EXPECT_EQ(resolved(systems({"predict"}), {"RGB"}, {"RGB"}), "");
}

TEST(Resolve, TakesTwoInputs) {
  EXPECT_EQ(resolved(systems({"residual"}), {"RGB", "ReconRGB"}, {"Residual"}), "residual");
}

TEST(Resolve, KeepsTheOrderOfThoseThatCouldChangePlaces) {
  EXPECT_EQ(resolved(systems({"klt", "hadamard4", "quantize"}), {"Latent4"}, {"SymbolsU8"}), "klt hadamard4 quantize");
  EXPECT_EQ(resolved(systems({"hadamard4", "klt", "quantize"}), {"Latent4"}, {"Symbols"}), "hadamard4 klt quantize");
}

TEST(Resolve, LeavesOutWhatAnotherReplacesUnread) {
  // Both transforms read the picture's planes and write the same component: one of them would work for nothing.
  const auto chain = resolved(systems({"cdf53", "cdf97", "quantize", "ans"}), {"Latent4"}, {"Bitstream"});
  EXPECT_EQ(chain, "cdf53 quantize ans");
}

TEST(Resolve, TheRecipeIsTheWholeChain) {
  const auto given = systems({"ans", "quantize", "cdf53"});
  const std::vector<std::string> have{"YUVW4"}, want{"Bitstream"};
  const Pipeline chain = Pipeline::resolve(given, have, want);
  EXPECT_EQ(chain.recipe(), "@YUVW4 cdf53(levels=4) | quantize(step=1.0) | ans");
  EXPECT_EQ(Pipeline::parse(chain.recipe()).input_key(), "YUVW4");
}

TEST(Resolve, NamesWhatIsMissingAndWhoCouldMakeIt) {
  EXPECT_ERROR(contract, "ans would make 'Bitstream', but it needs symbols, and nothing given makes symbols; ",
               (void)resolved(systems({"ans", "cdf53"}), {"Latent4"}, {"Bitstream"}));
  EXPECT_ERROR(contract,
               "nothing given makes 'ReconRGB'; add_residual, predict_inverse, vae_decode or ycocg_inverse would",
               (void)resolved(systems({"ans"}), {"RGB"}, {"ReconRGB"}));
  EXPECT_ERROR(contract, "no system given reads or makes 'Unheard'; known keys: RGB, ",
               (void)resolved(systems({"ans"}), {"Unheard"}, {"Bitstream"}));
  EXPECT_ERROR(invalid_argument, "want='Bitstream'", (void)resolved(systems({"ans"}), {"RGB"}, {}));
}

}  // namespace
}  // namespace vaerans
