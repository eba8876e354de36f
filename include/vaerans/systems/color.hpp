// The reversible colour transform, on differences of pictures. Shapes and errors: docs/reference/systems.md.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Residual (H, W, 3) i16 → planes (3, H, W) i16, as in JPEG 2000.
[[nodiscard]] SystemPtr ReversibleColor();
[[nodiscard]] SystemPtr ReversibleColorInverse();

}  // namespace vaerans
