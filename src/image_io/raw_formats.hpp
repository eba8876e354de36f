// Formats that are a header and the bytes of the pixels: PPM, PAM, NPY.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vaerans::image_io {

/// The header for a suffix such as ".ppm"; empty where that is no such format.
[[nodiscard]] std::string raw_header(std::string_view suffix, std::uint64_t rows, std::uint64_t columns);

}  // namespace vaerans::image_io
