// Tiles of a picture by the fast model (kernels/fast/fast_tile.hpp), as bytes: docs/format_fast.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "kernels/fast/fast_tile.hpp"

namespace vaerans {

/// Writes a tile of exact samples.
void encode_fast_tile(PixelPlanes<const std::uint8_t> picture, const TileArea& area, kernels::FastBuffers& buffers,
                      ByteBuffer& out);

/// Reads what encode_fast_tile wrote. Throws Error(corrupt_stream), which says what is wrong.
void decode_fast_tile(std::span<const std::byte> bytes, PixelPlanes<std::uint8_t> picture, const TileArea& area,
                      kernels::FastBuffers& buffers);

}  // namespace vaerans
