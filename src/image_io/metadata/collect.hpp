// What a picture file says besides its pixels, as libvips hands it on.
#pragma once

#include <cstdint>
#include <span>
#include <vips/vips8>

#include "vaerans/file.hpp"

namespace vaerans::image_io {

/// Whether the picture's ICC profile fits its pixels as they are: one for RGB, on three channels of 8 bits.
[[nodiscard]] bool has_rgb_profile(const vips::VImage& picture);

/// ICC (only one that has_rgb_profile()), EXIF and XMP. Their orientation is 1, as the pixels will be upright.
[[nodiscard]] PictureMetadata collect_metadata(const vips::VImage& picture);

/// EXIF as a block of its own, from the fields about the picture in a directory of a TIFF file, where libvips leaves
/// them; empty where there are none, or where they are damaged.
[[nodiscard]] Bytes exif_in_tiff(std::span<const std::uint8_t> file, std::uint64_t directory);

/// Writes 1 over the orientation, where there is one.
void reset_exif_orientation(Bytes& exif);
void reset_xmp_orientation(Bytes& xmp);

}  // namespace vaerans::image_io
