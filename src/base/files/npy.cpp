#include "vaerans/base/npy.hpp"

namespace vaerans {

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string out = "(";
  for (const std::uint64_t n : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(n);
  return out + (shape.size() == 1 ? ",)" : ")");
}

std::string npy_header(std::string_view descr, std::span<const std::uint64_t> shape) {
  constexpr std::size_t front = 10, line = 64;
  std::string text =
      "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
  text.append(line - 1 - (front + text.size()) % line, ' ').push_back('\n');
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(text.size() & 0xFFU);
  out += static_cast<char>(text.size() >> 8U);
  return out + text;
}

}  // namespace vaerans
