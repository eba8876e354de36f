// Luma and chroma of 8-bit pixels, as floats, and back.
//
// Y = (R + 2 G + B) / 4 - 128, Cg = (2 G - R - B) / 4, Co = (R - B) / 2 (Malvar and Sullivan 2003), each times
// sqrt(3): an error of 1 in a plane is then one of length 1 in (R, G, B), so errors weigh alike wherever they are made.
// Products and sums in one order, none fused, so that all machines agree.
#pragma once

#include <cstdint>
#include <span>

namespace vaerans::kernels {

// rgb: 3 n samples, pixel by pixel; planes: 3 n, plane by plane: Y, Cg, Co.
void to_ycocg(std::span<const std::uint8_t> rgb, std::span<float> planes) noexcept;
// y = Y / sqrt(3) + 128, likewise cg and co; R = (y - cg) + co, G = y + cg, B = (y - cg) - co: rounded, halves up, and
// clamped to 0..255; NaN becomes 0.
void from_ycocg(std::span<const float> planes, std::span<std::uint8_t> rgb) noexcept;

}  // namespace vaerans::kernels
