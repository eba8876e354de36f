// What is said of the VAE's two systems, their makers and their registration.
#include "vaerans/systems/vae.hpp"

#include "core/wire_ids.hpp"
#include "systems/builtin.hpp"
#include "systems/vae/vae_systems.hpp"

namespace vaerans {
namespace {

constexpr double kMaxTile = 1 << 20;

// The two that both directions have; in the encoder's files neither.
template <typename Options>
Option<Options> providers(std::uint8_t wire_id) {
  return {"providers",
          &Options::providers,
          {},
          "ONNX Runtime execution providers in order, with options: CUDAExecutionProvider(device_id=1),"
          "CPUExecutionProvider; empty: by the Context's device",
          wire_id};
}
template <typename Options>
Option<Options> tile(std::uint8_t wire_id) {
  return {"tile", &Options::tile, ParamRange::from(-1).up_to(kMaxTile),
          "pixels on a side of the tiles in which a picture is run, margins included; 0: the whole picture; -1: tiles "
          "where the whole would take more than Limits.max_run_bytes",
          wire_id};
}

}  // namespace

const Descriptor<VAEEncodeOptions>& vae::encoder() {
  static const Descriptor<VAEEncodeOptions> descriptor{
      .name = "vae",
      .class_name = "OnnxVAEEncode",
      .topic = "vae",
      .doc =
          "Encoder of a VAE: RGB (H, W, 3) uint8 → Latent4 (C, ⌈H/f⌉, ⌈W/f⌉) float32.\n\n"
          "Scaled by (z − shift) · scale as diffusers does. Sides that the model's factor f does not divide are "
          "padded by repeating the edge; decoding crops. One session.run for each group. Tiles of local networks "
          "give what the whole picture gives, those of others are blended. Raises ModelNotFound, ModelInvalid, "
          "RuntimeNotFound, InferenceError, NonFinite, and BadParameter for tiles too small for the model.",
      .inverse = "vae_decode",
      .wire_id = wire::vae,
      .params = {{"model", &VAEEncodeOptions::model, ParamRange::model(), "the model (docs/models.md)",
                  wire::vae_model},
                 providers<VAEEncodeOptions>(never_in_files),
                 {"sample",
                  &VAEEncodeOptions::sample,
                  {},
                  "draw from the posterior instead of taking its mean, with models that give mean and log-variance",
                  never_in_files},
                 {"seed", &VAEEncodeOptions::seed, ParamRange::from(-1), "seeds that draw; -1: the Context's seed",
                  never_in_files},
                 tile<VAEEncodeOptions>(never_in_files)},
      .make = make_of<vae::Encode>};
  return descriptor;
}

const Descriptor<VAEDecodeOptions>& vae::decoder() {
  static const Descriptor<VAEDecodeOptions> descriptor{
      .name = "vae_decode",
      .class_name = "OnnxVAEDecode",
      .topic = "vae",
      .doc =
          "Decoder of a VAE: Latent4 (C, h, w) float32 → ReconRGB (H, W, 3) uint8.\n\n"
          "A latent that no encoder made gives its full (h·f, w·f) picture. Networks that are not local "
          "(normalisation, attention) are decoded in the tiles that the latent's encoder recorded, whatever `tile` "
          "says then. The trace's value \"exact\" is 1 where the pixels are those of every machine (an exact "
          "decoder on the CPU), else 0. Raises ModelNotFound, ModelInvalid, ModelMismatch, RuntimeNotFound, "
          "InferenceError, and BadParameter for tiles too small for the model.",
      .role = Role::inverse,
      .params = {{"model", &VAEDecodeOptions::model, ParamRange::model(),
                  "empty: the model that made the latent, or the default one where no encoder did"},
                 providers<VAEDecodeOptions>(0),
                 tile<VAEDecodeOptions>(0)},
      .make = make_of<vae::Decode>};
  return descriptor;
}

SystemPtr OnnxVAEEncode(const VAEEncodeOptions& options) { return vae::encoder()(options); }
SystemPtr OnnxVAEDecode(const VAEDecodeOptions& options) { return vae::decoder()(options); }

void register_vae() {
  register_system(vae::encoder().entry());
  register_system(vae::decoder().entry());
}

}  // namespace vaerans
