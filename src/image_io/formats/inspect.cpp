#include "image_io/formats/inspect.hpp"

#include <array>

#include "image_io/formats/headers.hpp"
#include "image_io/readers/tga.hpp"

namespace vaerans::image_io {
namespace {

using namespace std::string_view_literals;

struct Signature {
  Format format;
  std::uint64_t at;
  std::string_view text;
};
constexpr std::array signatures = {
    Signature{Format::jpeg, 0, "\xFF\xD8\xFF"sv},
    Signature{Format::png, 0, "\x89PNG\r\n\x1A\n"sv},
    Signature{Format::gif, 0, "GIF87a"sv},
    Signature{Format::gif, 0, "GIF89a"sv},
    Signature{Format::webp, 8, "WEBPVP8"sv},
    Signature{Format::tiff, 0, "II*\0"sv},
    Signature{Format::tiff, 0, "MM\0*"sv},
    Signature{Format::tiff, 0, "II+\0"sv},
    Signature{Format::tiff, 0, "MM\0+"sv},
    Signature{Format::jxl, 0, "\xFF\x0A"sv},
    Signature{Format::jxl, 0, "\0\0\0\x0CJXL \r\n\x87\n"sv},
    Signature{Format::jp2, 0, "\0\0\0\x0CjP  \r\n\x87\n"sv},
    Signature{Format::jp2, 0, "\xFF\x4F\xFF\x51"sv},
    Signature{Format::heif, 4, "ftyp"sv},
    Signature{Format::bmp, 0, "BM"sv},
    Signature{Format::ico, 0, "\0\0\1\0"sv},
};

/// Formats that are known by name and not read, each with the reason.
struct Stranger {
  std::uint64_t at;
  std::string_view text;
  const char* why;
};
constexpr const char* high_range =
    "a picture of light beyond white (OpenEXR, Radiance HDR, PFM): no 8-bit RGB is its right "
    "rendering; tone-map it first";
constexpr const char* raw = "a camera's raw picture; develop it first";
constexpr std::array strangers = {
    Stranger{0, "\x76\x2F\x31\x01"sv, high_range},
    Stranger{0, "#?RADIANCE"sv, high_range},
    Stranger{0, "#?RGBE"sv, high_range},
    Stranger{0, "PF\n"sv, high_range},
    Stranger{0, "Pf\n"sv, high_range},
    Stranger{8, "CR\x02"sv, raw},
    Stranger{0, "FUJIFILMCCD-RAW"sv, raw},
    Stranger{4, "ftypcrx "sv, raw},
    Stranger{0, "8BPS"sv, "a Photoshop document; export it as PNG first"},
    Stranger{0, "DDS "sv, "a DDS texture; convert it to PNG first"},
    Stranger{0, "qoif"sv, "a QOI picture; convert it to PNG first"},
};

/// Cursors are icons with a hot spot. Some TGA files begin alike, but have zeros where a cursor counts its pictures.
bool is_cursor(const ByteView& file) {
  return file.has(0, "\0\0\2\0"sv) && file.holds(0, 22) && file.u8(4) != 0 && file.u8(9) == 0;
}

Format format_of(const ByteView& file) {
  for (const Stranger& stranger : strangers)
    if (file.has(stranger.at, stranger.text)) refuse_picture(stranger.why);
  for (const Signature& signature : signatures)
    if (file.has(signature.at, signature.text)) return signature.format;
  if (file.size() > 2 && file.u8(0) == 'P' && file.u8(1) >= '1' && file.u8(1) <= '7') return Format::pnm;
  if (is_cursor(file)) return Format::ico;
  return may_be_tga(file.bytes()) ? Format::tga : Format::unknown;
}

Format known_format_of(const ByteView& file) {
  const Format format = format_of(file);
  if (format != Format::unknown) return format;
  throw Error(ErrorCode::image_unreadable,
              "not a picture in a format that is known here (PNG, JPEG, WebP, TIFF, GIF, BMP, PPM…)");
}

}  // namespace

void require_known_format(std::span<const std::uint8_t> front) { (void)known_format_of(ByteView(front)); }

void Facts::require_room(std::uint64_t needed, std::uint64_t bytes) {
  if (needed > bytes) damage = "it is too short for the size that it claims";
}

Facts inspect(std::span<const std::uint8_t> file) {
  const ByteView view(file);
  Facts facts;
  facts.format = known_format_of(view);
  switch (facts.format) {
    case Format::jpeg: inspect_jpeg(view, facts); break;
    case Format::png: inspect_png(view, facts); break;
    case Format::tiff: inspect_tiff(view, facts); break;
    case Format::jp2: inspect_jp2(view, facts); break;
    case Format::jxl: inspect_jxl(view, facts); break;
    case Format::gif: inspect_gif(view, facts); break;
    case Format::heif: inspect_heif(view, facts); break;
    default: break;
  }
  return facts;
}

void require_srgb_like(unsigned primaries, unsigned transfer) {
  // 1: BT.709, whose primaries are sRGB's; 2: unspecified; 5 and 6: those of television, which differ by little.
  const bool primaries_fit = primaries == 1 || primaries == 2 || primaries == 5 || primaries == 6;
  // 1, 6, 14, 15: television's curve, which is shown like 13, sRGB's; 2: unspecified.
  const bool transfer_fits =
      transfer == 1 || transfer == 2 || transfer == 6 || transfer == 13 || transfer == 14 || transfer == 15;
  if (primaries_fit && transfer_fits) return;
  const bool wide_range = transfer == 16 || transfer == 18;
  refuse_picture(std::string("a picture of other colours than sRGB (") + (wide_range ? "high dynamic range, " : "") +
                 "primaries " + std::to_string(primaries) + ", transfer " + std::to_string(transfer) +
                 " of H.273) without an ICC profile; convert it to sRGB first");
}

}  // namespace vaerans::image_io
