// The residual layer: what the reconstruction lacks, and adding it back.
#pragma once

#include <string>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct ResidualOptions {
  std::string src = "RGB";         ///< key of the source picture
  std::string recon = "ReconRGB";  ///< key of its reconstruction
  std::string dtype = "i16";       ///< element type; "i16" holds every difference of two 8-bit pictures
};
/// (H, W, 3) i16: src − recon → Residual. Exact.
[[nodiscard]] SystemPtr Residual(const ResidualOptions& options = {});

struct AddResidualOptions {
  std::string recon = "ReconRGB";
  std::string residual = "Residual";
};
/// recon + residual, clamped to 0…255 → ReconRGB (give `out` to keep both). Exact for a residual of the same pair.
[[nodiscard]] SystemPtr AddResidual(const AddResidualOptions& options = {});

}  // namespace vaerans
