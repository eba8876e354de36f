// APP1 and APP2 segments: EXIF 2.3 §4.5.4, XMP part 3 §1.1.3, ICC.1:2010 annex B.4.
#include <algorithm>
#include <string_view>

#include "image_io/metadata/embed.hpp"

namespace vaerans::image_io {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6), kXmp("http://ns.adobe.com/xap/1.0/\0", 29), kIcc("ICC_PROFILE\0", 12);

void put_segment(Bytes& out, std::uint8_t marker, std::string_view prefix, std::span<const std::uint8_t> data) {
  const std::size_t length = 2 + prefix.size() + data.size();
  out.insert(out.end(), {0xFF, marker, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
  out.insert(out.end(), prefix.begin(), prefix.end());
  out.insert(out.end(), data.begin(), data.end());
}

void put_profile(Bytes& out, std::span<const std::uint8_t> icc) {
  constexpr std::size_t most = 65533 - 14;
  const std::size_t parts = (icc.size() + most - 1) / most;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::string prefix = std::string(kIcc) + static_cast<char>(i + 1) + static_cast<char>(parts);
    put_segment(out, 0xE2, prefix, icc.subspan(i * most, std::min(most, icc.size() - i * most)));
  }
}

/// Behind the start of the picture and, where there is one, JFIF's segment, which comes first.
std::size_t place_in(const Bytes& file) {
  const bool jfif = file.size() > 6 && file[2] == 0xFF && file[3] == 0xE0;
  return jfif ? 4 + (std::size_t{file[4]} << 8 | file[5]) : 2;
}

}  // namespace

Bytes embed_in_jpeg(const Bytes& file, const PictureMetadata& metadata) {
  const auto place = file.begin() + static_cast<std::ptrdiff_t>(std::min(place_in(file), file.size()));
  Bytes out(file.begin(), place);
  if (!metadata.exif.empty() && metadata.exif.size() <= max_jpeg_exif) put_segment(out, 0xE1, kExif, metadata.exif);
  if (!metadata.xmp.empty() && metadata.xmp.size() <= max_jpeg_xmp) put_segment(out, 0xE1, kXmp, metadata.xmp);
  if (!metadata.icc.empty() && metadata.icc.size() <= max_jpeg_icc) put_profile(out, metadata.icc);
  out.insert(out.end(), place, file.end());
  return out;
}

}  // namespace vaerans::image_io
