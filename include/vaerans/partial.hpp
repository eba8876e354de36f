// A part of a picture, and what is left of a damaged file: only the bytes that are needed are read and decoded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vaerans/api.hpp"
#include "vaerans/base/region.hpp"

namespace vaerans {

/// Bytes that are read in pieces: memory, a file, a server.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  [[nodiscard]] virtual std::uint64_t size() = 0;
  /// Fills `out` from `offset` on; offset + out.size() is at most size(). Throws Error(io).
  virtual void read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

/// The caller keeps the bytes.
[[nodiscard]] std::unique_ptr<ByteSource> memory_source(std::span<const std::uint8_t> bytes);
/// A regular file. Throws Error(io).
[[nodiscard]] std::unique_ptr<ByteSource> file_source(const std::string& path);

struct PartOptions {
  std::optional<Region> region = {};  ///< within the picture; nothing: all of it
  /// Take what is there of a file that is damaged or cut short: of pictures in tiles the tiles that are whole (the
  /// others are black, or grey where the wavelet coder made them), of pictures with a residual the base. Otherwise the
  /// first damage that is met is an error.
  bool allow_partial = false;
};

struct PicturePart {
  Image image;                        ///< the region's pixels
  std::vector<Region> missing;        ///< what is black or grey, in pixels of the whole picture
  std::vector<std::string> problems;  ///< what is wrong with the file, as far as it was read
  std::uint64_t bytes_read = 0;
};

/// Decodes a part of a picture: the tiles that it needs, in files of the pixel coder and of the wavelet coder that have
/// several; the same pixels as those of the whole. Of other files the whole is decoded and cut. What has no
/// checksums of tiles, alpha and the base of stripped files, is read once more, block by block, to be held against its
/// chunk's. A preview and named chunks are not looked at, and a digest only where all of the picture is wanted. Throws
/// Error(bad_parameter) for a region that is not within the picture, and what decompress() throws.
[[nodiscard]] PicturePart decompress_part(ByteSource& source, const PartOptions& options, const Context& context = {});

}  // namespace vaerans
