// Model: a folder that was read, checked and remembered. The public face is vaerans/models.hpp.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "onnx/session.hpp"
#include "vaerans/model_backend.hpp"
#include "vaerans/models.hpp"

namespace vaerans::models {

/// The card's name in a model's folder, and the most that is read of it.
inline constexpr std::string_view card_file = "model.json";
inline constexpr std::uint64_t max_card_bytes = 16U << 20;

struct Model {
  ModelInfo info;
  onnx::GraphFile encoder;  ///< path empty: this copy of the model decodes only
  onnx::GraphFile decoder;
  onnx::GraphFile gradient = {};  ///< the decoder's gradient graph (docs/models.md); path empty: there is none
  /// Halves of a registered model, which has no files.
  std::shared_ptr<const ModelHalf> given_encoder = {}, given_decoder = {}, given_gradient = {};
};

/// The half ready to run: what was registered, or the session of its graph under this execution (Session::open).
/// Throws Error(model_invalid) where the model has no such half, and as Session::open.
[[nodiscard]] std::shared_ptr<const ModelHalf> open_encoder(const Model& model, const onnx::Execution& execution);
[[nodiscard]] std::shared_ptr<const ModelHalf> open_decoder(const Model& model, const onnx::Execution& execution);
/// The gradient of the decoder, likewise; nullptr where the model has none.
[[nodiscard]] std::shared_ptr<const ModelHalf> open_gradient(const Model& model, const onnx::Execution& execution);
/// Whether there is one.
[[nodiscard]] inline bool has_gradient(const Model& model) noexcept {
  return model.given_gradient != nullptr || !model.gradient.path.empty();
}

/// As find_model, with what running the graphs needs. The same object is given as long as the folder does not change.
[[nodiscard]] std::shared_ptr<const Model> open_model(std::string_view name_or_folder);

/// Whether a text means a folder rather than a name: it holds a '/' or is "." or "..".
[[nodiscard]] bool means_folder(std::string_view text) noexcept;

/// Whether the folder looks like a model: it has a card, or an encoder or decoder under one of the accepted names.
[[nodiscard]] bool has_model_files(const std::filesystem::path& folder);

/// The encoder's and decoder's file in a folder without a card, relative to it; empty where there is none.
[[nodiscard]] std::string usual_encoder(const std::filesystem::path& folder);
[[nodiscard]] std::string usual_decoder(const std::filesystem::path& folder);

/// Reads <folder>/model.json and checks every field and both hashes; throws Error(model_invalid).
[[nodiscard]] Model read_card(const std::filesystem::path& folder);

/// Where a folder without a card comes from, as far as its place tells.
struct Origin {
  std::string name;  ///< the model's name; empty: the folder's own
  std::string repository, revision;
};

/// Makes up the card of a folder that has none: sizes from the graphs; scaling and pixel range from a config.json of
/// diffusers, else by the name where it is that of a published VAE. Throws Error(model_invalid).
[[nodiscard]] Model derive_card(const std::filesystem::path& folder, const Origin& origin = {});

/// Whether a name may be a model's: letters, digits, '-', '_' and '.', at most 100, not starting with '.'.
[[nodiscard]] bool is_model_name(std::string_view name) noexcept;

/// The folder that `vaerans models add` writes to; empty without a home.
[[nodiscard]] std::filesystem::path user_model_folder();

// What follows from a model's properties (derived.cpp).

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

/// That a latent's weights, known by the first digits of their hash, are not those of the model that was found: the
/// beginning of a sentence, which names the model and where it is.
[[nodiscard]] std::string other_weights(std::string_view wanted, const ModelInfo& found);

/// A model's name for a folder of any name: runs of characters that names do not have become '-'.
[[nodiscard]] std::string name_for_folder(std::string_view folder);

}  // namespace vaerans::models
