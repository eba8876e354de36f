// Finds the steps that hold a target, and measures what they cost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/blob/header.hpp"

namespace vaerans::blob {

/// The blob of `x`, whose numbers are of header.type, within header.target. Every attempt is decoded and measured in
/// the numbers' own type. Throws Error: non_finite, bad_parameter where the target cannot be held.
[[nodiscard]] std::vector<std::uint8_t> encode_to_target(std::span<const float> x, const Header& header);

/// Header, raw bytes, words and checksum as the bytes of a blob.
[[nodiscard]] std::vector<std::uint8_t> assemble(const Header& header, std::span<const std::byte> raw,
                                                 std::span<const std::uint32_t> words);

}  // namespace vaerans::blob
