#include "image_io/metadata/collect.hpp"

#include <algorithm>
#include <string_view>

#include "image_io/formats/orientation.hpp"

namespace vaerans::image_io {
namespace {

using vips::VImage;

Bytes blob_of(const VImage& picture, const char* name) {
  if (picture.get_typeof(name) != VIPS_TYPE_BLOB) return {};
  std::size_t size = 0;
  const auto* first = static_cast<const std::uint8_t*>(picture.get_blob(name, &size));
  return {first, first + size};
}

/// Some formats put "Exif" and two zeros before it, and libvips hands on what stands there.
Bytes exif_of(const VImage& picture) {
  constexpr std::string_view prefix("Exif\0\0", 6);
  Bytes exif = blob_of(picture, VIPS_META_EXIF_NAME);
  if (exif.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), exif.begin())) {
    exif.erase(exif.begin(), exif.begin() + prefix.size());
  }
  const std::string_view text(reinterpret_cast<const char*>(exif.data()), exif.size());
  const bool tiff = text.starts_with("II*") || text.starts_with(std::string_view("MM\0*", 4));
  return tiff ? exif : Bytes{};
}

}  // namespace

bool has_rgb_profile(const VImage& picture) {
  constexpr std::string_view rgb = "RGB ";
  constexpr std::size_t space_at = 16, least = 128;
  // Deeper samples become 8 bits, and dark tones of a linear space would fall together in these.
  if (picture.format() != VIPS_FORMAT_UCHAR || picture.interpretation() == VIPS_INTERPRETATION_CMYK) return false;
  const int colours = picture.bands() - (picture.has_alpha() ? 1 : 0);
  const Bytes icc = blob_of(picture, VIPS_META_ICC_NAME);
  return colours == 3 && icc.size() >= least && std::equal(rgb.begin(), rgb.end(), icc.begin() + space_at);
}

PictureMetadata collect_metadata(const VImage& picture) {
  PictureMetadata out;
  if (has_rgb_profile(picture)) out.icc = blob_of(picture, VIPS_META_ICC_NAME);
  out.exif = exif_of(picture);
  out.xmp = blob_of(picture, VIPS_META_XMP_NAME);
  reset_exif_orientation(out.exif);
  reset_xmp_orientation(out.xmp);
  return out;
}

void reset_exif_orientation(Bytes& exif) {
  const ByteView view(exif);
  const std::uint64_t at = exif_orientation_at(view);
  if (at == 0) return;
  const bool big = exif[0] == 'M';
  exif[at] = big ? 0 : 1;
  exif[at + 1] = big ? 1 : 0;
}

void reset_xmp_orientation(Bytes& xmp) {
  const std::size_t at = xmp_orientation_at({reinterpret_cast<const char*>(xmp.data()), xmp.size()});
  if (at != 0) xmp[at] = '1';
}

}  // namespace vaerans::image_io
