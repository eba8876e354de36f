// The child's side: a process that decodes one picture after another, each in a process of its own.
#pragma once

namespace vaerans::image_io {

/// Answers requests from `socket` until the other side closes it, then ends the process. Each picture is decoded in a
/// fork: what one picture's decoder did to its memory never reaches the next picture.
[[noreturn]] void serve_pictures(int socket);

}  // namespace vaerans::image_io
