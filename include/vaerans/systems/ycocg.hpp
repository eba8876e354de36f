// Luma and chroma planes of a picture. Shapes and errors: docs/reference/systems.md.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// RGB (H, W, C), C = 3 or 1 (grey), u8 or u16 → YCoCg (C, H, W) f32, scaled so that an error of 1 in a plane is one of
/// length 1 in RGB of 8 bits.
[[nodiscard]] SystemPtr YCoCg();
/// YCoCg (C, H, W) f32 → ReconRGB (H, W, C) u8 or u16, as it was.
[[nodiscard]] SystemPtr YCoCgInverse();

}  // namespace vaerans
