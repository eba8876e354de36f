// encode_image and write_image.
#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vips/vips8>

#include "image_io/metadata/embed.hpp"
#include "image_io/raw_formats.hpp"
#include "image_io/vips_support.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {
namespace {

using vips::VImage;

/// How metadata come into a file: put in here, or by libvips, which keeps the bytes of ICC and XMP. TIFF has these
/// from libvips, and EXIF from here.
enum class MetadataWay : std::uint8_t { none, png, jpeg, webp, vips_icc, tiff };

/// How libvips writes each suffix. A decoded picture is not made worse a second time where the format lets us choose.
struct Saver {
  std::string_view suffix;
  const char* options;
  bool takes_quality;  ///< with a quality, nothing but that is asked for
  bool deep;           ///< holds 16 bits
  bool alpha;
  MetadataWay metadata;
};
constexpr std::array<Saver, 10> savers = {{
    {".png", "", false, true, true, MetadataWay::png},
    {".tif", "[compression=deflate,predictor=horizontal]", false, true, true, MetadataWay::tiff},
    {".tiff", "[compression=deflate,predictor=horizontal]", false, true, true, MetadataWay::tiff},
    {".webp", "[lossless]", true, false, true, MetadataWay::webp},
    {".jpg", "[Q=95]", true, false, false, MetadataWay::jpeg},
    {".jpeg", "[Q=95]", true, false, false, MetadataWay::jpeg},
    {".jxl", "[lossless]", true, true, true, MetadataWay::vips_icc},
    {".jp2", "[lossless]", true, true, false, MetadataWay::none},
    {".avif", "[Q=90]", true, false, true, MetadataWay::vips_icc},
    {".heic", "[Q=90]", true, false, true, MetadataWay::vips_icc},
}};

const Saver* saver_with(const std::string& lower) {
  const auto* found = std::ranges::find(savers, lower, &Saver::suffix);
  return found == savers.end() ? nullptr : found;
}

std::string lower_suffix(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || path.find('/', dot) != std::string_view::npos) return "";
  return lower_case(path.substr(dot));
}

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
  const Saver* saver = saver_with(lower);
  if (saver == nullptr && !image_io::is_raw(lower)) {
    throw Error(ErrorCode::invalid_argument,
                name + ": no picture format that can be written (.png, .tif, .webp, .jpg, .jxl, .ppm, .npy…)");
  }
  if (options.quality) require_quality(saver, name, *options.quality);
  if (saver == nullptr) return "";
  return lower + (options.quality ? "[Q=" + std::to_string(*options.quality) + "]" : saver->options);
}

/// The pixels without gaps between rows, as libvips wants them; copies into `packed` only where there are gaps.
std::span<const std::uint8_t> without_gaps(const ImageView& image, Bytes& packed) {
  const std::uint64_t row = image.width * image.pixel_bytes();
  if (image.stride() == row) return {image.data, image.height * row};
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
      image.channels == 0 || image.channels > 4 || (image.dtype != DType::u8 && image.dtype != DType::u16) ||
      (image.row_bytes != 0 && image.row_bytes < image.width * image.pixel_bytes())) {
    throw Error(ErrorCode::invalid_argument,
                "a picture to be written needs 1 to 10000000 rows and columns of one to four channels, u8 or u16");
  }
}

/// libvips would leave out what a format does not hold, without a word.
void require_room_for_kind(const ImageView& image, const std::string& suffix) {
  const auto* saver = std::ranges::find(savers, suffix, &Saver::suffix);
  if (saver == savers.end()) return;
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::image_unsupported, suffix + " files hold no " + what + "; .png and .tif files do");
  };
  if (image.dtype == DType::u16 && !saver->deep) refuse("16-bit samples");
  if (image.has_alpha() && !saver->alpha) refuse("alpha");
}

VipsInterpretation interpretation_of(const ImageView& image) {
  const bool deep = image.dtype == DType::u16;
  if (image.channels < 3) return deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
  return deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
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
  const std::string header = image_io::raw_header(suffix, image);
  Bytes file(header.begin(), header.end());
  file.insert(file.end(), pixels.begin(), pixels.end());
  const bool turned = image_io::is_big_endian(suffix) && std::endian::native == std::endian::little;
  if (image.dtype == DType::u16 && turned) {
    for (std::size_t i = header.size(); i + 1 < file.size(); i += 2) std::swap(file[i], file[i + 1]);
  }
  return file;
}

