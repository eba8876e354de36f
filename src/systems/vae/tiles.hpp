// Tiles: overlapping windows of one size that cover a plane of latent samples. A network works on one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "onnx/graph/receptive_field.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/core/tensor.hpp"
#include "vaerans/models.hpp"

namespace vaerans::vae {

/// A window in one direction, and the part of it that is kept; in latent samples, from the plane's start.
struct Tile {
  std::uint64_t begin = 0, core_begin = 0, core_end = 0;
  std::uint64_t overlap_before = 0, overlap_after = 0;  ///< with the neighbours
};

/// The tiles in one direction: equally long, evenly spread, the first at the start and the last at the end. Their cores
/// lie side by side; a core's distance from the window's ends is at least half of the overlap, but for the plane's own.
struct Axis {
  std::uint64_t length = 0;  ///< length of each window
  std::vector<Tile> tiles;

  /// As few windows as cover `length` samples when each is at most `most` long and overlaps the next by at least
  /// `overlap` (even, below `most`), and then as short as they may be.
  static Axis cut(std::uint64_t length, std::uint64_t most, std::uint64_t overlap);
};

/// What a file says of tiles whose overlaps are blended: the arguments of Axis::cut for both directions.
struct Grid {
  std::uint64_t tile = 0, overlap = 0;
  bool operator==(const Grid&) const = default;
  /// Whether tiles of this kind can be blended: no place lies in more than two of them in one direction.
  [[nodiscard]] bool sane(const Limits& limits) const noexcept;
  [[nodiscard]] std::string str() const;  ///< "tile 64, overlap 16"
};
inline constexpr std::uint64_t least_tile = 16;  ///< latent samples of a Grid's tile

struct Tiling {
  Axis rows, columns;
  bool blended = false;  ///< the overlaps are mixed; else only the cores are kept, and the whole overlap is their halo

  [[nodiscard]] std::size_t count() const noexcept { return rows.tiles.size() * columns.tiles.size(); }
  [[nodiscard]] const Tile& row(std::size_t i) const noexcept { return rows.tiles[i / columns.tiles.size()]; }
  [[nodiscard]] const Tile& column(std::size_t i) const noexcept { return columns.tiles[i % columns.tiles.size()]; }
};

/// One half of a model, seen from the latent: what its tiles need, and what a run of it takes.
struct Footprint {
  bool local = false;      ///< tiles with a halo give what the whole picture gives
  std::uint64_t halo = 0;  ///< latent samples on each side
  double planes_each = 0;  ///< bytes of its input and output, for each latent sample
  double bytes_each = 0;   ///< bytes of a whole run, likewise: with the activations that are alive at one time
  bool fixed = false;      ///< the graph takes pictures of one size only: no tiles

  static Footprint of(const onnx::ReceptiveField& receptive_field, bool encoder, const ModelInfo& info, bool fixed);
};

/// What is to be cut, and how.
struct CutRequest {
  Shape latent;              ///< (C, h, w)
  std::uint64_t factor = 8;  ///< the model's: pixels per latent sample
  std::int64_t tile = -1;    ///< as the systems' parameter: pixels; 0: whole; -1: where a run would take over `bytes`
  double bytes = 0;
};

/// Cuts for a network. Local ones get cores and halos. Others are blended: by the grid that the latent's file gives, or
/// by blending_grid. Throws Error(bad_parameter) for tiles too small for the model.
[[nodiscard]] Tiling plan_tiles(const CutRequest& request, const Footprint& footprint,
                                const std::optional<Grid>& recorded);

/// The grid by which the tiles of a network that is not local are blended; nothing where it runs on the whole.
[[nodiscard]] std::optional<Grid> blending_grid(const CutRequest& request, const Footprint& footprint);

/// A window's shares in the result, in samples `scale` times as fine as the tiles': 1 but for linear ramps over the
/// overlaps with its neighbours. On every place the shares of all windows add up to 1.
struct Shares {
  std::vector<float> rows, columns;

  static Shares of(const Tiling& tiling, std::size_t tile, std::uint64_t scale);
  /// Adds the window's values, weighted, to rows `pitch` values apart.
  void add(std::span<const float> window, float* target, std::size_t pitch) const;
};

}  // namespace vaerans::vae
