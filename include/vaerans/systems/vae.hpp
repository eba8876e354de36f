// The VAE: pictures to latents and back, run by ONNX Runtime on arena memory. Parameters, shapes and errors:
// docs/reference/systems.md.
#pragma once

#include <cstdint>
#include <string>

#include "vaerans/core/pipeline.hpp"
#include "vaerans/models.hpp"

namespace vaerans {

struct VAEEncodeOptions {
  std::string model{default_model};  ///< a name or a folder
  std::string providers{};           ///< ONNX Runtime's; empty: by the Context's device
  bool sample = false;               ///< draw from the posterior instead of taking its mean
  std::int64_t seed = -1;            ///< seeds that draw; -1: the Context's seed
  std::int64_t tile = -1;            ///< pixels; 0: the whole picture; -1: as Limits.max_run_bytes asks
};
struct VAEDecodeOptions {
  std::string model{};      ///< empty: the one that made the latent
  std::string providers{};  ///< as above
  std::int64_t tile = -1;   ///< as above
};

/// RGB (H, W, 3) u8 → Latent4 (C, ⌈H/f⌉, ⌈W/f⌉) f32.
[[nodiscard]] SystemPtr OnnxVAEEncode(const VAEEncodeOptions& options = {});
/// Latent4 → ReconRGB (H, W, 3) u8.
[[nodiscard]] SystemPtr OnnxVAEDecode(const VAEDecodeOptions& options = {});

}  // namespace vaerans
