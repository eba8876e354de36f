// A picture in a file whose parts decode alone: a tiled stream of colours, and one of alpha where there is some.
#pragma once

#include <optional>

#include "api/parts/tiled_stream.hpp"
#include "api/row_digest.hpp"

namespace vaerans {

class TiledPicture {
 public:
  /// Nothing where the file is none, so that only the whole of it decodes. `tolerant`: damage of what stands beside the
  /// tiles is noted and not thrown; pictures with alpha are then nothing. All that the pixels depend on and no index
  /// covers is held against the chunks' checksums: it is read once, a block at a time.
  [[nodiscard]] static std::optional<TiledPicture> open(Reader& file, bool tolerant, const Limits& limits);

  [[nodiscard]] std::uint64_t height() const noexcept { return colors_.source().shape[0]; }
  [[nodiscard]] std::uint64_t width() const noexcept { return colors_.source().shape[1]; }
  [[nodiscard]] std::uint32_t channels() const noexcept {
    return static_cast<std::uint32_t>(colors_.source().shape[2]) + (alpha_ ? 1 : 0);
  }
  [[nodiscard]] DType dtype() const noexcept { return colors_.source().dtype; }
  [[nodiscard]] const PictureMetadata& metadata() const noexcept { return metadata_; }
  /// Where strips end that are best decoded one after another, from the top.
  [[nodiscard]] std::vector<std::uint64_t> strip_ends(const Limits& limits) const;

  /// For who reads all rows from the first to the last; nothing where there is no digest, or pixels may differ from
  /// machine to machine.
  [[nodiscard]] std::optional<RowDigest> row_digest() const;

  /// The whole is held against the digest, where there is one.
  [[nodiscard]] PicturePart decode(Reader& file, const Region& region, bool tolerant, const Context& context) const;

 private:
  explicit TiledPicture(TiledStream&& colors) : colors_(std::move(colors)) {}

  void look(Reader& file, Outline& outline, bool tolerant, const Limits& limits, std::vector<std::string>& problems);
  void hold_against_digest(Image& whole) const;

  TiledStream colors_;
  std::optional<TiledStream> alpha_;
  std::optional<Digest> digest_;
  PictureMetadata metadata_;
  std::vector<std::string> problems_;
};

}  // namespace vaerans
