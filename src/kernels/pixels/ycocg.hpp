// Luma and chroma of pixels, as floats, and back.
//
// Y = (R + 2 G + B) / 4 - 128, Cg = (2 G - R - B) / 4, Co = (R - B) / 2 (Malvar and Sullivan 2003), each times
// sqrt(3): an error of 1 in a plane is then one of length 1 in (R, G, B), so errors weigh alike wherever they are made.
// Grey is the Y of three equal channels. Samples of 16 bits are divided by 257 first, so that steps mean the same.
// Products and sums in one order, none fused, so that all machines agree.
#pragma once

#include <cstdint>
#include <span>

namespace vaerans::kernels {

// rgb: 3 n samples, pixel by pixel; planes: 3 n, plane by plane: Y, Cg, Co.
void to_ycocg(std::span<const std::uint8_t> rgb, std::span<float> planes) noexcept;
void to_ycocg(std::span<const std::uint16_t> rgb, std::span<float> planes) noexcept;
// y = Y / sqrt(3) + 128, likewise cg and co; R = (y - cg) + co, G = y + cg, B = (y - cg) - co: clamped to 0..255, those
// of 16 bits times 257, rounded, halves up; NaN becomes 0.
void from_ycocg(std::span<const float> planes, std::span<std::uint8_t> rgb) noexcept;
void from_ycocg(std::span<const float> planes, std::span<std::uint16_t> rgb) noexcept;

// The same of one channel: n samples and their Y.
void to_luma(std::span<const std::uint8_t> grey, std::span<float> plane) noexcept;
void to_luma(std::span<const std::uint16_t> grey, std::span<float> plane) noexcept;
void from_luma(std::span<const float> plane, std::span<std::uint8_t> grey) noexcept;
void from_luma(std::span<const float> plane, std::span<std::uint16_t> grey) noexcept;

}  // namespace vaerans::kernels
