// Icons and cursors of Windows: the largest picture of a file.
#pragma once

#include <span>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// The bytes of its largest picture, of those of one size the one of most colours. They are a PNG file, or what
/// read_icon_bitmap reads. Error(image_unreadable).
[[nodiscard]] std::span<const std::uint8_t> largest_icon(std::span<const std::uint8_t> file);

/// Four channels: a DIB and its mask, or its own alpha. Errors as those of read_bmp.
[[nodiscard]] Samples read_icon_bitmap(std::span<const std::uint8_t> picture, const Limits& limits, bool tolerant);

}  // namespace vaerans::image_io
