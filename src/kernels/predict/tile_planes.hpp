// What the tile coder does with planes that are not coded.
#pragma once

#include <algorithm>

#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels {

template <typename Sample>
void copy_samples(const TilePlane<Sample>& from, const TilePlane<Sample>& to, const TileShape& shape) noexcept {
  for (int y = 0; y < shape.height; ++y) {
    std::copy_n(from.samples + y * from.stride, shape.width, to.samples + y * to.stride);
  }
}

// Makes a constant, copied or raw plane known to the later ones: a copy has the residuals of the first plane, others
// have none.
void adopt_plane(const TilePlane<std::uint8_t>& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers,
                 int number);
void adopt_plane(const TilePlane<std::uint16_t>& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers,
                 int number);
// Completes the border of a plane whose samples are set.
void finish_plane(TileBuffers& buffers, int number, int height) noexcept;

}  // namespace vaerans::kernels
