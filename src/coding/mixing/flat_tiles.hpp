// Tiles of graphics: pixels that repeat, by the flat coder, and windows in them where a photo shows, by the pixel
// coder. Tiles are larger than those of photos, since what repeats does so from far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "kernels/flat/flat_coder.hpp"

namespace vaerans {

inline constexpr unsigned kMostFlatLog = 11;  ///< the largest TilePlan::side_log of graphics, which encoders take

/// What one thread needs.
struct FlatTileBuffers {
  kernels::FlatBuffers flat;
  kernels::TileBuffers windows;
};

/// About the bytes that they grow to while a tile of this shape is decoded.
[[nodiscard]] std::size_t flat_decoder_bytes(const kernels::TileShape& shape);

/// Writes a tile, whose sides are at most kernels::kMostFlatSide.
void encode_flat_tile(PixelPlanes<const std::uint8_t> picture, const TileArea& area, FlatTileBuffers& buffers,
                      ByteBuffer& out);

/// All tiles of a picture as bytes, in order.
[[nodiscard]] std::vector<ByteBuffer> encode_flat_tiles(PixelPlanes<const std::uint8_t> picture, const TilePlan& plan,
                                                        unsigned threads);

/// Reads what encode_flat_tile wrote. Throws Error(corrupt_stream), which says what is wrong.
void decode_flat_tile(std::span<const std::byte> bytes, PixelPlanes<std::uint8_t> picture, const TileArea& area,
                      FlatTileBuffers& buffers);

}  // namespace vaerans
