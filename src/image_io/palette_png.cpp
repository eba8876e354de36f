// PNGs in a palette, read as far as their palette and written (PNG specification, third edition). libvips makes a
// palette of its own choice, so it cannot write a given one.
#include <algorithm>
#include <fstream>
#include <unordered_map>

#include "base/packing/deflate.hpp"
#include "image_io/formats/byte_view.hpp"
#include "image_io/metadata/embed.hpp"
#include "image_io/metadata/png_chunks.hpp"
#include "vaerans/palette_png.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";
constexpr std::uint8_t kInPalette = 3;  // PNG's colour type

std::vector<Palette::Color> colors_in(const image_io::ByteView& chunk) {
  std::vector<Palette::Color> out(std::min<std::size_t>(chunk.size() / 3, 256));
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = {chunk.u8(3 * i), chunk.u8(3 * i + 1), chunk.u8(3 * i + 2), 255};
  return out;
}

void take_alpha(const image_io::ByteView& chunk, Palette& palette) {
  palette.with_alpha = static_cast<std::uint32_t>(std::min<std::size_t>(chunk.size(), palette.colors.size()));
  for (std::size_t i = 0; i < palette.with_alpha; ++i) palette.colors[i][3] = chunk.u8(i);
}

/// Nothing but chunks before the pixels is looked at.
std::optional<Palette> palette_in(const image_io::ByteView& file) {
  if (!file.has(0, kSignature) || !file.has(12, "IHDR") || file.u8(25) != kInPalette) return std::nullopt;
  Palette out{.colors = {}, .with_alpha = 0, .bits = file.u8(24)};
  for (std::uint64_t at = kSignature.size(); !file.has(at + 4, "IDAT"); at += 12 + std::uint64_t{file.u32(at)}) {
    const image_io::ByteView chunk = file.part(at + 8, file.u32(at));
    if (file.has(at + 4, "PLTE")) out.colors = colors_in(chunk);
    if (file.has(at + 4, "tRNS")) take_alpha(chunk, out);
  }
  return out.sound() ? std::optional(std::move(out)) : std::nullopt;
}

/// Finds a pixel's number; of equal colours the first.
class Numbers {
 public:
  explicit Numbers(const Palette& palette) {
    for (std::size_t i = 0; i < palette.colors.size(); ++i)
      numbers_.emplace(key(palette.colors[i]), static_cast<std::uint8_t>(i));
  }
  [[nodiscard]] std::optional<std::uint8_t> of(const Palette::Color& color) {
    if (known_ && color == last_) return number_;
    const auto found = numbers_.find(key(color));
    if (found == numbers_.end()) return std::nullopt;
    known_ = true;
    last_ = color;
    return number_ = found->second;
  }

 private:
  static std::uint32_t key(const Palette::Color& c) {
    return std::uint32_t{c[0]} << 24 | std::uint32_t{c[1]} << 16 | std::uint32_t{c[2]} << 8 | c[3];
  }
  std::unordered_map<std::uint32_t, std::uint8_t> numbers_;
  bool known_ = false;
  Palette::Color last_{};
  std::uint8_t number_ = 0;
};

Palette::Color color_at(const std::uint8_t* pixel, std::uint32_t channels) {
  const bool grey = channels < 3, alpha = channels == 2 || channels == 4;
  return {pixel[0], pixel[grey ? 0 : 1], pixel[grey ? 0 : 2], alpha ? pixel[channels - 1] : std::uint8_t{255}};
}

/// Calls take(x, number) for each pixel, row by row; false where one is of no colour of the palette.
template <typename Take>
bool each_number(const ImageView& image, const Palette& palette, Take take) {
  if (image.dtype != DType::u8) return false;
  Numbers numbers(palette);
  for (std::uint64_t y = 0; y < image.height; ++y) {
    const std::uint8_t* pixel = image.data + y * image.stride();
    for (std::uint64_t x = 0; x < image.width; ++x, pixel += image.channels) {
      const auto number = numbers.of(color_at(pixel, image.channels));
      if (!number) return false;
      take(x, *number);
    }
  }
  return true;
}

/// Rows of numbers, each behind the byte of its filter, which is none.
std::optional<Bytes> packed_rows(const ImageView& image, const Palette& palette) {
  const std::uint64_t row_bytes = (image.width * palette.bits + 7) / 8;
  const unsigned in_byte = 8 / palette.bits;
  Bytes out;
  out.reserve(image.height * (row_bytes + 1));
  const auto take = [&](std::uint64_t x, std::uint8_t number) {
    if (x == 0) out.push_back(0);
    if (x % in_byte == 0) out.push_back(0);
    const auto place = 8 - palette.bits * (static_cast<unsigned>(x % in_byte) + 1);
    out.back() = static_cast<std::uint8_t>(out.back() | number << place);
  };
  if (!each_number(image, palette, take)) return std::nullopt;
  return out;
}

Bytes header_of(const ImageView& image, const Palette& palette) {
  Bytes out;
  image_io::put_png_number(out, static_cast<std::uint32_t>(image.width));
  image_io::put_png_number(out, static_cast<std::uint32_t>(image.height));
  out.insert(out.end(), {static_cast<std::uint8_t>(palette.bits), kInPalette, 0, 0, 0});
  return out;
}

}  // namespace

std::optional<Palette> palette_of_png(std::span<const std::uint8_t> front) {
  try {
    return palette_in(image_io::ByteView(front));
  } catch (const Error&) {
    return std::nullopt;  // it ends too early
  }
}

std::optional<Palette> read_palette(const std::string& path) {
  constexpr std::size_t most = std::size_t{4} << 20;  // a profile may stand before the palette
  std::ifstream file(path, std::ios::binary);
  Bytes front(kSignature.size());
  const auto read = [&](std::size_t from) {
    file.read(reinterpret_cast<char*>(front.data() + from), static_cast<std::streamsize>(front.size() - from));
    front.resize(from + static_cast<std::size_t>(file.gcount()));
  };
  read(0);
  if (!image_io::ByteView(front).has(0, kSignature)) return std::nullopt;
  front.resize(most);
  read(kSignature.size());
  return palette_of_png(front);
}

bool holds_picture(const Palette& palette, const ImageView& image) {
  return each_number(image, palette, [](std::uint64_t, std::uint8_t) {});
}

std::optional<Bytes> encode_in_palette(const ImageView& image, const Palette& palette,
                                       const PictureMetadata& metadata) {
  constexpr std::uint64_t most = 0x7FFFFFFF;
  if (image.width == 0 || image.height == 0 || image.width > most || image.height > most) return std::nullopt;
  const auto rows = packed_rows(image, palette);
  if (!rows || rows->size() > most) return std::nullopt;
  const Bytes pixels = deflated(*rows, DeflateLevel::thorough);
  if (pixels.size() > most) return std::nullopt;
  Bytes colors, alpha;
  for (const Palette::Color& color : palette.colors) colors.insert(colors.end(), color.begin(), color.begin() + 3);
  for (std::size_t i = 0; i < palette.with_alpha; ++i) alpha.push_back(palette.colors[i][3]);
  Bytes out(kSignature.begin(), kSignature.end());
  image_io::put_png_chunk(out, "IHDR", header_of(image, palette));
  image_io::put_png_chunk(out, "PLTE", colors);
  if (!alpha.empty()) image_io::put_png_chunk(out, "tRNS", alpha);
  image_io::put_png_chunk(out, "IDAT", pixels);
  image_io::put_png_chunk(out, "IEND", {});
  return metadata.empty() ? out : image_io::embed_in_png(out, metadata);
}

}  // namespace vaerans
