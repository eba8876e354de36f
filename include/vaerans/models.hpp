// Models: where they are looked for, and what their cards say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vaerans {

/// A model folder: encoder.onnx and/or decoder.onnx with a model.json card beside them.
struct ModelInfo {
  std::string name, folder, description, licence, revision;
  std::uint32_t latent_channels = 4;
  std::uint32_t factor = 8;              ///< pixels per latent sample in each direction
  float pixel_low = -1, pixel_high = 1;  ///< what 0 and 255 map to
  double scaling = 1, shift = 0;         ///< latent = (encoder output − shift) · scaling
  double latent_std = 1;                 ///< of a photo's scaled latents; quality 1…100 is relative to it
  std::string encoder_path, decoder_path;
  std::string encoder_kind = "mean";     ///< "mean" or "moments" (mean and log-variance along the channels)
  std::string default_recipe;            ///< of compress()
  std::string hash;                      ///< 64 hex digits: SHA-256 over decoder.onnx
  std::string prior_path, prior_sha256;  ///< of the context coder's prior; empty: the model has none
  std::string card_json;                 ///< the whole card
};

/// Looks in this order: a folder given as such, VAERANS_MODEL_PATH (separated by ':'), the user's data folder
/// ($XDG_DATA_HOME/vaerans/models, by default ~/.local/share/vaerans/models), the installed models.
/// Throws Error(model_not_found), which lists what is there and how to add one; Error(model_invalid).
[[nodiscard]] ModelInfo find_model(std::string_view name_or_folder);

/// All models on the path; the first of a name wins. Broken folders are left out.
[[nodiscard]] std::vector<ModelInfo> list_models();

/// Adds a folder that is looked at before the installed ones (packages that bring models of their own).
void add_model_path(std::string_view folder);
[[nodiscard]] std::vector<std::string> model_paths();

/// Where the ONNX Runtime library was found, its version and providers; throws Error(runtime_not_found) with what was
/// tried.
struct RuntimeInfo {
  std::string library, version;
  std::vector<std::string> providers;
};
[[nodiscard]] RuntimeInfo runtime_info();
/// Uses this library file if none has been loaded yet. Otherwise the order is VAERANS_ORT_LIBRARY, paths added by
/// packages, the system's library.
void set_runtime_library(std::string_view path);
/// A library to try after VAERANS_ORT_LIBRARY (the Python package adds the one inside `onnxruntime`).
void add_runtime_candidate(std::string_view path);

}  // namespace vaerans
