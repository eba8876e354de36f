// DIB, the device-independent bitmap of Windows and OS/2: what BMP files and icons hold behind their own headers.
#pragma once

#include <array>
#include <cstdint>

#include "image_io/formats/byte_view.hpp"
#include "image_io/readers/palette.hpp"
#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// The bits of one channel within a pixel.
struct DibMask {
  std::uint32_t bits = 0;
  [[nodiscard]] std::uint8_t sample(std::uint32_t pixel) const;
};

/// Rows are filled up to a multiple of four bytes.
[[nodiscard]] constexpr std::uint64_t dib_row_bytes(std::uint64_t width, unsigned bits) {
  return (width * bits + 31) / 32 * 4;
}

struct Dib {
  std::uint64_t width = 0, height = 0;
  unsigned bits = 0;  ///< in a pixel
  enum class Coding : std::uint8_t { raw, rle8, rle4 } coding = Coding::raw;
  bool top_down = false;
  std::array<DibMask, 4> masks{};  ///< red, green, blue, alpha; for pixels of 16 bits and more
  Palette palette;                 ///< for pixels of up to 8 bits
  std::uint64_t pixels_at = 0;     ///< behind header, masks and palette
  std::vector<std::uint8_t> icc;   ///< a profile that is embedded

  [[nodiscard]] std::uint64_t row_bytes() const { return dib_row_bytes(width, bits); }
  /// Without the padding.
  [[nodiscard]] std::uint64_t used_row_bytes() const { return (width * bits + 7) / 8; }
  /// Where a row of the file stands in the picture.
  [[nodiscard]] std::uint64_t from_top(std::uint64_t row) const { return top_down ? row : height - 1 - row; }
  [[nodiscard]] bool has_alpha() const { return masks[3].bits != 0; }
  [[nodiscard]] unsigned colour_channels() const { return has_alpha() ? 4 : 3; }
};

/// `bytes`: little-endian, from the header on. In icons the height is that of picture and mask together, and pixels of
/// 32 bits have alpha. Error(image_unreadable), Error(image_unsupported), Error(limit_exceeded).
[[nodiscard]] Dib read_dib_header(const ByteView& bytes, bool in_icon, const Limits& limits);

/// `raster`: from the first pixel on. `tolerant`: what is missing is black.
[[nodiscard]] Samples read_dib_pixels(const Dib& dib, const ByteView& raster, bool tolerant);

}  // namespace vaerans::image_io
