#include "image_io/raw_formats.hpp"

#include <array>

#include "vaerans/base/npy.hpp"

namespace vaerans::image_io {

std::string raw_header(std::string_view suffix, std::uint64_t rows, std::uint64_t columns) {
  const std::string height = std::to_string(rows), width = std::to_string(columns);
  if (suffix == ".ppm" || suffix == ".pnm") return "P6\n" + width + " " + height + "\n255\n";
  if (suffix == ".pam")
    return "P7\nWIDTH " + width + "\nHEIGHT " + height + "\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n";
  const std::array<std::uint64_t, 3> shape{rows, columns, 3};
  return suffix == ".npy" ? npy_header("|u1", shape) : "";
}

}  // namespace vaerans::image_io
