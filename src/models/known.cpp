#include "models/known.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "vaerans/models.hpp"

namespace vaerans::models {
namespace {

// TAESD's own networks take and give [0, 1]. diffusers' AutoencoderTiny wraps them to [-1, 1], so that exports with its
// config.json differ from this table (diffusers_config.hpp).
constexpr std::array<KnownModel, 6> models{{
    {"sdxl-vae", "stabilityai/sdxl-vae", "MIT", 0.13025, 0.0, 4, 8, -1.0F},
    {"sd-vae", "stabilityai/sd-vae-ft-mse", "MIT", 0.18215, 0.0, 4, 8, -1.0F},
    {"taesd", "madebyollin/taesd", "MIT", 1.0, 0.0, 4, 8, 0.0F},
    {"taesdxl", "madebyollin/taesdxl", "MIT", 1.0, 0.0, 4, 8, 0.0F},
    {"flux-vae", "black-forest-labs/FLUX.1-schnell", "Apache-2.0", 0.3611, 0.1159, 16, 8, -1.0F},
    {"sd3-vae", "stabilityai/stable-diffusion-3-medium-diffusers", "Stability AI Community", 1.5305, 0.0609, 16, 8,
     -1.0F},
}};

/// Other repositories with the same latent space → name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> also{{
    {"madebyollin/sdxl-vae-fp16-fix", "sdxl-vae"},
    {"stabilityai/sd-vae-ft-ema", "sd-vae"},
    {"stabilityai/stable-diffusion-3.5-medium", "sd3-vae"},
}};

}  // namespace

std::span<const KnownModel> known_models() noexcept { return models; }

const KnownModel* find_known_name(std::string_view name) noexcept {
  const auto* found = std::find_if(models.begin(), models.end(), [&](const auto& model) { return model.name == name; });
  return found == models.end() ? nullptr : found;
}

const KnownModel* find_known_repository(std::string_view repository) noexcept {
  for (const KnownModel& model : models) {
    if (model.repository == repository) return &model;
  }
  const auto* alias =
      std::find_if(also.begin(), also.end(), [&](const auto& pair) { return pair.first == repository; });
  return alias == also.end() ? nullptr : find_known_name(alias->second);
}

}  // namespace vaerans::models

std::string vaerans::model_name_of(std::string_view repository) {
  if (const auto* known = models::find_known_repository(repository)) return std::string(known->name);
  return std::string(repository.substr(repository.rfind('/') + 1));  // npos + 1 is 0: all of it
}
