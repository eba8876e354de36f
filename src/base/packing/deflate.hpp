// Data under deflate in a zlib stream (RFC 1950): what packed chunks and PNG hold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace vaerans {

/// How much time is spent for fewer bytes. What packed chunks are written with decides bytes that are pinned.
enum class DeflateLevel : int { thorough = 9, smallest = 12 };

/// One zlib stream. Throws std::bad_alloc.
[[nodiscard]] std::vector<std::uint8_t> deflated(std::span<const std::uint8_t> data, DeflateLevel level);

/// Fills `out` from one zlib stream that takes all of `packed`. False where it is damaged, has another size, or bytes
/// are left over: what `out` holds then means nothing. Throws std::bad_alloc.
[[nodiscard]] bool inflate(std::span<const std::uint8_t> packed, std::span<std::uint8_t> out);

}  // namespace vaerans