/// What libvips writes itself.
void set_metadata(const VImage& picture, const PictureMetadata& metadata, MetadataWay way) {
  const auto set = [&](const char* name, const Bytes& bytes) {
    if (!bytes.empty()) vips_image_set_blob_copy(picture.get_image(), name, bytes.data(), bytes.size());
  };
  if (way != MetadataWay::vips_icc && way != MetadataWay::tiff) return;
  set(VIPS_META_ICC_NAME, metadata.icc);
  if (way == MetadataWay::tiff) set(VIPS_META_XMP_NAME, metadata.xmp);
}

Bytes with_embedded(Bytes file, const ImageView& image, const PictureMetadata& metadata, MetadataWay way) {
  if (metadata.empty()) return file;
  switch (way) {
    case MetadataWay::png: return image_io::embed_in_png(file, metadata);
    case MetadataWay::jpeg: return image_io::embed_in_jpeg(file, metadata);
    case MetadataWay::tiff: return image_io::embed_in_tiff(file, metadata);
    case MetadataWay::webp: return image_io::embed_in_webp(file, metadata, image.width, image.height);
    default: return file;
  }
}

Bytes save(const ImageView& image, const std::string& saver, const PictureMetadata& metadata, MetadataWay way) {
  Bytes packed;
  const auto pixels = without_gaps(image, packed);
  const VImage picture =
      VImage::new_from_memory(const_cast<std::uint8_t*>(pixels.data()), pixels.size(), static_cast<int>(image.width),
                              static_cast<int>(image.height), static_cast<int>(image.channels),
                              image.dtype == DType::u16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR)
          .copy(VImage::option()->set("interpretation", interpretation_of(image)));
  set_metadata(picture, metadata, way);
  void* data = nullptr;
  std::size_t size = 0;
  // Left alone, libvips makes an EXIF block of its own, which would stand beside the one that is put in.
  const bool put_in = !metadata.empty() && (way == MetadataWay::jpeg || way == MetadataWay::webp);
  picture.write_to_buffer(saver.c_str(), &data, &size, VImage::option()->set("strip", put_in));
  const std::unique_ptr<void, decltype(&g_free)> owner(data, g_free);
  require_readable(image, data, size);
  const auto* first = static_cast<const std::uint8_t*>(data);
  return {first, first + size};
}

}  // namespace

std::vector<std::string> dropped_metadata(const PictureMetadata& metadata, const std::string& suffix) {
  const Saver* saver = saver_with(lower_suffix(suffix));
  const MetadataWay way = saver == nullptr ? MetadataWay::none : saver->metadata;
  const bool jpeg = way == MetadataWay::jpeg, all = way == MetadataWay::png || way == MetadataWay::webp;
  std::vector<std::string> out;
  const auto require = [&](bool held, const Bytes& bytes, const char* name) {
    if (!bytes.empty() && !held) out.emplace_back(name);
  };
  const bool icc = way != MetadataWay::none && (!jpeg || metadata.icc.size() <= image_io::max_jpeg_icc);
  require(icc, metadata.icc, "ICC profile");
  const bool tiff = way == MetadataWay::tiff;
  const bool exif = all || (tiff && !metadata.exif.empty() && image_io::tiff_holds_exif(metadata.exif));
  require(exif || (jpeg && metadata.exif.size() <= image_io::max_jpeg_exif), metadata.exif, "EXIF");
  const bool xmp = all || tiff;
  require(xmp || (jpeg && metadata.xmp.size() <= image_io::max_jpeg_xmp), metadata.xmp, "XMP");
  return out;
}

Bytes encode_image(const ImageView& image, const std::string& suffix, const WriteImageOptions& options) {
  const std::string lower = lower_suffix(suffix), saver = saver_of(lower, suffix, options);
  require_image(image);
  require_room_for_kind(image, lower);
  if (saver.empty()) return raw_file(image, lower);
  image_io::start_vips();
  try {
    const MetadataWay way = saver_with(lower)->metadata;
    return with_embedded(save(image, saver, options.metadata, way), image, options.metadata, way);
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
