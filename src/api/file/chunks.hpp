// Changing the chunks of a file without understanding or decoding any.
#pragma once

#include <functional>
#include <span>

#include "format/chunks.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// The file with `chunks` in the place of those that `replaced` names; a draft is renewed first. Throws what
/// verify_file() throws.
[[nodiscard]] Bytes with_chunks(std::span<const std::uint8_t> bytes, const std::function<bool(const Chunk&)>& replaced,
                                std::span<const Chunk> chunks, const Limits& limits);

}  // namespace vaerans
