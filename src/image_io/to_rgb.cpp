#include "image_io/to_rgb.hpp"

#include <array>
#include <cstdint>

#include "vaerans/base/error.hpp"

namespace vaerans::image_io {
namespace {

using vips::VImage;

/// Colour spaces whose samples are float or packed in files that hold an ordinary picture.
bool is_lab_like(const VImage& picture) {
  switch (picture.interpretation()) {
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABS:
    case VIPS_INTERPRETATION_LABQ:
    case VIPS_INTERPRETATION_LCH:
    case VIPS_INTERPRETATION_XYZ: return true;
    default: return false;
  }
}

bool is_8_bit(const VImage& picture) { return picture.format() == VIPS_FORMAT_UCHAR || is_lab_like(picture); }

bool is_grey(const VImage& picture) { return picture.bands() == (picture.has_alpha() ? 2 : 1); }

int page_count(const VImage& picture) { return picture.get_typeof("n-pages") == 0 ? 1 : picture.get_int("n-pages"); }

const char* depth_text(const VImage& picture) {
  switch (picture.format()) {
    case VIPS_FORMAT_UCHAR: return "8-bit";
    case VIPS_FORMAT_USHORT:
    case VIPS_FORMAT_SHORT: return "16-bit";
    case VIPS_FORMAT_FLOAT:
    case VIPS_FORMAT_DOUBLE: return "floating-point";
    default: return "32-bit";
  }
}

/// "a 16-bit grey picture with alpha": what makes the picture unfit, and nothing else.
std::string describe(const VImage& picture) {
  const bool grey = is_grey(picture);
  std::string text = "a ";
  if (!is_8_bit(picture)) text.append(depth_text(picture)).append(" ");
  text += grey ? "grey picture" : "colour picture";
  if (picture.has_alpha()) text += " with alpha";
  return text;
}

}  // namespace

void require_plain_rgb(const VImage& picture, const std::string& name) {
  const bool deep = !is_8_bit(picture);
  if (const int pages = page_count(picture); pages > 1) {
    throw Error(ErrorCode::image_unsupported, name + ": " + std::to_string(pages) +
                                                  " pages or frames; vaerans takes one picture. `vaerans compress "
                                                  "--convert` takes the first");
  }
  if (!deep && !is_grey(picture) && !picture.has_alpha()) return;
  std::string text =
      name + ": " + describe(picture) + "; vaerans takes 8-bit RGB. Convert it: `vaerans compress --convert`";
  // Pillow clips 16-bit samples instead of scaling them: no advice for those.
  if (!deep) text += ", or img.convert('RGB') with Pillow";
  throw Error(ErrorCode::image_unsupported, text);
}

namespace {

/// 9 × 9 × 9 colours spread over the RGB cube.
VImage colour_lattice() {
  std::array<std::uint8_t, std::size_t{3} * 9 * 9 * 9> colours{};
  std::size_t at = 0;
  for (unsigned i = 0; i < 729; ++i) {
    for (const unsigned digit : {i / 81, i / 9 % 9, i % 9}) colours[at++] = static_cast<std::uint8_t>(digit * 255 / 8);
  }
  return VImage::new_from_memory(colours.data(), colours.size(), 729, 1, 3, VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB))
      .copy_memory();
}

VImage apply_profile(const VImage& picture) {
  return picture.icc_transform("srgb", VImage::option()->set("embedded", true)->set("depth", 8));
}

/// Most profiles in the wild are sRGB under some name. Converting by those would only round pixels, so they are left as
/// they are where the profile moves no colour by more than 2 of 255.
bool is_srgb_profile(const VImage& picture) {
  if (picture.bands() - (picture.has_alpha() ? 1 : 0) != 3 || picture.interpretation() == VIPS_INTERPRETATION_CMYK)
    return false;
  std::size_t size = 0;
  const void* profile = picture.get_blob(VIPS_META_ICC_NAME, &size);
  VImage lattice = colour_lattice();
  vips_image_set_blob_copy(lattice.get_image(), VIPS_META_ICC_NAME, profile, size);
  return (apply_profile(lattice) - lattice).abs().max() <= 2;
}

VImage to_srgb(const VImage& picture) {
  if (picture.get_typeof(VIPS_META_ICC_NAME) != 0) {
    try {
      if (picture.interpretation() == VIPS_INTERPRETATION_sRGB && is_srgb_profile(picture)) return picture;
      return apply_profile(picture);
    } catch (const vips::VError&) {
      vips_error_clear();  // a broken profile, or one for other channels: the colour space alone has to do
    }
  }
  return picture.interpretation() == VIPS_INTERPRETATION_sRGB ? picture : picture.colourspace(VIPS_INTERPRETATION_sRGB);
}

/// Samples of more than 8 bits by their colour space's own scale.
VImage to_8_bit(const VImage& picture) {
  if (picture.format() == VIPS_FORMAT_UCHAR) return picture;
  return picture.colourspace(is_grey(picture) ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
}

VImage upright(const VImage& picture) {
  const bool turned = picture.get_typeof(VIPS_META_ORIENTATION) != 0 && picture.get_int(VIPS_META_ORIENTATION) > 1;
  // Turning reads pixels out of order, which the streaming readers cannot give.
  return turned ? picture.copy_memory().autorot() : picture;
}

}  // namespace

VImage to_rgb8(VImage picture, const std::string& name) {
  picture = to_srgb(to_8_bit(upright(picture)));
  if (picture.has_alpha()) picture = picture.flatten(VImage::option()->set("background", 255));
  if (picture.bands() == 3 && picture.format() == VIPS_FORMAT_UCHAR) return picture;
  throw Error(ErrorCode::image_unsupported,
              name + ": " + std::to_string(picture.bands()) + " channels that cannot be read as colours");
}

}  // namespace vaerans::image_io
