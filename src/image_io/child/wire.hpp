// What read_image and its child process say to each other.
//
// Over one socket goes a Request with two open files: the picture, and a pipe for the answer. The answer is a row of
// frames: metadata…, size, pixels…, then done or failed.
// When the process that decoded has ended, its exit status follows on the
// socket. Both ends are the same program, so numbers are in the machine's own order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "base/files/file_descriptor.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::image_io {

struct Request {
  ReadImageOptions options;
};
static_assert(std::is_trivially_copyable_v<Request>);

enum class FrameKind : std::uint32_t {
  size = 1,    ///< a PictureShape
  pixels = 2,  ///< part of the rows
  done = 3,
  failed = 4,    ///< an ErrorCode as u16, and the text
  metadata = 5,  ///< a MetadataKind as u8, and more bytes of it
};
struct Frame {
  FrameKind kind;
  std::uint32_t bytes;  ///< that follow
};

/// False where the other side has gone.
[[nodiscard]] bool send_request(int socket, const Request& request, int picture, int answer);
/// Receives a request and its two files; false at the end of the connection.
[[nodiscard]] bool receive_request(int socket, Request& request, FileDescriptor& picture, FileDescriptor& answer);

/// Reads or writes all of it; false where the other side has gone.
[[nodiscard]] bool read_fully(int fd, void* data, std::size_t bytes);
[[nodiscard]] bool write_fully(int fd, const void* data, std::size_t bytes);

}  // namespace vaerans::image_io
