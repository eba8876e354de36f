// PixelGrid: what a step says of its symbols where they are the planes of a picture, G, R and B.
#pragma once

#include "coding/mixing/pixel_tiles.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

/// Handed out by systems whose output the pixel coder takes (System::prior).
struct PixelGrid final : EntropyPrior {
  PixelGrid(int max, ModelChoice allowed) : max_error(max), choice(allowed) {}
  /// How far samples may have been moved, 0: not at all. They then lie on grids that the coder's own predictions give.
  int max_error;
  ModelChoice choice;  ///< which models the coder may use
};

}  // namespace vaerans
