// config.json of a diffusers autoencoder, as exporters leave it beside the graphs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vaerans::models {

struct DiffusersConfig {
  std::filesystem::path file;
  std::string class_name;  ///< "AutoencoderKL"; empty where the file does not say
  double scaling = 1, shift = 0;
  std::vector<double> latents_mean = {}, latents_std = {};  ///< empty where the file has none
  std::optional<std::uint32_t> latent_channels, factor;
};

/// Where a folder may hold it, in this order; the first that describes an autoencoder counts.
inline constexpr const char* config_places[] = {"config.json", "vae/config.json", "vae_encoder/config.json",
                                                "vae_decoder/config.json"};

/// Nothing where the folder has none. Absent fields have the values that diffusers gives them. All classes of diffusers
/// take and give pixels in [-1, 1]: AutoencoderTiny converts to TAESD's own [0, 1] inside its graph.
/// Throws Error(model_invalid), which names the field.
[[nodiscard]] std::optional<DiffusersConfig> read_diffusers_config(const std::filesystem::path& folder);

}  // namespace vaerans::models
