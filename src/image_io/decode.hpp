// From the bytes of a picture file to rows of pixels: what both ways of reading (in a child process, or here) share.
#pragma once

#include <cstdint>
#include <span>

#include "vaerans/image_io.hpp"

namespace vaerans::image_io {

enum class MetadataKind : std::uint8_t { icc, exif, xmp };
/// Where a kind stands.
[[nodiscard]] Bytes& metadata_of(PictureMetadata& metadata, MetadataKind kind);

/// What kind of picture it is: 1 to 4 channels (grey or RGB, and alpha) of 8 bits, or of 16 in the machine's order.
struct PictureShape {
  std::uint64_t height = 0, width = 0;
  std::uint32_t channels = 3, deep = 0;
  [[nodiscard]] std::uint64_t row_bytes() const noexcept { return width * channels * (deep != 0 ? 2 : 1); }
};

/// Takes a picture from top to bottom: its shape, then rows of row_bytes(), one or more at a time. Another shape begins
/// anew.
class PixelSink {
 public:
  PixelSink() = default;
  PixelSink(const PixelSink&) = delete;
  PixelSink& operator=(const PixelSink&) = delete;
  virtual ~PixelSink() = default;
  virtual void size(const PictureShape& shape) = 0;
  virtual void rows(std::span<const std::uint8_t> bytes) = 0;
  /// More bytes of the metadata, before the size; only where ReadImageOptions::metadata asks for it.
  virtual void metadata(MetadataKind kind, std::span<const std::uint8_t> bytes) = 0;
};

/// Decodes one picture. Errors as those of read_image, without the picture's name. Not for several threads at a time:
/// libvips keeps one text of errors for the whole process.
void decode_picture(std::span<const std::uint8_t> file, const ReadImageOptions& options, PixelSink& sink);

}  // namespace vaerans::image_io
