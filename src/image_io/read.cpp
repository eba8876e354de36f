// read_image: sniff, check the header, convert, decode.
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vips/vips8>

#include "image_io/files.hpp"
#include "image_io/to_rgb.hpp"
#include "image_io/vips_support.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {
namespace {

using vips::VImage;

[[noreturn]] void unreadable(const std::string& text) { throw Error(ErrorCode::image_unreadable, text); }

/// Readers of pictures. libvips also reads documents, tables of numbers, slides and, through other libraries, almost
/// anything: a codec has no use for those, and they are a large surface for hostile files.
void require_picture_loader(const char* loader, const std::string& name) {
  static constexpr std::array<std::string_view, 9> known = {"Jpeg", "Png", "Webp", "Tiff", "Nsgif",
                                                            "Heif", "Jxl", "Jp2k", "Ppm"};
  const std::string_view found = loader == nullptr ? "" : loader;
  const auto matches = [&](std::string_view format) {
    return found.starts_with("VipsForeignLoad" + std::string(format));
  };
  if (std::ranges::any_of(known, matches)) return;
  unreadable(name + ": not a picture in a format that is known here (PNG, JPEG, WebP, TIFF, GIF, PPM…)");
}

void require_limits(const VImage& picture, const Limits& limits, const std::string& name) {
  const auto width = static_cast<std::uint64_t>(picture.width());
  const auto height = static_cast<std::uint64_t>(picture.height());
  if (width <= limits.max_side && height <= limits.max_side && width * height <= limits.max_pixels) return;
  throw Error(ErrorCode::limit_exceeded, name + ": " + std::to_string(width) + " x " + std::to_string(height) +
                                             " pixels; the limit is " + std::to_string(limits.max_pixels) +
                                             " pixels and " + std::to_string(limits.max_side) + " per side");
}

Image decode(const VImage& picture) {
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&g_free)> pixels(picture.write_to_memory(&size), g_free);
  const auto* first = static_cast<const std::uint8_t*>(pixels.get());
  return {
      static_cast<std::uint64_t>(picture.height()), static_cast<std::uint64_t>(picture.width()), {first, first + size}};
}

Image read_source(const vips::VSource& source, const std::string& name, const ReadImageOptions& options) {
  try {
    require_picture_loader(vips_foreign_find_load_source(source.get_source()), name);
    // Sequential: one pass from top to bottom, without the temporary files libvips makes for random access.
    const VImage picture = VImage::new_from_source(
        source, "", VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL)->set("fail_on", VIPS_FAIL_ON_ERROR));
    require_limits(picture, options.limits, name);
    if (!options.convert) image_io::require_plain_rgb(picture, name);
    return decode(image_io::to_rgb8(picture, name));
  } catch (const vips::VError&) {
    unreadable(name + ": damaged or cut short (" + image_io::take_vips_error() + ")");
  }
}

}  // namespace

Image read_image(const std::string& path, const ReadImageOptions& options) {
  image_io::start_vips();
  if (image_io::require_readable_file(path) == 0) unreadable(path + ": empty (0 bytes)");
  try {
    return read_source(vips::VSource::new_from_file(path.c_str()), path, options);
  } catch (const vips::VError&) {
    throw Error(ErrorCode::io, path + ": cannot be opened (" + image_io::take_vips_error() + ")");
  }
}

Image read_image(std::span<const std::uint8_t> bytes, const ReadImageOptions& options) {
  image_io::start_vips();
  const std::string name = "picture in memory";
  if (bytes.empty()) unreadable(name + ": empty (0 bytes)");
  return read_source(vips::VSource::new_from_memory(bytes.data(), bytes.size()), name, options);
}

}  // namespace vaerans
