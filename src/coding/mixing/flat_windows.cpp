#include "coding/mixing/flat_windows.hpp"

#include <algorithm>
#include <cstddef>

namespace vaerans {
namespace {

constexpr int kBlock = 16;                         // windows begin and end at blocks
constexpr int kLeastBlocks = 3, kLeastInAll = 16;  // a side's, a window's: smaller ones are not worth a start
constexpr int kMostBlocks = kernels::kMostTileSide / kBlock;
// Each window is a start of the pixel coder, which takes as long as hundreds of pixels: crafted ones of a pixel each
// would take hours. Those of find_windows() have 49 x 49 pixels at least, where the tile's borders cut their blocks.
constexpr std::uint64_t kAlwaysAllowed = 16, kPixelsEach = 256;

// Blocks of a tile in which most pixels equal none of the neighbours that come before them.
class BusyBlocks {
 public:
  BusyBlocks(kernels::PaddedPlane& pixels, const FlatExtents& tile)
      : columns_((tile.width + kBlock - 1) / kBlock), rows_((tile.height + kBlock - 1) / kBlock) {
    std::vector<int> odd(count());
    for (int y = 1; y < tile.height; ++y) {
      const std::int32_t *row = pixels.row(y), *above = pixels.row(y - 1);
      for (int x = 1; x < tile.width; ++x) {
        const int east = std::min(x + 1, tile.width - 1);
        const std::int32_t v = row[x];
        if (v != row[x - 1] && v != above[x] && v != above[x - 1] && v != above[east])
          ++odd[at(y / kBlock, x / kBlock)];
      }
    }
    busy_.resize(count());
    for (std::size_t i = 0; i < busy_.size(); ++i) busy_[i] = odd[i] > kBlock * kBlock / 2;
    fill_holes();
  }

  [[nodiscard]] int rows() const noexcept { return rows_; }
  [[nodiscard]] int columns() const noexcept { return columns_; }
  // All of a rectangle's blocks; false where it leaves the tile.
  [[nodiscard]] bool all(int row, int column, int height, int width) const {
    if (row + height > rows_ || column + width > columns_) return false;
    for (int r = row; r < row + height; ++r) {
      for (int c = column; c < column + width; ++c) {
        if (!busy_[at(r, c)]) return false;
      }
    }
    return true;
  }
  void take(int row, int column, int height, int width) {
    for (int r = row; r < row + height; ++r) {
      for (int c = column; c < column + width; ++c) busy_[at(r, c)] = false;
    }
  }

 private:
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_);
  }
  [[nodiscard]] std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column);
  }
  // A block between busy ones is one, too: a piece of sky.
  void fill_holes() {
    const std::vector<bool> before = busy_;
    for (int r = 1; r + 1 < rows_; ++r) {
      for (int c = 1; c + 1 < columns_; ++c) {
        int around = 0;
        for (int i = 0; i < 9; ++i) around += before[at(r - 1 + i / 3, c - 1 + i % 3)] ? 1 : 0;
        if (around >= 5) busy_[at(r, c)] = true;
      }
    }
  }

  int columns_, rows_;
  std::vector<bool> busy_;
};

TileArea area_of(int row, int column, int height, int width, const FlatExtents& tile) {
  const int top = row * kBlock, left = column * kBlock;
  return {static_cast<std::uint64_t>(top), static_cast<std::uint64_t>(left),
          std::min(height * kBlock, tile.height - top), std::min(width * kBlock, tile.width - left)};
}

}  // namespace

FlatWindows find_windows(kernels::PaddedPlane& pixels, const FlatExtents& tile) {
  BusyBlocks blocks(pixels, tile);
  FlatWindows out;
  for (int r = 0; r < blocks.rows(); ++r) {
    for (int c = 0; c < blocks.columns(); ++c) {
      int width = 0, height = 0;
      while (width < kMostBlocks && blocks.all(r, c, 1, width + 1)) ++width;
      if (width < kLeastBlocks) continue;
      while (height < kMostBlocks && blocks.all(r + height, c, 1, width)) ++height;
      if (height < kLeastBlocks || width * height < kLeastInAll) continue;
      out.push_back(area_of(r, c, height, width, tile));
      blocks.take(r, c, height, width);
    }
  }
  return out;
}

bool cover(const FlatWindows& windows, const FlatExtents& tile, std::vector<std::uint8_t>& covered) {
  covered.assign(windows.empty() ? 0 : tile.pixels(), 0);
  for (const TileArea& w : windows) {
    for (int y = 0; y < w.height; ++y) {
      const auto row = std::span(covered).subspan(
          (w.top + static_cast<std::size_t>(y)) * static_cast<std::size_t>(tile.width) + w.left,
          static_cast<std::size_t>(w.width));
      if (std::ranges::find(row, std::uint8_t{1}) != row.end()) return false;
      std::ranges::fill(row, std::uint8_t{1});
    }
  }
  return true;
}

void write_windows(const FlatWindows& windows, ByteWriter& out) {
  out.varint(windows.size());
  for (const TileArea& w : windows) {
    out.varint(w.left);
    out.varint(w.top);
    out.varint(static_cast<std::uint64_t>(w.width));
    out.varint(static_cast<std::uint64_t>(w.height));
  }
}

FlatWindows read_windows(ByteReader& in, const FlatExtents& tile) {
  const std::uint64_t count = in.varint();
  if (count > std::max<std::uint64_t>(kAlwaysAllowed, tile.pixels() / kPixelsEach) || count > in.left())
    in.corrupt("more windows than there is room for");
  const auto most_width = static_cast<std::uint64_t>(tile.width), most_height = static_cast<std::uint64_t>(tile.height);
  const auto side = [&](std::uint64_t from, std::uint64_t most) {
    const std::uint64_t length = in.varint();
    if (from >= most || length == 0 || length > most - from || length > kernels::kMostTileSide)
      in.corrupt("a window that is not in the tile, or too large");
    return static_cast<int>(length);
  };
  FlatWindows out;
  std::size_t pixels = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    TileArea w;
    w.left = in.varint();
    w.top = in.varint();
    w.width = side(w.left, most_width);
    w.height = side(w.top, most_height);
    pixels += w.pixels();
    if (pixels > tile.pixels()) in.corrupt("windows with more pixels than the tile");
    out.push_back(w);
  }
  return out;
}

}  // namespace vaerans
