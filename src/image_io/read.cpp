// read_image: opens the file, and has it decoded in a child process or here.
#include <sys/socket.h>
#include <sys/stat.h>
#include <array>
#include <cstring>
#include <mutex>

#include "image_io/child/helper.hpp"
#include "image_io/child/worker.hpp"
#include "image_io/decode.hpp"
#include "image_io/files.hpp"
#include "image_io/vips_support.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kSuffixes[] = {
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".tga",  ".ico",  ".cur",
    ".ppm", ".pgm", ".pbm",  ".pam",  ".pnm", ".jp2",  ".j2k", ".jxl", ".avif", ".heic", ".heif",
};

class ImageSink final : public image_io::PixelSink {
 public:
  void size(const image_io::PictureShape& shape) override {
    image.height = shape.height;
    image.width = shape.width;
    image.channels = shape.channels;
    image.dtype = shape.deep != 0 ? DType::u16 : DType::u8;
    image.rgb.clear();
    image.rgb.reserve(shape.height * shape.row_bytes());
  }
  void rows(std::span<const std::uint8_t> bytes) override {
    image.rgb.insert(image.rgb.end(), bytes.begin(), bytes.end());
  }
  void metadata(image_io::MetadataKind kind, std::span<const std::uint8_t> bytes) override {
    Bytes& all = image_io::metadata_of(image.metadata, kind);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  Image image;
};

Image decode_here(std::span<const std::uint8_t> bytes, const ReadImageOptions& options) {
  // libvips has one text of errors for all threads: two pictures at a time could be given each other's reasons.
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  ImageSink sink;
  image_io::start_vips();
  image_io::decode_picture(bytes, options, sink);
  return std::move(sink.image);
}

Image decode_there(const image_io::PictureSource& source, const ReadImageOptions& options) {
  ImageSink sink;
  image_io::decode_in_child(source, options, sink);
  return std::move(sink.image);
}

Image decode(std::span<const std::uint8_t> bytes, const ReadImageOptions& options) {
  if (bytes.empty()) throw Error(ErrorCode::image_unreadable, "empty (0 bytes)");
  return image_io::helpers_in_use() ? decode_there({{}, bytes}, options) : decode_here(bytes, options);
}

/// Runs `decoding`, whose errors do not know the picture's name.
template <typename Decoding>
Image with_name(const std::string& name, Decoding decoding) {
  try {
    return decoding();
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

}  // namespace

std::span<const std::string_view> picture_suffixes() noexcept { return kSuffixes; }

Image read_image(const std::string& path, const ReadImageOptions& options) {
  const std::uint64_t size = image_io::require_readable_file(path);
  const bool regular = size != std::numeric_limits<std::uint64_t>::max();
  if (!regular || size == 0 || !image_io::helpers_in_use()) {
    const auto look = [&](auto front) { require_picture(front, path); };
    const Bytes bytes = read_bytes(path, options.limits.max_file_bytes, look);
    return with_name(path, [&] { return decode(bytes, options); });
  }
  return with_name(path, [&] { return decode_there({image_io::open_for_reading(path), {}}, options); });
}

Image read_image(std::span<const std::uint8_t> bytes, const ReadImageOptions& options, const std::string& name) {
  return with_name(name, [&] { return decode(bytes, options); });
}

void isolate_picture_reading(int argc, char** argv) {
  int type = 0;
  socklen_t length = sizeof type;
  const bool asked = argc == 2 && std::strcmp(argv[1], image_io::helper_argument) == 0 &&
                     ::getsockopt(image_io::helper_socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
                     type == SOCK_SEQPACKET;
  if (asked) image_io::serve_pictures(image_io::helper_socket);
  // The link of Linux to the running program stays right when the program's file is moved or replaced.
  struct stat link{};
  image_io::use_helpers(::lstat("/proc/self/exe", &link) == 0 || argc < 1 ? "/proc/self/exe" : argv[0]);
}

}  // namespace vaerans
