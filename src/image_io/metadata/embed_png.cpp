// The chunks iCCP, eXIf and iTXt of PNG (third edition), before the picture's data.
#include <zlib.h>
#include <algorithm>
#include <string_view>

#include "image_io/metadata/embed.hpp"

namespace vaerans::image_io {
namespace {

void put_u32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put_chunk(Bytes& out, std::string_view type, std::span<const std::uint8_t> data) {
  put_u32(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = out.size();
  out.insert(out.end(), type.begin(), type.end());
  out.insert(out.end(), data.begin(), data.end());
  put_u32(out, static_cast<std::uint32_t>(::crc32_z(0, out.data() + begin, out.size() - begin)));
}

Bytes text_of(std::string_view text) { return {text.begin(), text.end()}; }

void put_profile(Bytes& out, const Bytes& icc) {
  uLongf size = ::compressBound(static_cast<uLong>(icc.size()));
  Bytes packed(size);
  if (::compress2(packed.data(), &size, icc.data(), static_cast<uLong>(icc.size()), Z_BEST_COMPRESSION) != Z_OK) return;
  Bytes data = text_of(std::string_view("icc\0\0", 5));  // its name, and deflate
  data.insert(data.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
  put_chunk(out, "iCCP", data);
}

void put_xmp(Bytes& out, const Bytes& xmp) {
  Bytes data = text_of(std::string_view("XML:com.adobe.xmp\0\0\0\0\0", 22));  // not compressed, of no language
  data.insert(data.end(), xmp.begin(), xmp.end());
  put_chunk(out, "iTXt", data);
}

}  // namespace

Bytes embed_in_png(const Bytes& file, const PictureMetadata& metadata) {
  constexpr std::size_t behind_header = 8 + 25;  // the signature and IHDR
  const auto place = file.begin() + static_cast<std::ptrdiff_t>(std::min(behind_header, file.size()));
  Bytes out(file.begin(), place);
  if (!metadata.icc.empty()) put_profile(out, metadata.icc);
  if (!metadata.exif.empty()) put_chunk(out, "eXIf", metadata.exif);
  if (!metadata.xmp.empty()) put_xmp(out, metadata.xmp);
  out.insert(out.end(), place, file.end());
  return out;
}

}  // namespace vaerans::image_io
