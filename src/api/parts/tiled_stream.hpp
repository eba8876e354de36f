// A stream in a file of which only the tiles that are wanted are read and decoded. A tile of the pixel coder is a whole
// picture to its decoder: each becomes a small file of its own, these are decoded as a batch, and their pixels put
// where they belong. Those of the wavelet coder are tiles of its coefficients, and a pixel needs those around it: all
// that a region and its halo need becomes one small file, a window of the picture.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/parts/outline.hpp"
#include "api/parts/tiles.hpp"

namespace vaerans {

class TiledStream {
 public:
  // Its steps point into its head, which a move takes along.
  TiledStream(TiledStream&&) = default;
  TiledStream& operator=(TiledStream&&) = default;
  TiledStream(const TiledStream&) = delete;
  TiledStream& operator=(const TiledStream&) = delete;
  ~TiledStream() = default;

  /// Nothing where the chunk holds no stream of several tiles, or its head is not there. `source`: of this stream.
  /// `name` begins the texts about its tiles. `head`: how many bytes come before the first tile, or 0 where that is not
  /// known; more are read as it takes.
  [[nodiscard]] static std::optional<TiledStream> open(Reader& file, const Place& chunk, const Spec& source,
                                                       const std::string& name, std::uint64_t head,
                                                       const Limits& limits);

  [[nodiscard]] const std::vector<TileArea>& areas() const noexcept { return areas_; }
  [[nodiscard]] const Spec& source() const noexcept { return source_; }

  /// From now on tiles are held against these checksums. Throws Error(corrupt_stream) where they are not of this head.
  void take_index(TileIndex index, std::span<const std::uint8_t> header);

  [[nodiscard]] bool has_index() const noexcept { return index_.has_value(); }
  /// Throws Error(corrupt_stream) where the tiles' sizes do not add up to the payload.
  void require_sizes() const;
  /// Whether every machine decodes it to the same pixels.
  [[nodiscard]] bool decodes_alike() const;

  /// How many pixels more than a region must be decoded to each side: 0 of the pixel coder.
  [[nodiscard]] std::uint64_t halo() const noexcept { return halo_; }

  /// Decodes what `out.image`, a picture of `region`, has in common with each tile. `tolerant`: tiles that are damaged
  /// or missing stay as they are, and are noted; otherwise they throw.
  void decode(Reader& file, const Region& region, bool tolerant, const Context& given, PicturePart& out) const;

 private:
  TiledStream() = default;

  /// A tile that is wanted.
  struct Wanted {
    std::size_t tile = 0;
    Bytes bytes = {};
    std::string problem = {};
  };

  [[nodiscard]] std::vector<Wanted> read(Reader& file, const Region& region, bool tolerant) const;
  [[nodiscard]] Wanted read_tile(Reader& file, std::size_t i, std::uint64_t at) const;
  /// A file of these tiles, which are those of a window of the picture, row by row.
  [[nodiscard]] Bytes file_of(std::span<const Wanted> tiles, const Region& window) const;
  void decode_each(std::span<Wanted> wanted, const Region& region, bool tolerant, const Context& context,
                   PicturePart& out) const;
  void decode_some(std::span<Wanted> wanted, const Region& region, bool tolerant, const Context& context,
                   PicturePart& out) const;
  void decode_window(std::vector<Wanted>& wanted, const Region& region, bool tolerant, const Context& context,
                     PicturePart& out) const;
  /// Throws what keeps one of them from being decoded alone, with its name; returns where they all are.
  void raise_of_a_tile(std::span<const Wanted> wanted, const Context& context) const;
  [[nodiscard]] std::optional<Error> failure_of(const Wanted& wanted, const Context& context) const;
  /// Puts tiles without a coefficient in the place of those that do not decode.
  void mend(std::vector<Wanted>& wanted, const Context& context) const;
  [[nodiscard]] Bytes blank_tile(const Region& area, const Context& context) const;
  void note(const Wanted& wanted, const Region& region, PicturePart& out) const;
  [[nodiscard]] std::string name_of(const Wanted& wanted) const;

  Place chunk_{0, 0, 0};
  Spec source_;
  std::string name_;
  Bytes head_;  ///< the chunk's content up to the first tile
  std::vector<StoredStep> steps_;
  std::vector<TileArea> areas_;
  std::uint64_t halo_ = 0;
  TileBytes where_;
  std::optional<TileIndex> index_;
  Bytes header_;
};

}  // namespace vaerans
