#include "image_io/to_rgb.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "image_io/formats/orientation.hpp"
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
    case VIPS_INTERPRETATION_LCH: return true;
    default: return false;
  }
}

/// Whether three channels, or one, or four, are what they seem to be. Other spaces (HSV, XYZ…) are in no file that is
/// read here; should a loader ever give one, its samples must not pass as colours.
bool is_known_space(const VImage& picture) {
  switch (picture.interpretation()) {
    case VIPS_INTERPRETATION_MULTIBAND:
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_CMYK: return true;
    default: return is_lab_like(picture);
  }
}

/// libvips takes the fourth byte of packed Lab for alpha.
bool has_alpha(const VImage& picture) { return picture.coding() != VIPS_CODING_LABQ && picture.has_alpha(); }

bool is_8_bit(const VImage& picture) { return picture.format() == VIPS_FORMAT_UCHAR || is_lab_like(picture); }
bool is_16_bit(const VImage& picture) { return picture.format() == VIPS_FORMAT_USHORT && !is_lab_like(picture); }

int colours(const VImage& picture) { return picture.bands() - (has_alpha(picture) ? 1 : 0); }
bool is_grey(const VImage& picture) { return colours(picture) == 1; }

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
  if (has_alpha(picture)) text += " with alpha";
  return text;
}

VipsInterpretation interpretation_of(const Samples& samples) {
  if (samples.channels < 3) return samples.deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
  return samples.deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
}

}  // namespace

VImage image_of(Samples samples) {
  const VipsInterpretation interpretation = interpretation_of(samples);
  auto* kept = new Samples(std::move(samples));
  VipsImage* image = vips_image_new_from_memory(kept->data.data(), kept->data.size(), static_cast<int>(kept->width),
                                                static_cast<int>(kept->height), static_cast<int>(kept->channels),
                                                kept->deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
  if (image == nullptr) {
    delete kept;
    throw vips::VError();
  }
  const auto destroy = [](VipsImage*, gpointer what) { delete static_cast<Samples*>(what); };
  g_signal_connect(image, "postclose", G_CALLBACK(+destroy), kept);
  VImage picture = VImage(image).copy(VImage::option()->set("interpretation", interpretation));
  if (!kept->icc.empty())
    vips_image_set_blob_copy(picture.get_image(), VIPS_META_ICC_NAME, kept->icc.data(), kept->icc.size());
  return picture;
}

void require_one_picture(std::uint64_t pictures) {
  if (pictures < 2) return;
  throw Error(ErrorCode::image_unsupported, std::to_string(pictures) +
                                                " pages or frames; vaerans takes one picture. Save one as a file of "
                                                "its own, or let `vaerans compress --convert` take the first");
}

void require_plain_rgb(const VImage& picture, bool alpha) {
  const bool deep = !is_8_bit(picture);
  if (!deep && !is_grey(picture) && (alpha || !has_alpha(picture))) return;
  std::string text = describe(picture) +
                     "; a model takes 8-bit RGB, and so does a residual stream. Leave these out, or convert it: "
                     "`vaerans compress --convert`";
  // Pillow clips 16-bit samples instead of scaling them: no advice for those.
  if (!deep) text += ", or img.convert('RGB') with Pillow";
  throw Error(ErrorCode::image_unsupported, text);
}

namespace {

/// 9 × 9 × 9 colours spread over the RGB cube.
VImage colour_lattice() {
  std::array<std::uint8_t, std::size_t{3} * 9 * 9 * 9> lattice{};
  std::size_t at = 0;
  for (unsigned i = 0; i < 729; ++i) {
    for (const unsigned digit : {i / 81, i / 9 % 9, i % 9}) lattice[at++] = static_cast<std::uint8_t>(digit * 255 / 8);
  }
  return VImage::new_from_memory(lattice.data(), lattice.size(), 729, 1, 3, VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB))
      .copy_memory();
}

/// By as many bits as the picture has: dark tones of a linear picture fall together in 8.
VImage apply_profile(const VImage& picture) {
  return picture.icc_transform("srgb",
                               VImage::option()->set("embedded", true)->set("depth", is_16_bit(picture) ? 16 : 8));
}

/// Samples under the profile of a picture.
VImage with_profile_of(const VImage& picture, const VImage& samples) {
  VImage own = samples.copy_memory();
  std::size_t size = 0;
  const void* profile = picture.get_blob(VIPS_META_ICC_NAME, &size);
  vips_image_set_blob_copy(own.get_image(), VIPS_META_ICC_NAME, profile, size);
  return own;
}

/// Most profiles in the wild are sRGB under some name. Converting by those would only round pixels, so they are left as
/// they are where the profile moves no colour by more than 2 of 255.
bool is_srgb_profile(const VImage& picture) {
  if (picture.bands() != 3 || picture.interpretation() == VIPS_INTERPRETATION_CMYK) return false;
  const VImage lattice = with_profile_of(picture, colour_lattice());
  return (apply_profile(lattice) - lattice).abs().max() <= 2;
}

VImage round_to_8_bit(const VImage& picture) {
  if (picture.format() == VIPS_FORMAT_UCHAR) return picture;
  return (picture / 257.0).rint().cast(VIPS_FORMAT_UCHAR);
}

/// Grey stays grey: by a table of all samples, unless the profile moves none by more than 10 of 255. That of gamma 2.2,
/// which most profiles of greys have, does not. The table is made in 16 bits, since 8 tell dark greys apart badly.
VImage grey_by_profile(const VImage& picture) {
  const bool deep = is_16_bit(picture);
  const VImage samples = VImage::identity(VImage::option()->set("ushort", deep));
  const VImage wide = deep ? samples : (samples * 257).cast(VIPS_FORMAT_USHORT);
  const VImage ramp =
      with_profile_of(picture, wide.copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_GREY16)));
  const VImage moved = apply_profile(ramp)[1];
  if ((moved - ramp).abs().max() <= 10 * 257) return picture;
  return picture.maplut((deep ? moved : round_to_8_bit(moved)).copy_memory());
}

