// Formats that are a header and the samples: PGM, PPM, PAM, NPY.
#pragma once

#include <string>
#include <string_view>

#include "vaerans/core/world.hpp"

namespace vaerans::image_io {

/// Whether a suffix such as ".ppm" is one of these.
[[nodiscard]] bool is_raw(std::string_view suffix);

/// The header for such a suffix. Throws Error(image_unsupported) for alpha in a PPM.
[[nodiscard]] std::string raw_header(std::string_view suffix, const ImageView& image);

/// Whether samples of 16 bits stand with their most significant byte first.
[[nodiscard]] bool is_big_endian(std::string_view suffix);

}  // namespace vaerans::image_io
