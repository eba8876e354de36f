// Windows of a tile of graphics: rectangles in which a photo shows, and which the pixel coder codes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "kernels/predict/padded_plane.hpp"

namespace vaerans {

/// Extents of a tile.
struct FlatExtents {
  int width = 0, height = 0;
  [[nodiscard]] std::size_t pixels() const noexcept {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
};

/// Rectangles of a tile, none over another.
using FlatWindows = std::vector<TileArea>;

/// Where most pixels are like none of their neighbours. Pixels are whole, as FlatBuffers has them.
[[nodiscard]] FlatWindows find_windows(kernels::PaddedPlane& pixels, const FlatExtents& tile);

/// For each pixel whether a window covers it; empty where there is none. False: one lies over another.
[[nodiscard]] bool cover(const FlatWindows& windows, const FlatExtents& tile, std::vector<std::uint8_t>& covered);

/// Varint of their number; of each the varints of left, top, width, height.
void write_windows(const FlatWindows& windows, ByteWriter& out);
/// Only such as lie in the tile, are no larger than a tile of photos, and have no more pixels than it.
[[nodiscard]] FlatWindows read_windows(ByteReader& in, const FlatExtents& tile);

}  // namespace vaerans
