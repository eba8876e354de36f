// Metadata put into a finished picture file, byte by byte: libvips would write EXIF anew, with other bytes.
#pragma once

#include "vaerans/file.hpp"

namespace vaerans::image_io {

/// What of one kind a JPEG segment can take.
inline constexpr std::size_t max_jpeg_exif = 65533 - 6, max_jpeg_xmp = 65533 - 29,
                             max_jpeg_icc = std::size_t{255} * (65533 - 14);

/// The file, which has no metadata of its own, with these. What does not fit (see dropped_metadata) stays out.
[[nodiscard]] Bytes embed_in_jpeg(const Bytes& file, const PictureMetadata& metadata);
/// EXIF only: its fields about the picture, with what they lead to.
[[nodiscard]] Bytes embed_in_tiff(const Bytes& file, const PictureMetadata& metadata);
/// Whether EXIF is whole, so that it can be written anew.
[[nodiscard]] bool tiff_holds_exif(const Bytes& exif);
[[nodiscard]] Bytes embed_in_png(const Bytes& file, const PictureMetadata& metadata);
[[nodiscard]] Bytes embed_in_webp(const Bytes& file, const PictureMetadata& metadata, std::uint64_t width,
                                  std::uint64_t height);

}  // namespace vaerans::image_io
