// BMP files, of Windows and OS/2.
#pragma once

#include <span>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// Palettes become colours, all depths 8 bits. `tolerant`: what is missing is black.
/// Error(image_unreadable), Error(image_unsupported), Error(limit_exceeded).
[[nodiscard]] Samples read_bmp(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant);

}  // namespace vaerans::image_io
