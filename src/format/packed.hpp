// Packed contents of chunks: data as they are, or under deflate where that is shorter.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace vaerans {

/// How many bytes unpacked data may have: no profile or EXIF comes near it.
inline constexpr std::uint64_t max_unpacked = std::uint64_t{64} << 20;

[[nodiscard]] ByteBuffer pack(std::span<const std::uint8_t> data);

/// How many bytes unpacked data have, by what they say of themselves; nothing where a later version packed them in a
/// way that is not known here. Throws Error(corrupt_stream), Error(limit_exceeded).
[[nodiscard]] std::optional<std::uint64_t> unpacked_bytes(std::span<const std::byte> content, std::string_view part);

/// Nothing where unpacked_bytes() is nothing. Takes memory only for a size that the content can hold. Throws
/// Error(corrupt_stream), Error(limit_exceeded).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> unpack(std::span<const std::byte> content,
                                                              std::string_view part);

}  // namespace vaerans
