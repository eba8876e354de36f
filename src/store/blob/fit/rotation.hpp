// A rotation of an array's channels, fitted to the array: what channels have in common is coded once.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory.hpp"
#include "store/blob/header.hpp"

namespace vaerans::blob {

/// The rotation for header.rotation, by the geometry, steps, centers and trellis of `header`; empty where it gains too
/// little or the channels cannot be rotated. The same on every instruction set.
[[nodiscard]] RecycledVector<std::int8_t> fit_rotation(std::span<const float> x, const Header& header);

/// From numbers to those that are coded: the inverse of header.rotation, row by row.
[[nodiscard]] RecycledVector<float> inverse_rotation(const Header& header);

}  // namespace vaerans::blob
