// Exact rows by two coders at once: that of photos, and that of graphics as long as the rows may be of one. A stream
// has one kind of tiles, and which of the two is the smaller stream shows as the rows come.
#pragma once

#include <optional>
#include <vector>

#include "api/parts/spooled_tiles.hpp"
#include "coding/mixing/tiles/graphic.hpp"

namespace vaerans {

class LosslessRows {
 public:
  /// `kind`: of the rows. `plan`: of photos. `header`: as SpooledTiles takes it. `graphics`: whether there is memory
  /// for them.
  LosslessRows(const PictureKind& kind, const TilePlan& plan, const ByteBuffer& header, bool graphics);

  /// About the bytes that graphics take: rows that wait, and tiles at work on so many threads.
  [[nodiscard]] static std::uint64_t graphic_bytes(const PictureKind& kind, unsigned threads);

  /// The next row of the plan's tiles.
  template <typename Sample>
  void add(std::span<const Sample> pixels, unsigned threads);

  /// The stream that is the file's, once all rows are there.
  [[nodiscard]] const SpooledTiles& chosen() const;

 private:
  void add_graphic(std::span<const std::uint8_t> pixels, unsigned threads);
  void code_waiting(unsigned threads);
  /// Leaves out the one that cannot win.
  void decide();
  [[nodiscard]] bool is_no_graphic() const;

  PictureKind kind_;
  bool quick_, exact_;
  std::optional<SpooledTiles> photo_, graphic_;
  GraphicCounts counts_;
  std::vector<std::uint64_t> ends_;  ///< rows where those of the graphic's tiles end
  std::vector<std::uint8_t> waiting_, planes_;
  std::uint64_t rows_ = 0, graphic_rows_ = 0;
  std::size_t next_end_ = 0;
};

}  // namespace vaerans
