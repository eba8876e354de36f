// What the numbers of an array become: whole multiples of their channels' steps.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "store/blob/header.hpp"
#include "store/blob/room.hpp"

namespace vaerans::blob {

using Integers = RecycledRoom<std::int32_t>;

/// In the order of the symbols, by geometry, base, scales, centers and trellis of `header`. Without a trellis a number
/// is rounded by itself; with one all are chosen together, such that each is one of the quantiser's that it meets.
[[nodiscard]] Integers integers_of(std::span<const float> x, const Header& header);

}  // namespace vaerans::blob
