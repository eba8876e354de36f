// Targa files (Truevision, version 2.0 of 1991).
#pragma once

#include <span>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// The format has no signature: whether the header could be one of it.
[[nodiscard]] bool may_be_tga(std::span<const std::uint8_t> file);

/// Palettes become colours, all depths 8 bits; rows and columns come in their order. `tolerant`: what is missing is
/// black. Error(image_unreadable), Error(image_unsupported), Error(limit_exceeded).
[[nodiscard]] Samples read_tga(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant);

}  // namespace vaerans::image_io