VImage by_profile(const VImage& picture) {
  if (is_grey(picture)) return grey_by_profile(picture);
  return is_srgb_profile(picture) ? picture : apply_profile(picture);
}

/// Without alpha. 8 bits stay 8, 16 stay 16; grey stays grey.
VImage to_srgb(const VImage& picture) {
  const bool deep = is_16_bit(picture);
  if (picture.get_typeof(VIPS_META_ICC_NAME) != 0 && !is_lab_like(picture)) {
    try {
      return by_profile(picture);
    } catch (const vips::VError&) {
      vips_error_clear();  // a broken profile, or one for other channels: the colour space alone has to do
    }
  }
  // Lab in files is under D50, as in profiles; libvips' own conversion takes it for D65.
  if (is_lab_like(picture)) {
    return picture.colourspace(VIPS_INTERPRETATION_LAB)
        .icc_export(VImage::option()->set("output_profile", "srgb")->set("depth", 8));
  }
  if (is_grey(picture) || picture.bands() == 3) return picture;
  return picture.colourspace(deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
}

/// sRGB's curve in the place of a power of light, by a table of all samples.
VImage from_gamma(const VImage& picture, double gamma) {
  const bool deep = is_16_bit(picture);
  const double top = deep ? 65535 : 255;
  const VImage light = (VImage::identity(VImage::option()->set("ushort", deep)) / top).pow(1 / gamma);
  const VImage curve = (light <= 0.0031308).ifthenelse(light * 12.92, light.pow(1 / 2.4) * 1.055 - 0.055);
  return picture.maplut((curve * top).rint().cast(picture.format()));
}

/// XMP's orientation, for pictures without EXIF; 0 where there is none.
int orientation_by_xmp(const VImage& picture) {
  for (const char* name : {VIPS_META_XMP_NAME, "png-comment-0-XML:com.adobe.xmp"}) {
    if (picture.get_typeof(name) == 0) continue;
    std::size_t size = 0;
    const bool blob = picture.get_typeof(name) == VIPS_TYPE_BLOB;
    const char* first = blob ? static_cast<const char*>(picture.get_blob(name, &size)) : picture.get_string(name);
    const int found = xmp_orientation(blob ? std::string_view(first, size) : std::string_view(first));
    if (found != 0) return found;
  }
  return 0;
}

VImage upright(const VImage& picture) {
  const bool told = picture.get_typeof(VIPS_META_ORIENTATION) != 0;
  const int orientation = told ? picture.get_int(VIPS_META_ORIENTATION) : orientation_by_xmp(picture);
  if (orientation < 2 || orientation > 8) return picture;
  // Turning reads pixels out of order, which the streaming readers cannot give.
  VImage kept = picture.copy_memory();
  kept.set(VIPS_META_ORIENTATION, orientation);
  return kept.autorot();
}

/// Colours over white, at the depth of the picture.
VImage over_white(const VImage& colour, const VImage& alpha) {
  const double white = is_16_bit(colour) ? 65535 : 255;
  const double opaque = is_16_bit(alpha) ? 65535 : 255;
  return (colour * (alpha / opaque) + (alpha / -opaque + 1) * white).rint().cast(colour.format());
}

}  // namespace

namespace {

/// The colours of a picture, upright and in sRGB at its own depth, and its alpha, if it has that.
struct Parts {
  VImage colour;
  std::optional<VImage> alpha;
};

Parts parts_of(VImage picture, double gamma, bool keep_colours) {
  if (picture.coding() == VIPS_CODING_LABQ) picture = picture.LabQ2Lab();
  picture = upright(picture);
  const bool samples = is_lab_like(picture) || is_16_bit(picture) || picture.format() == VIPS_FORMAT_UCHAR;
  const int channels = colours(picture);
  if (!samples || !is_known_space(picture) || channels < 1 || channels > 4) {
    throw Error(ErrorCode::image_unsupported, "a " + std::string(depth_text(picture)) + " picture of " +
                                                  std::to_string(picture.bands()) +
                                                  " channels that cannot be read as colours");
  }
  Parts parts;
  const bool alpha = has_alpha(picture);
  const VImage only_colours = alpha ? picture.extract_band(0, VImage::option()->set("n", channels)) : picture;
  parts.colour = only_colours;
  if (!keep_colours || is_lab_like(picture))
    parts.colour = to_srgb(gamma == 0 ? only_colours : from_gamma(only_colours, gamma));
  if (alpha) parts.alpha = picture[picture.bands() - 1];
  if (parts.colour.bands() == 1 || parts.colour.bands() == 3) return parts;
  throw Error(ErrorCode::image_unsupported, "a " + std::string(depth_text(picture)) + " picture of " +
                                                std::to_string(picture.bands()) +
                                                " channels that cannot be read as colours");
}

}  // namespace

VImage to_rgb8(VImage picture, double gamma, bool keep_colours) {
  auto [colour, alpha] = parts_of(std::move(picture), gamma, keep_colours);
  if (alpha) colour = over_white(colour, *alpha);
  colour = round_to_8_bit(colour);
  return colour.bands() == 1 ? VImage::bandjoin({colour, colour, colour}) : colour;
}

VImage to_own_kind(VImage picture, double gamma, bool keep_colours) {
  const auto [colour, alpha] = parts_of(std::move(picture), gamma, keep_colours);
  return alpha ? colour.bandjoin(alpha->cast(colour.format())) : colour;
}

}  // namespace vaerans::image_io
