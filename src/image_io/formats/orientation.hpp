// Which way up a picture is: 1 to 8 as EXIF counts, 0 where nothing is said.
#pragma once

#include <string_view>

#include "image_io/formats/byte_view.hpp"

namespace vaerans::image_io {

/// In a block of EXIF, from its byte order on. What is broken says nothing.
[[nodiscard]] int exif_orientation(const ByteView& exif);
/// Where it stands there, as two bytes; 0 where nothing is said.
[[nodiscard]] std::uint64_t exif_orientation_at(const ByteView& exif);

/// In XMP: found by its text, as Pillow does.
[[nodiscard]] int xmp_orientation(std::string_view xmp);
/// Where its digit stands; 0 where nothing is said.
[[nodiscard]] std::size_t xmp_orientation_at(std::string_view xmp);

}  // namespace vaerans::image_io
