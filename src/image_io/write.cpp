// encode_image and write_image.
#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vips/vips8>

#include "image_io/raw_formats.hpp"
#include "image_io/vips_support.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {
namespace {

using vips::VImage;

/// How libvips writes each suffix. A decoded picture is not made worse a second time where the format lets us choose.
struct Saver {
  std::string_view suffix;
  const char* options;
  bool takes_quality;  ///< with a quality, nothing but that is asked for
};
constexpr std::array<Saver, 10> savers = {{
    {".png", "", false},
    {".tif", "[compression=deflate,predictor=horizontal]", false},
    {".tiff", "[compression=deflate,predictor=horizontal]", false},
    {".webp", "[lossless]", true},
    {".jpg", "[Q=95]", true},
    {".jpeg", "[Q=95]", true},
    {".jxl", "[lossless]", true},
    {".jp2", "[lossless]", true},
    {".avif", "[Q=90]", true},
    {".heic", "[Q=90]", true},
}};

std::string lower_suffix(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.find('/', dot) != std::string_view::npos) return "";
  std::string suffix(path.substr(dot));
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return suffix;
}

bool is_raw(const std::string& suffix) { return !image_io::raw_header(suffix, 1, 1).empty(); }

void require_quality(const Saver* saver, const std::string& name, int quality) {
  if (quality < 1 || quality > 100) {
    throw Error(ErrorCode::invalid_argument,
                name + ": the quality of a picture is 1 to 100, not " + std::to_string(quality));
  }
  if (saver != nullptr && saver->takes_quality) return;
  throw Error(ErrorCode::invalid_argument,
              name + ": this format is without loss and takes no quality (.jpg, .webp, .avif, .heic, .jxl, .jp2 do)");
}

/// The name by which libvips chooses format and options; empty for formats that are written here. `name` begins the
/// text of the error.
std::string saver_of(const std::string& lower, const std::string& name, const WriteImageOptions& options) {
  const auto* found = std::ranges::find(savers, lower, &Saver::suffix);
  const Saver* saver = found == savers.end() ? nullptr : found;
  if (saver == nullptr && !is_raw(lower)) {
    throw Error(ErrorCode::invalid_argument,
                name + ": no picture format that can be written (.png, .tif, .webp, .jpg, .jxl, .ppm, .npy…)");
  }
  if (options.quality) require_quality(saver, name, *options.quality);
  if (saver == nullptr) return "";
  return lower + (options.quality ? "[Q=" + std::to_string(*options.quality) + "]" : saver->options);
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

Bytes raw_file(const ImageView& image, const std::string& suffix) {
  Bytes packed;
  const auto pixels = without_gaps(image, packed);
  const std::string header = image_io::raw_header(suffix, image.height, image.width);
  Bytes file(header.begin(), header.end());
  file.insert(file.end(), pixels.begin(), pixels.end());
  return file;
}

Bytes save(const ImageView& image, const std::string& saver) {
  Bytes packed;
  const auto pixels = without_gaps(image, packed);
  const VImage picture =
      VImage::new_from_memory(const_cast<std::uint8_t*>(pixels.data()), pixels.size(), static_cast<int>(image.width),
                              static_cast<int>(image.height), 3, VIPS_FORMAT_UCHAR)
          .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  void* data = nullptr;
  std::size_t size = 0;
  picture.write_to_buffer(saver.c_str(), &data, &size);
  const std::unique_ptr<void, decltype(&g_free)> owner(data, g_free);
  require_readable(image, data, size);
  const auto* first = static_cast<const std::uint8_t*>(data);
  return {first, first + size};
}

}  // namespace

Bytes encode_image(const ImageView& image, const std::string& suffix, const WriteImageOptions& options) {
  const std::string lower = lower_suffix(suffix), saver = saver_of(lower, suffix, options);
  require_image(image);
  if (saver.empty()) return raw_file(image, lower);
  image_io::start_vips();
  try {
    return save(image, saver);
  } catch (const vips::VError&) {
    throw Error(ErrorCode::image_unsupported,
                "the picture cannot be written as " + suffix + " (" + image_io::take_vips_error() + ")");
  }
}

void write_image(const std::string& path, const ImageView& image, bool overwrite, const WriteImageOptions& options) {
  const std::string suffix = lower_suffix(path);
  (void)saver_of(suffix, path, options);  // before any work, and with the whole name
  write_bytes(path, encode_image(image, suffix, options), overwrite);
}

}  // namespace vaerans
