// PNG: animations, and colours by cICP (PNG specification, third edition).
#include "image_io/formats/headers.hpp"

namespace vaerans::image_io {

void inspect_png(const ByteView& file, Facts& facts) {
  std::uint64_t at = 8;
  bool profile = false;
  while (file.holds(at, 8)) {
    const std::uint64_t length = file.u32(at), content = at + 8;
    if (file.has(at + 4, "IDAT")) return;
    if (file.has(at + 4, "iCCP")) profile = true;
    if (file.has(at + 4, "acTL")) facts.pictures = file.u32(content);
    // The newer chunk goes before a profile, but says nothing new where a profile follows for older readers.
    if (file.has(at + 4, "cICP") && !profile) require_srgb_like(file.u8(content), file.u8(content + 1));
    at = content + length + 4;
  }
}

}  // namespace vaerans::image_io
