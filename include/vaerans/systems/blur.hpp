// Gaussian blur.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct GaussianBlurOptions {
  double sigma = 1.5;  ///< pixels, > 0 and ≤ 100
};
/// Image → BlurRGB; separable, truncated at 4σ, half-sample symmetric borders, rounded to 8 bits
/// (scipy.ndimage.gaussian_filter's conventions).
[[nodiscard]] SystemPtr GaussianBlur(const GaussianBlurOptions& options = {});

}  // namespace vaerans
