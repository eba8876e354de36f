// The parent's side: child processes that decode pictures, started when needed and kept for the next picture.
#pragma once

#include <string>

#include "image_io/child/wire.hpp"
#include "image_io/decode.hpp"

namespace vaerans::image_io {

/// The argument by which a program is started as a reader of pictures; its socket is descriptor `helper_socket`.
constexpr const char* helper_argument = "--vaerans-read-pictures";
constexpr int helper_socket = 3;

/// Whether read_image shall decode in child processes; `program` is what they are started from.
void use_helpers(std::string program);
[[nodiscard]] bool helpers_in_use();

/// A picture for a child: an open regular file, or bytes in memory (`file` is not open then).
struct PictureSource {
  FileDescriptor file;
  std::span<const std::uint8_t> memory;
};

/// Decodes in a child process. Errors of decode_picture; a decoder that crashes on the picture is
/// Error(image_unreadable), one that takes too much time or memory Error(limit_exceeded); Error(io) where no process
/// can be made. For any number of threads at a time, each with a child of its own.
void decode_in_child(const PictureSource& source, const ReadImageOptions& options, PixelSink& sink);

}  // namespace vaerans::image_io
