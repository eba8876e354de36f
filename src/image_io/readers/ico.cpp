#include "image_io/readers/ico.hpp"

#include <algorithm>
#include <utility>

#include "image_io/readers/dib.hpp"

namespace vaerans::image_io {
namespace {

[[noreturn]] void damaged(const std::string& what) { damaged_picture("ICO: " + what); }

/// Width times height; 0 stands for 256.
std::uint64_t area_of(const ByteView& entry) {
  const auto side = [](unsigned value) { return value == 0 ? 256U : value; };
  return std::uint64_t{side(entry.u8(0))} * side(entry.u8(1));
}

/// The mask is a picture of one bit behind the other; what it covers is clear.
void apply_mask(const Dib& dib, const ByteView& raster, bool tolerant, Samples& samples) {
  const std::uint64_t row_bytes = dib_row_bytes(dib.width, 1), at = dib.row_bytes() * dib.height;
  for (std::uint64_t y = 0; y < dib.height; ++y) {
    const std::uint64_t row = at + y * row_bytes;
    if (!raster.holds(row, (dib.width + 7) / 8)) {
      if (tolerant) return;
      damaged("its mask is not all there");
    }
    const std::uint64_t to = dib.from_top(y) * dib.width;
    for (std::uint64_t x = 0; x < dib.width; ++x)
      if ((raster.u8(row + x / 8) >> (7 - x % 8) & 1) != 0) samples.data[4 * (to + x) + 3] = 0;
  }
}

/// With a fourth channel, opaque where there was none.
Samples with_alpha(const Samples& from) {
  Samples out;
  out.height = from.height;
  out.width = from.width;
  out.channels = 4;
  out.data.resize(from.height * from.width * 4, 255);
  const bool grey = from.channels == 1;
  for (std::size_t i = 0; i < from.height * from.width; ++i)
    for (unsigned c = 0; c < (grey ? 3 : from.channels); ++c)
      out.data[4 * i + c] = from.data[from.channels * i + (grey ? 0 : c)];
  return out;
}

bool is_clear(const Samples& samples) {
  for (std::size_t at = 3; at < samples.data.size(); at += 4)
    if (samples.data[at] != 0) return false;
  return true;
}

}  // namespace

std::span<const std::uint8_t> largest_icon(std::span<const std::uint8_t> file) {
  const ByteView bytes(file, false);
  const unsigned count = bytes.u16(4), cursor = 2;
  if (count == 0) damaged("there is no picture in it");
  std::pair<std::uint64_t, unsigned> best{};
  std::uint64_t length = 0, at = 0;
  for (unsigned i = 0; i < count; ++i) {
    const ByteView entry = bytes.part(6 + std::uint64_t{16} * i, 16);
    // Where icons say how many bits a pixel has, cursors say where they point.
    const std::pair<std::uint64_t, unsigned> size{area_of(entry), bytes.u16(2) == cursor ? 0U : entry.u16(6)};
    if (i > 0 && size <= best) continue;
    best = size;
    length = entry.u32(8);
    at = entry.u32(12);
  }
  // A file that is cut short still has its picture begun.
  if (at >= bytes.size()) damaged("its picture begins behind its end");
  return bytes.part(at, std::min(length, bytes.size() - at)).bytes();
}

Samples read_icon_bitmap(std::span<const std::uint8_t> picture, const Limits& limits, bool tolerant) {
  const ByteView bytes(picture, false);
  const Dib dib = read_dib_header(bytes, true, limits);
  if (dib.coding != Dib::Coding::raw) refuse_picture("an icon of run-length coded pixels");
  const ByteView raster = bytes.from(dib.pixels_at);
  Samples samples = with_alpha(read_dib_pixels(dib, raster, tolerant));
  // Old programs left the fourth byte empty.
  if (dib.has_alpha() && !is_clear(samples)) return samples;
  make_opaque(samples);
  apply_mask(dib, raster, tolerant, samples);
  return samples;
}

}  // namespace vaerans::image_io
