// What SSIMULACRA2, its twin and its vectorised loops share. Internal to the kernels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/ssimulacra2/ssimulacra2.hpp"

namespace vaerans::kernels::ssimulacra2_parts {

inline constexpr std::size_t kPlanes = 3;
inline constexpr std::size_t kRadius = 5;
// Keeps the similarity of flat windows from being decided by rounding.
inline constexpr double kFlat = 0.0009;

// ---- colours: linear sRGB to XYB as JPEG XL defines it ------------------------------------------------------------

// What long, middle and short cones absorb of R, G, B.
inline constexpr double kCones[kPlanes][kPlanes] = {
    {0.30, 0.622, 0.078}, {0.23, 0.692, 0.078}, {0.24342268924547819, 0.20476744424496821, 0.5518098665095536}};
inline constexpr double kConeBias = 0.0037930732552754493;
inline constexpr double kConeBiasRoot = 0.15595420054924863;  // its cube root
// X · 14 + 0.42, Y + 0.01, B - Y + 0.55: all of them about 0 … 1.
inline constexpr double kScaleX = 14, kShiftX = 0.42, kShiftY = 0.01, kShiftB = 0.55;

// Light of the sRGB values 0 … 255.
using LightTable = std::array<float, 256>;
[[nodiscard]] const LightTable& light_table() noexcept;

// ---- maps and their norms -----------------------------------------------------------------------------------------

// Similarity lost, edges that were not there, edges that are gone: of each the sum and the sum of fourth powers.
enum : std::size_t { kLost, kLost4, kAdded, kAdded4, kGone, kGone4, kSums };
using PlaneSums = std::array<double, kSums>;
using ScaleSums = std::array<PlaneSums, kPlanes>;

// Sums become means and 4-norms.
[[nodiscard]] ScaleSums norms_of(const ScaleSums& sums, std::size_t pixels) noexcept;
/// The weights of a plane's norms at one of so many scales, in their order here: the damage is the sum of all norms by
/// their weights.
[[nodiscard]] PlaneSums weights_of(std::size_t plane, std::size_t scale, std::size_t scales) noexcept;
[[nodiscard]] double score_of(std::span<const ScaleSums> norms) noexcept;

// Weights of the eleven taps by their distance from the centre; they add up to 1.
using Taps = std::array<double, kRadius + 1>;
[[nodiscard]] Taps taps() noexcept;

// Mirrored at the upper and lower edge: -1 is 0, -2 is 1, height is height - 1.
[[nodiscard]] constexpr std::size_t mirrored(std::ptrdiff_t y, std::size_t height) noexcept {
  if (y < 0) return static_cast<std::size_t>(-1 - y);
  const auto at = static_cast<std::size_t>(y);
  return at < height ? at : 2 * height - 1 - at;
}

// ---- vectorised loops ---------------------------------------------------------------------------------------------

// The three planes of a scale of one picture in linear light, one behind the other.
struct LightPlanes {
  float* data;
  std::size_t height, width;
  [[nodiscard]] float* row(std::size_t plane, std::size_t y) const noexcept {
    return data + (plane * height + y) * width;
  }
};

// Columns that are worked on from top to bottom, so that their rows stay in the second-level cache, and the room of a
// row with its margins.
inline constexpr std::size_t kStrip = 128;
inline constexpr std::size_t kRow = kStrip + 2 * kRadius + 22;
// Rows that are kept: a power of two above the eleven that a window has.
inline constexpr std::size_t kRing = 16;
// Floats of scratch for a strip: light of a row, its moments, rings of planes and of means, sums.
inline constexpr std::size_t kStripScratch =
    kPlanes * kRow + 4 * kRow + 2 * kPlanes * kRing * kRow + 4 * kPlanes * kRing * kStrip + kPlanes * kSums * kStrip;

// Sums over all pixels: of pictures of bytes (one or three channels), or of planes of light.
[[nodiscard]] ScaleSums sums_of(ImageView reference, ImageView test, float* scratch) noexcept;
[[nodiscard]] ScaleSums sums_of(const LightPlanes& reference, const LightPlanes& test, float* scratch) noexcept;

}  // namespace vaerans::kernels::ssimulacra2_parts
