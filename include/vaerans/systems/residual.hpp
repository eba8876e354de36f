// The residual layer: what the reconstruction lacks, and adding it back. Parameters, shapes and errors:
// docs/reference/systems.md.
#pragma once

#include <string>

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct ResidualOptions {
  std::string src = "RGB";
  std::string recon = "ReconRGB";
  std::string dtype = "i16";
};
/// (H, W, 3) i16: src − recon → Residual. Exact.
[[nodiscard]] SystemPtr Residual(const ResidualOptions& options = {});

struct AddResidualOptions {
  std::string recon = "ReconRGB";
  std::string residual = "Residual";
};
/// recon + residual, clamped to 0…255 → ReconRGB.
[[nodiscard]] SystemPtr AddResidual(const AddResidualOptions& options = {});

}  // namespace vaerans
