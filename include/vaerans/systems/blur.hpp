// Gaussian blur. Parameters, shapes and errors: docs/reference/systems.md.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct GaussianBlurOptions {
  double sigma = 1.5;  ///< pixels
};
/// Image → BlurRGB.
[[nodiscard]] SystemPtr GaussianBlur(const GaussianBlurOptions& options = {});

}  // namespace vaerans
