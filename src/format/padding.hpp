// Padding: what makes the file of a large picture of few bytes as large as a reader with the usual limits wants it.
#pragma once

#include <cstdint>

#include "base/memory.hpp"
#include "format/chunks.hpp"

namespace vaerans {

/// How many bytes must be added to a file of so many; 0: none.
[[nodiscard]] std::uint64_t padding_for(std::uint64_t pixels, std::uint64_t file_bytes);

/// A chunk that a decoder skips, with this content, which is zeros.
[[nodiscard]] Chunk padding_chunk(const ByteBuffer& zeros);
[[nodiscard]] bool is_padding(const Chunk& chunk);

}  // namespace vaerans
