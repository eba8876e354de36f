#include "image_io/readers/tga.hpp"

#include <algorithm>
#include <array>

#include "image_io/formats/byte_view.hpp"

namespace vaerans::image_io {
namespace {

enum Kind : std::uint8_t { palette = 1, color = 2, grey = 3 };  // plus 8 where it is run-length coded

[[noreturn]] void damaged(const std::string& what) { damaged_picture("TGA: " + what); }

struct Header {
  std::uint64_t width = 0, height = 0;
  unsigned kind = 0, bits = 0, alpha_bits = 0;
  bool runs = false, upwards = false, leftwards = false;
  unsigned first_color = 0, colors = 0, color_bits = 0;
  std::uint64_t colors_at = 0, pixels_at = 0;

  [[nodiscard]] unsigned pixel_bytes() const { return (bits + 7) / 8; }
  /// What a pixel has or, with a palette, each of its colours.
  [[nodiscard]] unsigned sample_bits() const { return kind == palette ? color_bits : bits; }
  [[nodiscard]] unsigned channels() const {
    if (kind == grey) return bits == 16 ? 2 : 1;
    return sample_bits() == 32 ? 4 : 3;
  }
};

Header header_of(const ByteView& file) {
  Header h;
  h.kind = file.u8(2) & 7U;
  h.runs = (file.u8(2) & 8U) != 0;
  h.first_color = file.u16(3);
  h.colors = file.u8(1) == 0 ? 0 : file.u16(5);
  h.color_bits = file.u8(7);
  h.width = file.u16(12);
  h.height = file.u16(14);
  h.bits = file.u8(16);
  h.alpha_bits = file.u8(17) & 15U;
  h.leftwards = (file.u8(17) & 0x10U) != 0;
  h.upwards = (file.u8(17) & 0x20U) == 0;
  h.colors_at = 18 + std::uint64_t{file.u8(0)};
  h.pixels_at = h.colors_at + std::uint64_t{h.colors} * ((h.color_bits + 7) / 8);
  return h;
}

bool is_color_depth(unsigned bits) { return bits == 15 || bits == 16 || bits == 24 || bits == 32; }

bool is_known(const Header& h) {
  switch (h.kind) {
    case palette: return h.bits == 8 && h.colors > 0 && is_color_depth(h.color_bits);
    case color: return is_color_depth(h.bits);
    case grey: return h.bits == 8 || h.bits == 16;
    default: return false;
  }
}

/// Five bits of each colour; a bit of alpha may stand above, in which programs see opposite things.
void put_15_bits(unsigned pixel, std::uint8_t* out) {
  for (unsigned c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(rescaled(pixel >> (10 - 5 * c) & 31U, 31, 255));
}

void put_color(const std::uint8_t* from, unsigned bits, std::uint8_t* out) {
  if (bits <= 16) return put_15_bits(from[0] | unsigned{from[1]} << 8, out);
  for (unsigned c = 0; c < 3; ++c) out[c] = from[2 - c];
  if (bits == 32) out[3] = from[3];
}

/// Pixels in the order of the file, as bytes of the file.
class Pixels {
 public:
  Pixels(const ByteView& raster, const Header& header)
      : raster_(raster), runs_(header.runs), each_(header.pixel_bytes()) {}
  /// nullptr where they end.
  const std::uint8_t* next() {
    if (!runs_) return take();
    if (left_ == 0 && !begin_packet()) return nullptr;
    --left_;
    return repeats_ ? repeated_ : take();
  }

 private:
  const std::uint8_t* take() {
    if (!raster_.holds(at_, each_)) return nullptr;
    const std::uint8_t* found = raster_.bytes().data() + at_;
    at_ += each_;
    return found;
  }
  bool begin_packet() {
    if (!raster_.holds(at_, 1)) return false;
    const unsigned head = raster_.u8(at_++);
    left_ = (head & 0x7FU) + 1;
    repeats_ = (head & 0x80U) != 0;
    if (repeats_) repeated_ = take();
    return !repeats_ || repeated_ != nullptr;
  }
  ByteView raster_;
  bool runs_, repeats_ = false;
  unsigned each_, left_ = 0;
  std::uint64_t at_ = 0;
  const std::uint8_t* repeated_ = nullptr;
};

/// Writes one pixel of the file as samples.
class Painter {
 public:
  Painter(const ByteView& file, const Header& header, bool tolerant)
      : file_(file), header_(header), tolerant_(tolerant) {}

  void put(const std::uint8_t* pixel, std::uint8_t* out) const {
    if (header_.kind == grey)
      std::copy_n(pixel, header_.channels(), out);
    else
      put_color(header_.kind == palette ? color_of(*pixel) : pixel, header_.sample_bits(), out);
  }

 private:
  [[nodiscard]] const std::uint8_t* color_of(unsigned number) const {
    static constexpr std::array<std::uint8_t, 4> black{};
    const unsigned each = (header_.color_bits + 7) / 8;
    if (number >= header_.first_color && number - header_.first_color < header_.colors)
      return file_.part(header_.colors_at + std::uint64_t{number - header_.first_color} * each, each).bytes().data();
    if (!tolerant_) damaged("a pixel of colour " + std::to_string(number) + ", which its palette does not have");
    return black.data();
  }
  const ByteView& file_;
  const Header& header_;
  bool tolerant_;
};

/// Before memory is taken: a packet stands for up to 128 pixels.
void require_bytes(const Header& h, std::uint64_t there) {
  const std::uint64_t pixels = h.width * h.height;
  const std::uint64_t needed = h.runs ? (pixels + 127) / 128 * (1 + h.pixel_bytes()) : pixels * h.pixel_bytes();
  if (there < needed) damaged(std::to_string(there) + " of at least " + std::to_string(needed) + " bytes are there");
}

Samples read_pixels(const ByteView& file, const Header& h, bool tolerant) {
  Samples samples;
  samples.height = h.height;
  samples.width = h.width;
  samples.channels = h.channels();
  samples.data.resize(h.height * h.width * samples.channels);
  Pixels pixels(file.from(h.pixels_at), h);
  const Painter painter(file, h, tolerant);
  for (std::uint64_t i = 0; i < h.height * h.width; ++i) {
    const std::uint8_t* pixel = pixels.next();
    if (pixel == nullptr && !tolerant) damaged("its pixels end early");
    if (pixel == nullptr) break;
    const std::uint64_t row = i / h.width, column = i % h.width;
    const std::uint64_t y = h.upwards ? h.height - 1 - row : row, x = h.leftwards ? h.width - 1 - column : column;
    painter.put(pixel, &samples.data[(y * h.width + x) * samples.channels]);
  }
  return samples;
}

/// Version 2 has a footer, whose extension area says what the alpha is.
bool says_no_alpha(const ByteView& file) {
  constexpr std::uint64_t footer_bytes = 26, kind_of_alpha = 494;
  if (file.size() < footer_bytes || !file.has(file.size() - 18, "TRUEVISION-XFILE.")) return false;
  const std::uint64_t extension = file.u32(file.size() - footer_bytes);
  return extension != 0 && file.holds(extension, kind_of_alpha + 1) && file.u8(extension + kind_of_alpha) == 0;
}

/// Whether a fourth byte is alpha: not where the file says so, nor where neither the header tells of it nor does it
/// differ anywhere.
bool is_alpha(const ByteView& file, const Header& h, const Samples& samples) {
  if (says_no_alpha(file)) return false;
  if (h.alpha_bits != 0) return true;
  const unsigned each = samples.channels;
  for (std::size_t at = each - 1; at < samples.data.size(); at += each)
    if (samples.data[at] != samples.data[each - 1]) return true;
  return false;
}

void settle_alpha(const ByteView& file, const Header& h, Samples& samples) {
  if (samples.channels % 2 != 0 || is_alpha(file, h, samples)) return;
  make_opaque(samples);
}

}  // namespace

bool may_be_tga(std::span<const std::uint8_t> file) {
  const ByteView view(file, false);
  if (view.size() < 18 || view.u8(1) > 1 || (view.u8(2) & ~15U) != 0) return false;
  const Header h = header_of(view);
  return h.width > 0 && h.height > 0 && (view.u8(17) & 0xC0U) == 0 && is_known(h);
}

Samples read_tga(std::span<const std::uint8_t> file, const Limits& limits, bool tolerant) {
  const ByteView view(file, false);
  const Header h = header_of(view);
  require_limits(h.height, h.width, limits);
  if (h.sample_bits() == 16 && h.kind != grey && h.alpha_bits != 0)
    refuse_picture("a TGA picture of 16 bits with a bit of alpha, in which programs see opposite things");
  if (h.pixels_at > view.size()) damaged("its palette is not all there");
  if (!tolerant) require_bytes(h, view.size() - h.pixels_at);
  Samples samples = read_pixels(view, h, tolerant);
  settle_alpha(view, h, samples);
  return samples;
}

}  // namespace vaerans::image_io
