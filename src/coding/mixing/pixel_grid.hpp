// PixelGrid: what a step says of its symbols where they are the planes of a picture, G, R and B.
#pragma once

#include "vaerans/core/system.hpp"

namespace vaerans {

/// Handed out by systems whose output the pixel coder takes (System::prior).
struct PixelGrid final : EntropyPrior {
  explicit PixelGrid(int max) : max_error(max) {}
  /// How far samples may have been moved, 0: not at all. They then lie on grids that the coder's own predictions give.
  int max_error;
};

}  // namespace vaerans
