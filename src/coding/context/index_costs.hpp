// What the context coder takes for one index more: for encoders that move coefficients by slopes.
#pragma once

#include <cstdint>
#include <span>

#include "coding/coder.hpp"

namespace vaerans {

/// Bytes of Pyramid::work that rises_in_bits() needs.
[[nodiscard]] std::size_t rises_work_bytes(std::span<const Subband> subbands) noexcept;

/// For each coefficient the bits of index floors[i] + 1 less those of floors[i], in the contexts that `indices` make;
/// what an index does to the contexts of others is not counted. All spans are of one size. Requires can_optimize().
void rises_in_bits(const Pyramid& pyramid, std::span<const std::int32_t> indices, std::span<const std::int32_t> floors,
                   std::span<float> rises);

}  // namespace vaerans
