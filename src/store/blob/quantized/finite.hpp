// Numbers that a quantiser's step has moved beyond what their type holds.
#pragma once

#include <cstddef>
#include <span>

#include "store/blob/header.hpp"

namespace vaerans::blob {

/// What became infinite in the array's own type becomes the largest finite number of its sign: the array was finite.
/// `bytes` are its numbers in that type. Looks at them only where the header leaves that possible.
void make_finite(const Header& header, std::span<std::byte> bytes);

}  // namespace vaerans::blob
