// From the bytes of a picture file to rows of 8-bit RGB: what both ways of reading (in a child process, or here) share.
#pragma once

#include <cstdint>
#include <span>

#include "vaerans/image_io.hpp"

namespace vaerans::image_io {

enum class MetadataKind : std::uint8_t { icc, exif, xmp };
/// Where a kind stands.
[[nodiscard]] Bytes& metadata_of(PictureMetadata& metadata, MetadataKind kind);

/// Takes a picture from top to bottom: its size, then rows of `width` × 3 bytes, one or more at a time. Another size
/// begins anew.
class PixelSink {
 public:
  PixelSink() = default;
  PixelSink(const PixelSink&) = delete;
  PixelSink& operator=(const PixelSink&) = delete;
  virtual ~PixelSink() = default;
  virtual void size(std::uint64_t height, std::uint64_t width) = 0;
  virtual void rows(std::span<const std::uint8_t> bytes) = 0;
  /// More bytes of the metadata, before the size; only where ReadImageOptions::metadata asks for it.
  virtual void metadata(MetadataKind kind, std::span<const std::uint8_t> bytes) = 0;
};

/// Decodes one picture. Errors as those of read_image, without the picture's name. Not for several threads at a time:
/// libvips keeps one text of errors for the whole process.
void decode_picture(std::span<const std::uint8_t> file, const ReadImageOptions& options, PixelSink& sink);

}  // namespace vaerans::image_io
