// What the tile coder does with planes that are not coded.
#pragma once

#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels {

void copy_samples(const TilePlane& from, const TilePlane& to, const TileShape& shape) noexcept;
// Makes a constant or copied plane known to the later ones: a copy has the residuals of the first plane, a constant
// none.
void adopt_plane(const TilePlane& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers, int number);
// Completes the border of a plane whose samples are set.
void finish_plane(TileBuffers& buffers, int number, int height) noexcept;

}  // namespace vaerans::kernels
