// The side information of the band coder, behind the number of the coder: which kind of symbols, and in which tiles.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/memory.hpp"
#include "coding/mixing/bands/band_stream.hpp"

namespace vaerans {

[[nodiscard]] ByteBuffer band_side_info(const BandPlan& plan);

/// Nothing where the side information is of another kind of symbols. Throws Error(corrupt_stream) for what
/// band_side_info() does not write.
[[nodiscard]] std::optional<BandPlan> band_plan_in(std::span<const std::byte> side_info);

}  // namespace vaerans
