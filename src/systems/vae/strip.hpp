// Strip: one row of blended tiles of a picture in float, which become pixels when nothing more is to be added to them.
#pragma once

#include <cstdint>
#include <span>

#include "systems/vae/common.hpp"

namespace vaerans::vae {

class Strip {
 public:
  /// Memory comes from the world's scratch. `picture`: (H, W, 3), covered by the tiling at `info`'s factor.
  Strip(const Group& group, const Tiling& tiling, const ModelInfo& info, const Shape& picture);

  /// Adds window `tile`, given as planes (3, rows, columns). Windows come in the order of their numbers, from 0 on;
  /// whole rows of pixels are written to `pixels` when a row of tiles is complete.
  void add(std::size_t tile, std::span<const float> planes, std::span<std::uint8_t> pixels);

 private:
  void write_rows(std::size_t row, std::span<std::uint8_t> pixels);
  void move_up(std::uint64_t rows);

  const Tiling& tiling_;
  const ModelInfo& info_;
  Shape picture_;
  std::uint64_t height_, width_;  ///< the strip's size in pixels
  std::span<float> planes_;       ///< (3, height, width)
};

}  // namespace vaerans::vae
