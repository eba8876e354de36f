// CRC-32 against accidents, and the first 8 bytes of SHA-256 to tell one picture from another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vaerans {

using Digest = std::array<std::byte, 8>;

/// zlib's (ISO 3309); of `before`'s bytes and then these where `before` is the checksum of others.
[[nodiscard]] std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t before = 0);
[[nodiscard]] Digest digest_of(std::span<const std::byte> bytes);
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);

}  // namespace vaerans
