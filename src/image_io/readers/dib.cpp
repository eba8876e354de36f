// The header of a DIB, and pixels that are not run-length coded (Microsoft, "Bitmap Storage"; OS/2's header).
#include "image_io/readers/dib.hpp"

#include <bit>
#include <cmath>

#include "image_io/readers/dib_rle.hpp"

namespace vaerans::image_io {
namespace {

enum Compression : std::uint32_t { rgb = 0, rle8 = 1, rle4 = 2, bitfields = 3, jpeg = 4, png = 5, alpha_bitfields = 6 };

constexpr std::uint32_t core_header = 12, info_header = 40, os2_header = 64, v4_header = 108, v5_header = 124;

[[noreturn]] void damaged(const std::string& what) { damaged_picture("BMP: " + what); }

bool is_known_size(std::uint32_t header) {
  return header == core_header || header == info_header || header == 52 || header == 56 || header == os2_header ||
         header == v4_header || header == v5_header;
}

std::int64_t signed32(std::uint32_t value) { return std::bit_cast<std::int32_t>(value); }

void read_extents(const ByteView& bytes, std::uint32_t header, bool in_icon, Dib& dib) {
  const bool core = header == core_header;
  const std::int64_t width = core ? bytes.u16(4) : signed32(bytes.u32(4));
  const std::int64_t height = core ? bytes.u16(6) : signed32(bytes.u32(8));
  if (width <= 0 || height == 0) damaged("a picture without pixels");
  dib.width = static_cast<std::uint64_t>(width);
  dib.top_down = height < 0;
  dib.height = static_cast<std::uint64_t>(height < 0 ? -height : height) / (in_icon ? 2 : 1);
  if (dib.height == 0) damaged("a picture without pixels");
  dib.bits = bytes.u16(core ? 10 : 14);
  const unsigned b = dib.bits;
  if (b != 1 && b != 2 && b != 4 && b != 8 && b != 16 && b != 24 && b != 32)
    refuse_picture("a BMP picture of " + std::to_string(b) + " bits per pixel; 1, 2, 4, 8, 16, 24 and 32 are read");
}

/// Where the masks stand that tell channels apart: in the larger headers, else behind the header.
void read_masks(const ByteView& bytes, std::uint32_t header, std::uint32_t compression, Dib& dib) {
  const unsigned count = header >= 56 || compression == alpha_bitfields ? 4 : 3;
  for (unsigned i = 0; i < count; ++i) dib.masks[i].bits = bytes.u32(info_header + std::uint64_t{4} * i);
  if (header == info_header) dib.pixels_at += std::uint64_t{4} * count;
  for (unsigned i = 0; i < 3; ++i)
    if (dib.masks[i].bits == 0) refuse_picture("a BMP picture without a mask for each colour");
}

void set_usual_masks(bool in_icon, Dib& dib) {
  if (dib.bits == 16)
    dib.masks = {{{0x7C00}, {0x3E0}, {0x1F}, {0}}};
  else
    dib.masks = {{{0xFF0000}, {0xFF00}, {0xFF}, {in_icon && dib.bits == 32 ? 0xFF000000U : 0U}}};
}

/// Its place is told from the header on. Profiles of cameras and screens have some kB, the largest of printers 4 MB.
void read_profile(const ByteView& bytes, Dib& dib) {
  constexpr std::uint64_t most = std::uint64_t{64} << 20;
  const std::uint64_t size = bytes.u32(116);
  if (size > most) damaged("a profile of " + std::to_string(size) + " bytes");
  const auto icc = bytes.part(bytes.u32(112), size).bytes();
  dib.icc.assign(icc.begin(), icc.end());
}

/// A picture of another gamma than 2.2 is not sRGB, nor is one whose profile is somewhere else.
void read_colour_space(const ByteView& bytes, std::uint32_t header, Dib& dib) {
  if (header < v4_header) return;
  constexpr std::uint32_t calibrated = 0, linked = 0x4C494E4B, embedded = 0x4D424544;
  const std::uint32_t space = bytes.u32(56);
  if (space == linked) refuse_picture("a BMP picture whose ICC profile is in another file, which is not read");
  if (space == embedded && header == v5_header) return read_profile(bytes, dib);
  const double gamma = bytes.u32(96) / 65536.0;
  if (space == calibrated && gamma != 0 && std::abs(gamma - 2.2) > 0.1)
    refuse_picture("a BMP picture of another gamma than sRGB's");
}

void read_coding(const ByteView& bytes, std::uint32_t header, bool in_icon, Dib& dib) {
  const std::uint32_t compression = header == core_header ? std::uint32_t{rgb} : bytes.u32(16);
  const bool deep = dib.bits >= 16, own_masks = compression == bitfields || compression == alpha_bitfields;
  if (compression == rle8 && dib.bits == 8)
    dib.coding = Dib::Coding::rle8;
  else if (compression == rle4 && dib.bits == 4)
    dib.coding = Dib::Coding::rle4;
  else if (compression == rgb && deep)
    set_usual_masks(in_icon, dib);
  else if (own_masks && deep && header != os2_header)
    read_masks(bytes, header, compression, dib);
  else if (compression == jpeg || compression == png)
    refuse_picture("a BMP picture that holds a JPEG or PNG file");
  else if (compression != rgb)
    refuse_picture("a BMP picture of compression " + std::to_string(compression) + " at " + std::to_string(dib.bits) +
                   " bits per pixel");
}

void read_palette(const ByteView& bytes, std::uint32_t header, Dib& dib) {
  const std::uint64_t said = header == core_header ? 0 : bytes.u32(32);
  if (dib.bits > 8) {
    dib.pixels_at += 4 * (said <= 256 ? said : 0);  // colours for screens that cannot show all
    return;
  }
  const std::uint64_t most = 1U << dib.bits, count = said == 0 ? most : said, each = header == core_header ? 3 : 4;
  if (count > 256) damaged(std::to_string(count) + " colours in its palette");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = dib.pixels_at + each * i;
    dib.palette.add({bytes.u8(at + 2), bytes.u8(at + 1), bytes.u8(at)});
  }
  dib.pixels_at += each * count;
}

/// The number of a pixel, from the first byte of its row.
std::uint32_t pixel_at(const std::uint8_t* row, std::uint64_t x, unsigned bits) {
  if (bits < 8) {
    const std::uint64_t at = x * bits;
    return row[at / 8] >> (8 - bits - at % 8) & ((1U << bits) - 1);
  }
  std::uint32_t value = 0;
  for (unsigned i = 0; i < bits / 8; ++i) value |= std::uint32_t{row[x * bits / 8 + i]} << (8 * i);
  return value;
}

void put_pixel(const Dib& dib, std::uint32_t pixel, const Samples& samples, std::uint8_t* out, bool tolerant) {
  if (dib.bits <= 8) return dib.palette.put(pixel, out, samples.channels, tolerant);
  for (unsigned c = 0; c < samples.channels; ++c) out[c] = dib.masks[c].sample(pixel);
}

Samples empty_picture(const Dib& dib) {
  Samples samples;
  samples.width = dib.width;
  samples.height = dib.height;
  samples.channels = dib.bits <= 8 ? dib.palette.channels() : dib.colour_channels();
  samples.data.resize(dib.width * dib.height * samples.channels);
  samples.icc = dib.icc;
  return samples;
}

void read_rows(const Dib& dib, const ByteView& raster, bool tolerant, Samples& samples) {
  const std::uint64_t row_bytes = dib.row_bytes(), used = dib.used_row_bytes();
  for (std::uint64_t y = 0; y < dib.height; ++y) {
    if (!raster.holds(y * row_bytes, used)) return;
    const std::uint8_t* row = raster.bytes().data() + y * row_bytes;
    const std::uint64_t to = dib.from_top(y) * dib.width;
    for (std::uint64_t x = 0; x < dib.width; ++x)
      put_pixel(dib, pixel_at(row, x, dib.bits), samples, &samples.data[(to + x) * samples.channels], tolerant);
  }
}

/// Before memory is taken for it. Writers may leave out the last row's padding.
void require_rows(const Dib& dib, const ByteView& raster) {
  const std::uint64_t needed = dib.row_bytes() * (dib.height - 1) + dib.used_row_bytes();
  if (raster.size() < needed)
    damaged(std::to_string(raster.size()) + " of " + std::to_string(needed) + " bytes of pixels are there");
}

}  // namespace

