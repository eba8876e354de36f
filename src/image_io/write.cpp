// encode_image and write_image.
#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <string_view>
#include <utility>
#include <vips/vips8>

#include "image_io/vips_support.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {
namespace {

using vips::VImage;

/// How each suffix is written. A decoded picture is not made worse a second time where the format lets us choose.
constexpr std::array<std::pair<std::string_view, const char*>, 11> savers = {{
    {".png", ".png"},
    {".tif", ".tif[compression=deflate,predictor=horizontal]"},
    {".tiff", ".tif[compression=deflate,predictor=horizontal]"},
    {".webp", ".webp[lossless]"},
    {".jpg", ".jpg[Q=95]"},
    {".jpeg", ".jpg[Q=95]"},
    {".jxl", ".jxl[lossless]"},
    {".jp2", ".jp2[lossless]"},
    {".avif", ".avif[Q=90]"},
    {".heic", ".heic[Q=90]"},
    {".ppm", ".ppm"},
}};

std::string lower_suffix(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.find('/', dot) != std::string_view::npos) return "";
  std::string suffix(path.substr(dot));
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return suffix;
}

/// `name` begins the text of the error.
const char* saver_of(const std::string& suffix, const std::string& name) {
  const auto* found = std::ranges::find(savers, suffix, &decltype(savers)::value_type::first);
  if (found != savers.end()) return found->second;
  throw Error(ErrorCode::invalid_argument,
              name + ": no picture format that can be written (.png, .tif, .webp, .jpg, .jxl, .ppm…)");
}

/// The pixels without gaps between rows, as libvips wants them; copies into `packed` only where there are gaps.
std::span<const std::uint8_t> without_gaps(const ImageView& image, Bytes& packed) {
  const std::uint64_t row = image.width * 3;
  if (image.row_bytes == 0 || image.row_bytes == row) return {image.data, image.height * row};
  packed.reserve(image.height * row);
  for (std::uint64_t y = 0; y < image.height; ++y) {
    const std::uint8_t* first = image.data + y * image.row_bytes;
    packed.insert(packed.end(), first, first + row);
  }
  return packed;
}

void require_image(const ImageView& image) {
  constexpr std::uint64_t most = VIPS_MAX_COORD;
  if (image.data == nullptr || image.height == 0 || image.width == 0 || image.height > most || image.width > most ||
      image.channels != 3 || (image.row_bytes != 0 && image.row_bytes < image.width * 3)) {
    throw Error(ErrorCode::invalid_argument,
                "a picture to be written needs 1 to 10000000 rows and columns of three channels");
  }
}

/// Some encoders end well and leave a file without a picture, such as AVIF's above 65536 pixels in one direction.
void require_readable(const ImageView& image, const void* data, std::size_t size) {
  const VImage written =
      VImage::new_from_buffer(data, size, "", VImage::option()->set("access", VIPS_ACCESS_SEQUENTIAL));
  if (std::cmp_equal(written.width(), image.width) && std::cmp_equal(written.height(), image.height)) return;
  throw Error(ErrorCode::image_unsupported,
              "a picture of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                  " pixels cannot be written in this format: it would come back as " + std::to_string(written.width()) +
                  " x " + std::to_string(written.height()));
}

Bytes save(const ImageView& image, const char* saver) {
  Bytes packed;
  const auto pixels = without_gaps(image, packed);
  const VImage picture =
      VImage::new_from_memory(const_cast<std::uint8_t*>(pixels.data()), pixels.size(), static_cast<int>(image.width),
                              static_cast<int>(image.height), 3, VIPS_FORMAT_UCHAR)
          .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  void* data = nullptr;
  std::size_t size = 0;
  picture.write_to_buffer(saver, &data, &size);
  const std::unique_ptr<void, decltype(&g_free)> owner(data, g_free);
  require_readable(image, data, size);
  const auto* first = static_cast<const std::uint8_t*>(data);
  return {first, first + size};
}

}  // namespace

Bytes encode_image(const ImageView& image, const std::string& suffix) {
  image_io::start_vips();
  require_image(image);
  const char* saver = saver_of(lower_suffix(suffix), suffix);
  try {
    return save(image, saver);
  } catch (const vips::VError&) {
    throw Error(ErrorCode::image_unsupported,
                "the picture cannot be written as " + suffix + " (" + image_io::take_vips_error() + ")");
  }
}

void write_image(const std::string& path, const ImageView& image, bool overwrite) {
  const std::string suffix = lower_suffix(path);
  saver_of(suffix, path);  // before any work, and with the whole name
  write_bytes(path, encode_image(image, suffix), overwrite);
}

}  // namespace vaerans
