// The VAE: pictures to latents and back, run by ONNX Runtime on arena memory.
#pragma once

#include <cstdint>
#include <string>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct VAEOptions {
  std::string model{};      ///< a name (see models.hpp) or a folder; empty: the default model, and for a decoder the
                            ///< one that made the latent
  std::string providers{};  ///< ONNX Runtime execution providers in order, "CUDAExecutionProvider(device_id=1),CPU…";
                            ///< empty: by device
  bool sample = false;      ///< encoder: draw from the posterior instead of taking its mean (moments models)
  std::int64_t seed = -1;   ///< seeds that draw; -1: the Context's seed
  std::int64_t tile = -1;   ///< pixels on a side of the tiles in which a picture is run, margins included; 0: whole;
                            ///< -1: tiles where the whole would take more than Limits.max_run_bytes
};

/// RGB (H, W, 3) u8 → Latent4 (C, ⌈H/f⌉, ⌈W/f⌉) f32, scaled: (z − shift) · scale as diffusers does. Sides that the
/// factor f does not divide are padded by repeating the edge; decoding crops. One session.run per group.
/// Errors: model_not_found, model_invalid, runtime_not_found, inference, non_finite.
[[nodiscard]] SystemPtr OnnxVAEEncode(const VAEOptions& options = {});

/// Latent4 → ReconRGB (H, W, 3) u8. A latent that no encoder made gives its full (h·f, w·f) picture. The trace's
/// value "exact" is 1 where the pixels are those of every machine (an exact decoder on the CPU), else 0.
[[nodiscard]] SystemPtr OnnxVAEDecode(const VAEOptions& options = {});

}  // namespace vaerans
