#include "image_io/formats/orientation.hpp"

namespace vaerans::image_io {
namespace {

/// `file`: in the byte order that its first letters name. 0 where there is none.
std::uint64_t value_in(const ByteView& file) {
  constexpr unsigned tag = 0x112, short_number = 3;
  const std::uint64_t directory = file.u32(4);
  for (unsigned i = 0; i < file.u16(directory); ++i) {
    const std::uint64_t entry = directory + 2 + std::uint64_t{12} * i;
    if (file.u16(entry) != tag || file.u16(entry + 2) != short_number) continue;
    const unsigned value = file.u16(entry + 8);
    return value >= 1 && value <= 8 ? entry + 8 : 0;
  }
  return 0;
}

ByteView in_own_order(const ByteView& exif) { return ByteView(exif.bytes(), exif.u8(0) == 'M'); }

}  // namespace

std::uint64_t exif_orientation_at(const ByteView& exif) {
  if (!exif.has(0, "MM") && !exif.has(0, "II")) return 0;
  try {
    return value_in(in_own_order(exif));
  } catch (const Error&) {
    return 0;  // it ends too early
  }
}

int exif_orientation(const ByteView& exif) {
  const std::uint64_t at = exif_orientation_at(exif);
  return at == 0 ? 0 : static_cast<int>(in_own_order(exif).u16(at));
}

std::size_t xmp_orientation_at(std::string_view xmp) {
  for (const std::string_view tag : {"tiff:Orientation=\"", "tiff:Orientation='", "tiff:Orientation>"}) {
    const std::size_t at = xmp.find(tag);
    if (at == std::string_view::npos || at + tag.size() >= xmp.size()) continue;
    const char digit = xmp[at + tag.size()];
    if (digit >= '1' && digit <= '8') return at + tag.size();
  }
  return 0;
}

int xmp_orientation(std::string_view xmp) {
  const std::size_t at = xmp_orientation_at(xmp);
  return at == 0 ? 0 : xmp[at] - '0';
}

}  // namespace vaerans::image_io
