// What follows from a model's properties: recipes, scales, names.
#include <gtest/gtest.h>

#include "models/model.hpp"

namespace vaerans::test {
namespace {

TEST(Derived, HadamardIsInRecipesOfPowersOfTwo) {
  for (const std::uint32_t channels : {1U, 2U, 4U, 16U, 128U})
    EXPECT_NE(models::default_recipe("m", channels).find("hadamard4"), std::string::npos) << channels;
  for (const std::uint32_t channels : {3U, 12U, 48U, 127U})
    EXPECT_EQ(models::default_recipe("m", channels), "vae(m) | cdf53(levels=4) | quantize(step=1.0) | ans");
}

TEST(Derived, EachChannelHasItsOwnScale) {
  ModelInfo info;
  info.scaling = 0.5;
  info.shift = 3;
  EXPECT_EQ(models::latent_scale(info, 7).shift, 3);
  EXPECT_EQ(models::latent_scale(info, 7).scale, 0.5);
  info.latents_mean = {1, -2};
  info.latents_std = {4, 0.25};
  EXPECT_EQ(models::latent_scale(info, 0).shift, 4);
  EXPECT_EQ(models::latent_scale(info, 1).shift, 1);
  EXPECT_EQ(models::latent_scale(info, 0).scale, 0.125);
  EXPECT_EQ(models::latent_scale(info, 1).scale, 2);
}

TEST(Derived, ListsHaveOneNumberForEachChannel) {
  ModelInfo info;
  info.latent_channels = 2;
  EXPECT_EQ(models::latent_lists_problem(info), "");
  info.latents_mean = {1, -2};
  EXPECT_EQ(models::latent_lists_problem(info), "");
  info.latents_std = {1, 0};
  EXPECT_EQ(models::latent_lists_problem(info), "latents_std are numbers above 0");
  info.latents_std = {1};
  EXPECT_EQ(models::latent_lists_problem(info),
            "latents_mean and latents_std have one number for each of the 2 channels");
}

TEST(Derived, FoldersOfAnyNameGiveNamesOfModels) {
  EXPECT_EQ(models::name_for_folder("sdxl-vae_1.0"), "sdxl-vae_1.0");
  EXPECT_EQ(models::name_for_folder("My best VAE"), "My-best-VAE");
  EXPECT_EQ(models::name_for_folder("Modèle d'été"), "Mod-le-d-t");
  EXPECT_EQ(models::name_for_folder(".hidden "), "hidden");
  EXPECT_EQ(models::name_for_folder("模型"), "model");
  EXPECT_EQ(models::name_for_folder(std::string(300, 'x')).size(), 100U);
}

}  // namespace
}  // namespace vaerans::test
