// Effort: the range of the numbers that say how much time an encoder takes.
#pragma once

#include <cstdint>

namespace vaerans {

/// Higher is slower, and not larger at the same quality. What each number means, and where that does not hold:
/// docs/effort.md.
inline constexpr std::int64_t least_effort = 1, most_effort = 9, default_effort = 5;

}  // namespace vaerans
