// CRC-32 against accidents, and the first 8 bytes of SHA-256 to tell one picture from another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace vaerans {

using Digest = std::array<std::byte, 8>;

[[nodiscard]] std::uint32_t crc32_of(std::span<const std::byte> bytes);  ///< zlib's (ISO 3309)
[[nodiscard]] Digest digest_of(std::span<const std::byte> bytes);
[[nodiscard]] std::string hex(std::span<const std::byte> bytes);

}  // namespace vaerans
