// PNG: animations, colours by cICP, gamma, and whether so few bytes can hold so many pixels (PNG specification, third
// edition).
#include <algorithm>
#include <cmath>

#include "image_io/formats/headers.hpp"
#include "image_io/formats/orientation.hpp"

namespace vaerans::image_io {
namespace {

/// What chunks before the pixels say.
struct Colours {
  bool profile = false, srgb = false, cicp = false;
  double gamma = 0;
  bool odd_primaries = false;
};

/// Where x and y of white and the primaries of cHRM differ from sRGB's, beyond what programs round.
bool differ_from_srgb(const ByteView& chrm) {
  constexpr double right[8] = {31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000};
  constexpr double most = 1000;
  for (unsigned i = 0; i < 8; ++i)
    if (std::abs(chrm.u32(4 * std::uint64_t{i}) - right[i]) > most) return true;
  return false;
}

void read_colours(const ByteView& chunk, std::string_view type, Colours& colours) {
  if (type == "iCCP") colours.profile = true;
  if (type == "sRGB") colours.srgb = true;
  if (type == "gAMA") colours.gamma = chunk.u32(0) / 100000.0;
  if (type == "cHRM") colours.odd_primaries = differ_from_srgb(chunk);
  // The newer chunk goes before a profile, but says nothing new where a profile follows for older readers.
  if (type != "cICP" || colours.profile) return;
  require_srgb_like(chunk.u8(0), chunk.u8(1));
  colours.cicp = true;
}

/// What stands above gAMA and cHRM makes them a fallback for older readers.
void settle_colours(const Colours& colours, Facts& facts) {
  if (colours.profile || colours.srgb || colours.cicp) return;
  if (colours.odd_primaries)
    refuse_picture("a PNG picture of other primaries than sRGB's (cHRM) without an ICC profile");
  if (colours.gamma <= 0) return;
  // libpng's threshold: a smaller difference cannot be seen.
  constexpr double visible = 0.05;
  if (std::abs(colours.gamma * 2.2 - 1) > visible) facts.gamma = colours.gamma;
}

/// Bits of the pixels before they are compressed, without the rows' filter bytes.
std::uint64_t read_header(const ByteView& header, Facts& facts) {
  constexpr unsigned channels[8] = {1, 0, 3, 1, 2, 0, 4, 0};
  facts.width = header.u32(0);
  facts.height = header.u32(4);
  constexpr std::uint64_t most = 0x7FFFFFFF;
  if (facts.width > most || facts.height > most) damaged_picture("its sides are out of range");
  // What overflows here is far over any limit on pixels.
  return facts.width * facts.height * channels[header.u8(9) & 7U] * std::min<unsigned>(header.u8(8), 16);
}

/// Metadata may stand behind the pixels; EXIF counts before XMP.
void read_late(const ByteView& chunk, std::string_view type, Facts& facts) {
  const std::string_view text = chunk.letters();
  const int exif = type == "eXIf" ? exif_orientation(chunk) : 0;
  if (exif != 0) facts.late_orientation = exif;
  constexpr std::string_view xmp("XML:com.adobe.xmp\0\0", 19);  // not compressed
  if (facts.late_orientation == 0 && type == "iTXt" && text.starts_with(xmp))
    facts.late_orientation = xmp_orientation(text);
}

}  // namespace

void inspect_png(const ByteView& file, Facts& facts) {
  constexpr std::uint64_t deflate_gain = 1032;  // zlib's format has no shorter code than two bits for 258 bytes
  std::uint64_t at = 8, bits = 0, packed = 0;
  Colours colours;
  while (file.holds(at, 8)) {
    const std::uint64_t length = file.u32(at);
    const std::string_view type = file.part(at + 4, 4).letters();
    const ByteView chunk = file.part(at + 8, std::min(length, file.size() - at - 8));
    if (type == "IHDR") bits = read_header(chunk, facts);
    if (type == "IDAT") packed += chunk.size();
    if (type == "acTL" && packed == 0) facts.pictures = chunk.u32(0);
    if (packed == 0)
      read_colours(chunk, type, colours);
    else
      read_late(chunk, type, facts);
    at += 12 + length;
  }
  settle_colours(colours, facts);
  facts.require_room(bits / 8, packed * deflate_gain);
}

}  // namespace vaerans::image_io
