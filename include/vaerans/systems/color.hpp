// The reversible colour transform, on differences of pictures.
#pragma once

#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// Residual (H, W, 3) i16 → planes (3, H, W) i16 by the reversible colour transform of JPEG 2000
/// (ISO/IEC 15444-1 annex G.2): Y = ⌊(R + 2G + B)/4⌋, U = B − G, V = R − G.
[[nodiscard]] SystemPtr ReversibleColor();
[[nodiscard]] SystemPtr ReversibleColorInverse();

}  // namespace vaerans
