// The chunks iCCP, eXIf and iTXt of PNG (third edition), before the picture's data.
#include <algorithm>
#include <string_view>

#include "base/packing/deflate.hpp"
#include "image_io/metadata/embed.hpp"
#include "image_io/metadata/png_chunks.hpp"

namespace vaerans::image_io {
namespace {

Bytes text_of(std::string_view text) { return {text.begin(), text.end()}; }

void put_profile(Bytes& out, const Bytes& icc) {
  const Bytes packed = deflated(icc, DeflateLevel::thorough);
  Bytes data = text_of(std::string_view("icc\0\0", 5));  // its name, and deflate
  data.insert(data.end(), packed.begin(), packed.end());
  put_png_chunk(out, "iCCP", data);
}

void put_xmp(Bytes& out, const Bytes& xmp) {
  Bytes data = text_of(std::string_view("XML:com.adobe.xmp\0\0\0\0\0", 22));  // not compressed, of no language
  data.insert(data.end(), xmp.begin(), xmp.end());
  put_png_chunk(out, "iTXt", data);
}

}  // namespace

Bytes embed_in_png(const Bytes& file, const PictureMetadata& metadata) {
  constexpr std::size_t behind_header = 8 + 25;  // the signature and IHDR
  const auto place = file.begin() + static_cast<std::ptrdiff_t>(std::min(behind_header, file.size()));
  Bytes out(file.begin(), place);
  if (!metadata.icc.empty()) put_profile(out, metadata.icc);
  if (!metadata.exif.empty()) put_png_chunk(out, "eXIf", metadata.exif);
  if (!metadata.xmp.empty()) put_xmp(out, metadata.xmp);
  out.insert(out.end(), place, file.end());
  return out;
}

}  // namespace vaerans::image_io
