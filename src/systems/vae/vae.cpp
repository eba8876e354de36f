// Makers and registration of the VAE.
#include "vaerans/systems/vae.hpp"

#include "systems/builtin.hpp"
#include "systems/vae/vae_systems.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans {
namespace {

constexpr const char* kProvidersDoc = "ONNX Runtime execution providers with options, separated by commas";
constexpr const char* kTileDoc = "pixels on a side of tiles, margins included; 0: never; -1: as the memory limit asks";

VAEOptions options_of(const Params& params, bool encoder) {
  VAEOptions out;
  out.model = params.text("model");
  out.providers = params.text("providers");
  out.tile = params.integer("tile");
  if (encoder) {
    out.sample = params.flag("sample");
    out.seed = params.integer("seed");
  }
  return out;
}

SystemEntry encoder_entry() {
  return {.name = "vae",
          .class_name = "OnnxVAEEncode",
          .doc = "Pictures to latents by a VAE's encoder.",
          .wire_id = 1,
          .params = {{"model", std::string(vae::default_model), "name of a model, or its folder (with a '/')", 1},
                     {"providers", std::string(), kProvidersDoc, 0},
                     {"sample", false, "draw from the posterior instead of taking its mean", 0},
                     {"seed", std::int64_t{-1}, "of that draw; -1: the context's", 0},
                     {"tile", std::int64_t{-1}, kTileDoc, 0}},
          .make = [](const Params& params) { return std::make_shared<vae::Encode>(options_of(params, true)); }};
}

SystemEntry decoder_entry() {
  return {.name = "vae_decode",
          .class_name = "OnnxVAEDecode",
          .doc = "Latents to pictures by a VAE's decoder.",
          .wire_id = 2,
          .params = {{"model", std::string(), "name or folder; empty: the model of the latent's encoder", 1},
                     {"providers", std::string(), kProvidersDoc, 0},
                     {"tile", std::int64_t{-1}, kTileDoc, 0}},
          .make = [](const Params& params) { return std::make_shared<vae::Decode>(options_of(params, false)); }};
}

}  // namespace

SystemPtr OnnxVAEEncode(const VAEOptions& options) { return std::make_shared<vae::Encode>(options); }

SystemPtr OnnxVAEDecode(const VAEOptions& options) { return std::make_shared<vae::Decode>(options); }

void register_vae() {
  register_system(encoder_entry());
  register_system(decoder_entry());
}

}  // namespace vaerans
