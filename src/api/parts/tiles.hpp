// Streams of which parts decode alone: the tiles of the pixel coder and of the wavelet coder.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "coding/mixing/pixel_tiles.hpp"
#include "format/container.hpp"

namespace vaerans {

struct StreamTiles {
  std::vector<TileArea> areas;  ///< row by row; none where the stream has none, or a single one
  /// How many pixels beyond a part its pixels depend on: 0 of tiles that are pictures of their own.
  std::uint64_t halo = 0;
};
/// The tiles of a picture as these steps code them.
[[nodiscard]] StreamTiles stream_tiles(const Spec& source, std::span<const StoredStep> steps);

/// Where the tiles' bytes lie: `head` bytes (the stream's steps and the sizes) come before those of the first tile.
struct TileBytes {
  std::uint64_t head = 0;
  std::vector<std::uint64_t> sizes;
};
/// Reads the sizes. `in` stands behind the steps. Throws Error(corrupt_stream).
[[nodiscard]] TileBytes read_tile_sizes(ByteReader& in, std::size_t tiles);

/// Checksums of the head and of each tile: the content of the chunk `tiles`. Empty for a stream without several tiles.
[[nodiscard]] ByteBuffer tile_index(const Spec& source, const StoredStream& stream);

/// The file, with that chunk where its base has several tiles.
[[nodiscard]] std::vector<std::uint8_t> write_tiled(StoredFile file);

struct TileIndex {
  std::uint64_t head = 0;  ///< bytes
  std::uint32_t head_checksum = 0;
  std::vector<std::uint32_t> checksums;
};
/// Throws Error(corrupt_stream).
[[nodiscard]] TileIndex read_tile_index(std::span<const std::byte> content);

}  // namespace vaerans
