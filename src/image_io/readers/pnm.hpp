// The formats of Netpbm: PBM, PGM, PPM, plain and raw, and PAM.
#pragma once

#include <span>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// Samples of any maximum are scaled to all of 8 or 16 bits. `tolerant`: what is missing is black, what is too large is
/// white. Error(image_unreadable), Error(image_unsupported), Error(limit_exceeded).
[[nodiscard]] Samples read_pnm(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant);

/// What a raw PGM, PPM or PAM (P5, P6, P7) begins with.
struct RawHead {
  std::uint64_t height = 0, width = 0, maximum = 0;
  unsigned channels = 1;
  std::size_t raster = 0;  ///< where the pixels begin
};
/// `front`: as much of the file as holds the header. Error(image_unsupported) for anything else.
[[nodiscard]] RawHead read_raw_head(std::span<const std::uint8_t> front, const Limits& limits);

}  // namespace vaerans::image_io
