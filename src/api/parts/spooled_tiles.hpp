// The tiles of one stream, made strip by strip: they wait in a spool while their sizes and checksums are listed.
#pragma once

#include "base/files/spool.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "format/stream_io.hpp"
#include "vaerans/rows.hpp"

namespace vaerans {

class SpooledTiles {
 public:
  enum class Kind : std::uint8_t { photo, deep_photo, graphic };
  /// `header`: the file's, with which checksums of parts begin.
  SpooledTiles(const TilePlan& plan, Kind kind, const ByteBuffer& header) : plan_(plan), kind_(kind), header_(header) {}

  /// Codes a row of tiles of `channels` (1 or 3) samples a pixel, which are on no grid yet.
  template <typename Sample>
  void add(std::span<const Sample> pixels, std::size_t channels, std::uint64_t width, unsigned threads);

  /// The stream's steps and the tiles' sizes: what comes before the tiles.
  [[nodiscard]] ByteBuffer head() const;
  [[nodiscard]] const Spool& tiles() const noexcept { return spool_; }
  /// How many bytes all of it takes so far.
  [[nodiscard]] std::uint64_t bytes() const { return head().size() + spool_.size(); }
  /// The content of the chunk `tiles`; nothing for a single tile.
  [[nodiscard]] ByteBuffer index() const;

 private:
  void keep(const ByteBuffer& tile);
  [[nodiscard]] ByteBuffer side_info() const;

  TilePlan plan_;
  Kind kind_;
  const ByteBuffer& header_;
  Spool spool_;
  std::vector<std::uint64_t> sizes_;
  std::vector<std::uint32_t> checksums_;
};

}  // namespace vaerans
