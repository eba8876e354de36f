// Models: where they are looked for, and what their cards say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/base/effort.hpp"
#include "vaerans/runtime.hpp"

namespace vaerans {

/// What compress(), the systems, the command line and Python use where nobody names a model.
inline constexpr std::string_view default_model = "photo-f8c64";
/// What compress() uses instead below default_effort: its encoder does a quarter of the work.
inline constexpr std::string_view quick_model = "photo-f8c32";

/// The model of compress() at this effort where nobody names one.
[[nodiscard]] constexpr std::string_view default_model_at(std::int64_t effort) noexcept {
  return effort < default_effort ? quick_model : default_model;
}

/// A model folder: encoder.onnx and/or decoder.onnx with a model.json card beside them.
struct ModelInfo {
  std::string name, folder, description, licence, revision;
  std::string repository;  ///< "org/name" on the Hugging Face hub, where it is known
  std::uint32_t latent_channels = 4;
  std::uint32_t factor = 8;              ///< pixels per latent sample in each direction
  float pixel_low = -1, pixel_high = 1;  ///< what 0 and 255 map to
  double scaling = 1, shift = 0;         ///< latent = (encoder output − shift) · scaling
  /// For each channel, or empty: latent = (encoder output − shift − mean) · scaling / std, as newer VAEs have it.
  std::vector<double> latents_mean = {}, latents_std = {};
  double latent_std = 1;  ///< deviation of a photo's scaled latents; quality 1…100 is relative to it
  std::string encoder_path, decoder_path;
  std::string gradient_path = {};  ///< the decoder's gradient graph, by which efforts above 5 refine latents; or empty
  std::string encoder_kind = "mean";  ///< "mean" or "moments" (mean and log-variance along the channels)
  bool exact_decoder = false;         ///< integers carried in floats: the same pixels on every machine (docs/models.md)
  std::string default_recipe;         ///< the chain that compress() runs by default
  std::string hash;  ///< 64 hex digits: SHA-256 over decoder.onnx (and over its external weights, docs/models.md)
  std::string prior_path, prior_sha256;  ///< the context coder's prior; empty: the model has none
  std::string card_json;                 ///< the whole card
};

/// Looks in this order: a folder given as such, VAERANS_MODEL_PATH (separated by ':'), the user's data folder
/// ($XDG_DATA_HOME/vaerans/models, by default ~/.local/share/vaerans/models), the installed models, the cache of
/// Hugging Face's tools (by name, or by "org/name" where no such folder exists; nothing is downloaded).
/// Throws Error(model_not_found), which lists what is there and how to add one; Error(model_invalid).
[[nodiscard]] ModelInfo find_model(std::string_view name_or_folder);

/// The name that a repository's model has: "sdxl-vae" for "stabilityai/sdxl-vae" and others with its latents, else the
/// part behind the '/'.
[[nodiscard]] std::string model_name_of(std::string_view repository);

/// A folder on the path that looks like a model and is none.
struct BrokenModel {
  std::string name;
  std::string problem;  ///< what find_model() says of it
};

/// All models on the path; the first of a name wins. Broken folders never hide the others: they are left out, and told
/// in `broken` where that is not null.
[[nodiscard]] std::vector<ModelInfo> list_models(std::vector<BrokenModel>* broken = nullptr);

/// Adds a folder that is looked at before the installed ones (packages that bring models of their own).
void add_model_path(std::string_view folder);
/// Adds the models of the tree that a header of this library lies in, if there are any: of an installed tree, wherever
/// it is, or of the sources. vaerans/vaerans.hpp calls it with its own path when a program starts: a program that is
/// linked with the static library knows no other way to the tree. Gives whether it found some.
bool add_tree_models(std::string_view header) noexcept;
[[nodiscard]] std::vector<std::string> model_paths();

/// Copies a model (folder, name or repository in the cache) with a card into the user's data folder: all of it or, when
/// anything fails, nothing. It must pass verify_model. `name` renames it. Throws Error(exists), Error(model_invalid).
ModelInfo add_model(std::string_view name_or_folder, std::string_view name = {});

/// Removes a model from the user's data folder, by its name, NAME@HASH or @HASH; others are left alone. Throws
/// Error(model_not_found), and Error(bad_parameter) where several are called so.
void remove_model(std::string_view name);

/// One thing that verify_model looked at.
struct ModelCheck {
  std::string what;  ///< "shapes", "pixel range", "round trip", "scaling"
  bool passed = true;
  std::string detail;  ///< what was measured and, if it did not pass, what to do
};

struct ModelReport {
  ModelInfo model;
  std::vector<ModelCheck> checks;
  double psnr_db = 0;     ///< PSNR of a built-in picture after encoder and decoder, without quantisation
  double latent_std = 0;  ///< standard deviation of the same picture's scaled latents
  [[nodiscard]] bool passed() const noexcept;
};

/// Runs the model on a built-in picture and judges what it gives: sizes, pixel range, fidelity, scaling. Throws as
/// find_model and as running it does.
[[nodiscard]] ModelReport verify_model(std::string_view name_or_folder);

}  // namespace vaerans