std::uint8_t DibMask::sample(std::uint32_t pixel) const {
  if (bits == 0) return 255;
  const int shift = std::countr_zero(bits);
  const std::uint64_t value = (pixel & bits) >> shift, most = bits >> shift;
  return static_cast<std::uint8_t>(rescaled(value, most, 255));
}

Dib read_dib_header(const ByteView& bytes, bool in_icon, const Limits& limits) {
  const std::uint32_t header = bytes.u32(0);
  if (!is_known_size(header)) damaged("a header of " + std::to_string(header) + " bytes");
  (void)bytes.part(0, header);
  Dib dib;
  dib.pixels_at = header;
  read_extents(bytes, header, in_icon, dib);
  require_limits(dib.height, dib.width, limits);
  read_coding(bytes, header, in_icon, dib);
  read_colour_space(bytes, header, dib);
  read_palette(bytes, header, dib);
  return dib;
}

Samples read_dib_pixels(const Dib& dib, const ByteView& raster, bool tolerant) {
  const bool raw = dib.coding == Dib::Coding::raw;
  if (raw && !tolerant) require_rows(dib, raster);
  Samples samples = empty_picture(dib);
  if (raw)
    read_rows(dib, raster, tolerant, samples);
  else
    read_dib_runs(dib, raster, tolerant, samples);
  return samples;
}

}  // namespace vaerans::image_io
