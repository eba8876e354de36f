// How the wavelet bands of a picture are cut into tiles, each of which is coded alone.
//
// The transform is that of the whole picture, so tiles leave no seams: only their coefficients are told apart. A side
// of n pixels is cut at whole multiples of the tiles' side t into max(1, ⌊(n + t/2 − 1) / t⌋) parts; the last takes the
// rest. A band of level k is cut at the same places divided by 2^k, which are whole: t is at least 2^(levels + 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "coding/mixing/pixel_tiles.hpp"
#include "kernels/bands/band_coder.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// Sides of tiles, as powers of two; 0: the picture is one tile.
struct BandTileSide {
  static constexpr unsigned least_log = 8, most_log = 12;
  [[nodiscard]] static constexpr bool allows(unsigned log) noexcept { return log >= least_log && log <= most_log; }
};

/// The part of a band that a tile has.
struct BandPart {
  Subband own;                      ///< the tile's, whose bands lie one after another
  const Subband* whole = nullptr;   ///< the picture's
  std::uint32_t top = 0, left = 0;  ///< where `own` lies in `whole`
  std::uint32_t above = 0;          ///< rows of the picture's band before `whole`, where that is some rows of it alone

  [[nodiscard]] std::size_t row_in_whole(std::uint32_t y) const noexcept {
    return whole->offset + std::uint64_t{top + y} * whole->w + left;
  }
  [[nodiscard]] std::size_t row_in_own(std::uint32_t y) const noexcept { return own.offset + std::uint64_t{y} * own.w; }
};

using BandParts = std::vector<BandPart>;
[[nodiscard]] std::size_t coefficients_of(const BandParts& parts);
/// For parts of bands that are those of a picture's planes (band_layout_of).
[[nodiscard]] kernels::BandLayout layout_of(const BandParts& parts);

/// Calls work(place of its first coefficient in the picture, in the tile, how many) for each row of each part.
template <typename Work>
void for_each_part_row(const BandParts& parts, Work work) {
  for (const BandPart& part : parts) {
    for (std::uint32_t y = 0; y < part.own.h; ++y)
      work(part.row_in_whole(y), part.row_in_own(y), std::size_t{part.own.w});
  }
}

/// The tiles of a picture, row by row.
[[nodiscard]] std::vector<TileArea> band_tile_areas(std::uint64_t height, std::uint64_t width, unsigned side_log);

class BandTiles {
 public:
  /// `subbands`: those of a picture's planes (band_layout_of), which must outlive this. Throws Error(contract) where
  /// `side_log` is no more than the levels.
  BandTiles(std::span<const Subband> subbands, unsigned side_log);

  [[nodiscard]] std::size_t size() const noexcept { return areas_.size(); }
  [[nodiscard]] const std::vector<TileArea>& areas() const noexcept { return areas_; }
  /// The parts of a tile, in the order of the subbands.
  [[nodiscard]] BandParts parts(std::size_t tile) const;

 private:
  std::span<const Subband> subbands_;
  std::uint64_t height_ = 0, width_ = 0;
  std::vector<TileArea> areas_;
};

}  // namespace vaerans
