// The formats of Netpbm: PBM, PGM, PPM, plain and raw, and PAM.
#pragma once

#include <span>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// Samples of any maximum are scaled to all of 8 or 16 bits. `tolerant`: what is missing is black, what is too large is
/// white. Error(image_unreadable), Error(image_unsupported), Error(limit_exceeded).
[[nodiscard]] Samples read_pnm(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant);

}  // namespace vaerans::image_io
