// Reading a child's answer. The child has met hostile bytes: what it says is not trusted either.
#pragma once

#include "image_io/decode.hpp"

namespace vaerans::image_io {

/// Hands the pixels of an answer to `sink`. Throws the child's Error. False where the answer breaks off, or is none.
[[nodiscard]] bool receive_answer(int answer, const Limits& limits, PixelSink& sink);

}  // namespace vaerans::image_io
