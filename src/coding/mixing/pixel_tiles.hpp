// How the planes of a picture are cut into tiles, and one tile as bytes.
//
// A side of n samples is cut into max(1, ⌊(n + t/2 − 1) / t⌋) parts for tiles of t, as equal as can be: none is longer
// than 3 t / 2. Tiles share nothing, so each can be decoded alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "base/parallel.hpp"
#include "kernels/predict/tile_coder.hpp"
#include "vaerans/base/limits.hpp"

namespace vaerans {

/// Planes of a picture, h × w samples each, one after another: G, R, B, or one of grey.
template <typename Sample>
struct PixelPlanes {
  std::span<Sample> samples;
  std::uint64_t height = 0, width = 0;
  [[nodiscard]] std::size_t planes() const noexcept { return samples.size() / (height * width); }
};

/// Which models an encoder uses for the tiles of a picture of 8 bits; deeper ones have the balanced one alone.
enum class ModelChoice : std::uint8_t {
  fast,  ///< the fast one (tiles/fast_tiles.hpp) for exact samples, the balanced one for moved ones
  balanced,
  dense,     ///< dense, or balanced where that is smaller: tried where dense might not pay
  smallest,  ///< both are tried for every tile
};

/// How a picture is cut and how exact its samples are: the same for all tiles.
struct TilePlan {
  static constexpr unsigned least_log = 6, most_log = 9, usual_log = 9;
  /// What encoders take. A picture of 64 megapixels or more is cut smaller, since parts of it are what is wanted: they
  /// are there in a quarter of the time, for 1 to 3 % more bytes.
  [[nodiscard]] static constexpr unsigned side_log_for(std::uint64_t height, std::uint64_t width) noexcept {
    constexpr std::uint64_t large = std::uint64_t{1} << 26;
    return height * width < large ? usual_log : usual_log - 1;
  }
  unsigned side_log = usual_log;  ///< tiles of about 2^side_log samples on a side
  int max_error = 0;
  int bits = 8;                                ///< that a sample has; above 8 samples are std::uint16_t
  ModelChoice choice = ModelChoice::balanced;  ///< for encoders
  bool names_models = false;                   ///< tiles may be dense
  /// Whether all tiles are of the fast model, which codes exact samples of 8 bits alone.
  [[nodiscard]] constexpr bool fast() const noexcept {
    return choice == ModelChoice::fast && max_error == 0 && bits == 8;
  }
};

/// A rectangle of a picture.
struct TileArea {
  std::uint64_t top = 0, left = 0;
  int height = 0, width = 0;
  [[nodiscard]] std::size_t pixels() const noexcept {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
};

/// All tiles, row by row.
[[nodiscard]] std::vector<TileArea> tiles_of(std::uint64_t height, std::uint64_t width, const TilePlan& plan);

/// For samples of std::uint8_t and std::uint16_t.
///
/// encode_tile writes a tile: by the grids of plan.max_error if all its samples are on those, else exactly. Returns the
/// model that it took.
template <typename Sample>
kernels::PixelModel encode_tile(PixelPlanes<const Sample> picture, const TileArea& area, const TilePlan& plan,
                                kernels::TileBuffers& buffers, ByteBuffer& out);

/// Whether a tile that encode_tile wrote is dense.
[[nodiscard]] bool is_dense_tile(std::span<const std::byte> bytes);

/// Reads what encode_tile wrote. Throws Error(corrupt_stream), which says what is wrong.
template <typename Sample>
void decode_tile(std::span<const std::byte> bytes, PixelPlanes<Sample> picture, const TileArea& area,
                 const TilePlan& plan, kernels::TileBuffers& buffers);

/// Moves the samples of a tile to the grids of their predictions, by at most plan.max_error; not at all where the tile
/// takes no more bytes as it is.
template <typename Sample>
void quantize_tile(PixelPlanes<Sample> picture, const TileArea& area, const TilePlan& plan,
                   kernels::TileBuffers& buffers);

/// The same of all tiles of a picture.
template <typename Sample>
void quantize_tiles(PixelPlanes<Sample> picture, const TilePlan& plan, unsigned threads);

/// All tiles of a picture as bytes, in order: those of encode_tile, or of encode_fast_tile where the plan is fast().
template <typename Sample>
[[nodiscard]] std::vector<ByteBuffer> encode_tiles(PixelPlanes<const Sample> picture, const TilePlan& plan,
                                                   unsigned threads);

/// About the bytes that one thread takes to encode a tile, beside the picture and what it makes of the tile.
[[nodiscard]] std::size_t encoder_bytes(const TileArea& area, std::size_t planes, const TilePlan& plan);

/// Calls body(tile, buffers) for all tiles on the pool, with buffers of its own for each thread.
template <typename Buffers>
void for_each_tile_with(unsigned threads, std::span<const TileArea> tiles,
                        const std::function<void(std::size_t, Buffers&)>& body) {
  std::vector<std::unique_ptr<Buffers>> buffers_of_slot(slot_count(threads, tiles.size()));
  parallel_for(threads, tiles.size(), [&](std::size_t i, std::size_t slot) {
    if (buffers_of_slot[slot] == nullptr) buffers_of_slot[slot] = std::make_unique<Buffers>();
    body(i, *buffers_of_slot[slot]);
  });
}
inline void for_each_tile(unsigned threads, std::span<const TileArea> tiles,
                          const std::function<void(std::size_t, kernels::TileBuffers&)>& body) {
  for_each_tile_with<kernels::TileBuffers>(threads, tiles, body);
}

}  // namespace vaerans
