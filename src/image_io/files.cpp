// read_bytes, and what it shares with read_image.
#include "image_io/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <span>

#include "base/files/file_descriptor.hpp"
#include "image_io/formats/inspect.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {
namespace image_io {

Error io_error(const std::string& path, const std::string& action, int error_number) {
  // An errno of no error comes from calls that fail without setting it.
  const std::string reason = error_number == 0 ? "unknown reason" : std::strerror(error_number);
  return {ErrorCode::io, path + ": " + action + ": " + reason};
}

namespace {

/// The size of an open file that is about to be read, as in require_readable_file.
std::uint64_t size_for_reading(const FileDescriptor& file, const std::string& path) {
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) throw io_error(path, "cannot be read", errno);
  if (S_ISDIR(status.st_mode)) throw io_error(path, "cannot be read", EISDIR);
  return S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size)
                                 : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

FileDescriptor open_for_reading(const std::string& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::uint64_t require_readable_file(const std::string& path) {
  struct stat status{};
  // A pipe must be opened by its reader alone: opening it here and closing it would cut its writer off.
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return size_for_reading(open_for_reading(path), path);
}

namespace {

[[noreturn]] void too_large(const std::string& path, std::uint64_t max_bytes) {
  throw Error(ErrorCode::limit_exceeded, path + ": larger than the limit of " + std::to_string(max_bytes) + " bytes");
}

}  // namespace
}  // namespace image_io

namespace {

/// Reads into `bytes` from `filled` on, once; false at the file's end.
bool read_more(const FileDescriptor& file, const std::string& path, Bytes& bytes, std::size_t& filled) {
  for (;;) {
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw image_io::io_error(path, "cannot be read", errno);
    filled += static_cast<std::size_t>(got);
    return got != 0;
  }
}

}  // namespace

Bytes read_bytes(const std::string& path, std::uint64_t max_bytes, const LookAtFront& look) {
  const FileDescriptor file = image_io::open_for_reading(path);
  const std::uint64_t known = image_io::size_for_reading(file, path);
  const bool regular = known != std::numeric_limits<std::uint64_t>::max();
  Bytes bytes(image_io::format_front);
  std::size_t filled = 0;
  while (filled < bytes.size() && read_more(file, path, bytes, filled)) {
  }
  if (look) look(std::span(bytes).first(filled));
  if (regular && known > max_bytes) image_io::too_large(path, max_bytes);
  // One byte more than expected, so that the end is seen without another growth.
  bytes.resize(std::max(bytes.size(), regular ? static_cast<std::size_t>(known) : 1U << 16) + 1);
  while (read_more(file, path, bytes, filled)) {
    if (filled > max_bytes) image_io::too_large(path, max_bytes);
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2);
  }
  bytes.resize(filled);
  return bytes;
}

void require_picture(std::span<const std::uint8_t> front, const std::string& name) {
  if (front.empty()) return;  // nothing at all is an error of its own
  try {
    image_io::require_known_format(front);
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

Bytes read_vrs(const std::string& path, const Limits& limits) {
  return read_bytes(path, limits.max_file_bytes, &require_vrs);
}

}  // namespace vaerans
