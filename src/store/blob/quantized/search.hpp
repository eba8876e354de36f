// Finds the steps that hold a target, and measures what they cost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/blob/header.hpp"

namespace vaerans::blob {

/// The blob of `x`, whose numbers are of header.type, within header.target. Every attempt is restored from its symbols
/// and measured in the numbers' own type. Throws Error: non_finite, bad_parameter where the target cannot be held.
[[nodiscard]] std::vector<std::uint8_t> encode_to_target(std::span<const float> x, const Header& header);

}  // namespace vaerans::blob
