// Luma and chroma planes of a picture. Shapes and errors: docs/reference/systems.md.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// RGB (H, W, 3) u8 → YCoCg (3, H, W) f32, scaled so that an error of 1 in a plane is one of length 1 in RGB.
[[nodiscard]] SystemPtr YCoCg();
/// YCoCg (3, H, W) f32 → ReconRGB (H, W, 3) u8.
[[nodiscard]] SystemPtr YCoCgInverse();

}  // namespace vaerans
