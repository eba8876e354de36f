// What follows from a model's properties: its default recipe, and how each channel of its latents is scaled.
#pragma once

#include <string>
#include <string_view>

#include "vaerans/models.hpp"

namespace vaerans::models {

/// The chain of a model whose card names none. Hadamard is in it where it can be: for 2^k channels.
[[nodiscard]] std::string default_recipe(std::string_view name, std::uint32_t channels);

/// latent = (encoder's output − shift) · scale.
struct LatentScale {
  double shift = 0, scale = 1;
};
[[nodiscard]] LatentScale latent_scale(const ModelInfo& info, std::size_t channel);

/// What is wrong with `latents_mean` and `latents_std`, or "": both are empty, or finite numbers for each channel, the
/// second ones above 0.
[[nodiscard]] std::string latent_lists_problem(const ModelInfo& info);

/// A model's name for a folder of any name: runs of characters that names do not have become '-'.
[[nodiscard]] std::string name_for_folder(std::string_view folder);

}  // namespace vaerans::models
