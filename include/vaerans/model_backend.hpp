// Models whose halves are objects of this process instead of graphs in a folder.
#pragma once

#include <memory>
#include <string_view>

#include "vaerans/model_half.hpp"
#include "vaerans/models.hpp"

namespace vaerans {

/// A model that lives in this process instead of a folder: systems, recipes, compress() and files know it by its name,
/// before models of that name elsewhere, until unregister_model. Either half may be nullptr.
/// `info`: name, latent_channels, factor, pixel range, scaling, shift, latent_std and encoder_kind count. An empty hash
/// becomes that of these properties; files hold its first 16 digits, and a decoder refuses another one. An empty
/// default_recipe becomes one with hadamard4 where the number of channels is a power of two, and without it elsewhere.
/// Throws Error(invalid_argument) for properties out of range, and Error(exists) where the name is registered already.
/// `gradient`: what efforts above 5 better latents by, or nullptr: of (N, C + 3 f², h, w), a latent and behind it the
/// slopes of a loss by the f × f pixels of each sample (channel (3 planes, row, column)), it makes the slopes by the
/// latent (N, C, h, w).
ModelInfo register_model(ModelInfo info, std::shared_ptr<const ModelHalf> encoder,
                         std::shared_ptr<const ModelHalf> decoder, std::shared_ptr<const ModelHalf> gradient = nullptr);
/// False if there is none of this name. What is in use goes on.
bool unregister_model(std::string_view name);

}  // namespace vaerans
