// The chunks VP8X, ICCP, EXIF and XMP of WebP's container (RFC 9649, section 2.7).
#include <algorithm>
#include <string_view>

#include "image_io/formats/byte_view.hpp"
#include "image_io/metadata/embed.hpp"

namespace vaerans::image_io {
namespace {

void put_number(Bytes& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_chunk(Bytes& out, std::string_view type, std::span<const std::uint8_t> data) {
  if (data.empty()) return;
  out.insert(out.end(), type.begin(), type.end());
  put_number(out, data.size(), 4);
  out.insert(out.end(), data.begin(), data.end());
  if (data.size() % 2 != 0) out.push_back(0);
}

/// A chunk of the file, from its type to its padding.
std::span<const std::uint8_t> chunk_at(const ByteView& file, std::uint64_t at) {
  const std::uint64_t size = file.u32(at + 4);
  return file.part(at, 8 + size + size % 2).bytes();
}

/// libvips may have written some of these on its own, whatever it is told.
bool is_put_here(const ByteView& file, std::uint64_t at) {
  const std::string_view types[] = {"VP8X", "ICCP", "EXIF", "XMP "};
  return std::ranges::any_of(types, [&](std::string_view type) { return file.has(at, type); });
}

Bytes extended_header(const PictureMetadata& metadata, std::uint64_t width, std::uint64_t height, bool alpha) {
  Bytes out;
  put_number(out,
             (metadata.icc.empty() ? 0U : 0x20U) | (alpha ? 0x10U : 0U) | (metadata.exif.empty() ? 0U : 0x08U) |
                 (metadata.xmp.empty() ? 0U : 0x04U),
             4);
  put_number(out, width - 1, 3);
  put_number(out, height - 1, 3);
  return out;
}

}  // namespace

Bytes embed_in_webp(const Bytes& file, const PictureMetadata& metadata, std::uint64_t width, std::uint64_t height) {
  const ByteView view(file, false);
  const bool extended = view.has(12, "VP8X");
  const bool alpha = extended && (view.u8(20) & 0x10U) != 0;
  Bytes body;
  put_chunk(body, "VP8X", extended_header(metadata, width, height, alpha));
  put_chunk(body, "ICCP", metadata.icc);
  for (std::uint64_t at = 12; at < view.size();) {
    const auto chunk = chunk_at(view, at);
    if (!is_put_here(view, at)) body.insert(body.end(), chunk.begin(), chunk.end());
    at += chunk.size();
  }
  put_chunk(body, "EXIF", metadata.exif);
  put_chunk(body, "XMP ", metadata.xmp);
  Bytes out{'R', 'I', 'F', 'F'};
  put_number(out, body.size() + 4, 4);
  out.insert(out.end(), {'W', 'E', 'B', 'P'});
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace vaerans::image_io
