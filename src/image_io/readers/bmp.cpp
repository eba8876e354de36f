#include "image_io/readers/bmp.hpp"

#include "image_io/readers/dib.hpp"

namespace vaerans::image_io {

Samples read_bmp(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant) {
  constexpr std::uint64_t file_header = 14;
  const ByteView bytes(file, false);
  const Dib dib = read_dib_header(bytes.from(file_header), false, limits);
  const std::uint64_t said = bytes.u32(10), at = said == 0 ? file_header + dib.pixels_at : said;
  if (at < file_header || at > bytes.size()) damaged_picture("BMP: its pixels begin behind its end");
  return read_dib_pixels(dib, bytes.from(at), tolerant);
}

}  // namespace vaerans::image_io
