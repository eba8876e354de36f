// What one index more takes where a subband's indices are coded by their own frequencies.
#pragma once

#include <cstdint>
#include <span>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// For each coefficient the bits of index floors[i] + 1 less those of floors[i], by how often each of them is among the
/// subband's `indices`. All spans are of one size.
void rises_by_frequency(std::span<const Subband> subbands, std::span<const std::int32_t> indices,
                        std::span<const std::int32_t> floors, std::span<float> rises);

}  // namespace vaerans
