// Arrays of f16 or bf16 kept bit by bit. Of each number the eight bits below the sign, which say how large it is, are a
// symbol with a table; sign and the last seven bits are as good as random and stand as they are, one raw byte each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "store/blob/header.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {

struct ExactParts {
  ByteBuffer raw;
  Words words;
};
/// Fills in the header's tables and sections.
[[nodiscard]] ExactParts encode_exact(std::span<const std::uint16_t> bits, Header& header);

/// Throws Error(corrupt_stream).
void decode_exact(const Parts& parts, std::span<std::uint16_t> bits);

}  // namespace vaerans::blob
