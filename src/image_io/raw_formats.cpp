#include "image_io/raw_formats.hpp"

namespace vaerans::image_io {
namespace {

/// NumPy's own format, version 1.0: magic, length, a Python literal, filled up to a multiple of 64 bytes.
std::string npy_header(const std::string& height, const std::string& width) {
  std::string text = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + height + ", " + width + ", 3), }";
  constexpr std::size_t before = 10, line = 64;
  text.append(line - 1 - (before + text.size()) % line, ' ').push_back('\n');
  std::string magic("\x93NUMPY\x01\x00", 8);
  magic += static_cast<char>(text.size() & 0xFFU);
  magic += static_cast<char>(text.size() >> 8U);
  return magic + text;
}

}  // namespace

std::string raw_header(std::string_view suffix, std::uint64_t rows, std::uint64_t columns) {
  const std::string height = std::to_string(rows), width = std::to_string(columns);
  if (suffix == ".ppm" || suffix == ".pnm") return "P6\n" + width + " " + height + "\n255\n";
  if (suffix == ".pam")
    return "P7\nWIDTH " + width + "\nHEIGHT " + height + "\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n";
  return suffix == ".npy" ? npy_header(height, width) : "";
}

}  // namespace vaerans::image_io
