#include "kernels/pixels/ycocg.hpp"

#include <cstddef>
#include <limits>
#include <numbers>

namespace vaerans::kernels {
namespace {

constexpr float kRoot = std::numbers::sqrt3_v<float>, kInverse = std::numbers::inv_sqrt3_v<float>;

// What a sample goes by in steps of 8-bit ones: 1 or 257.
template <typename Sample>
constexpr float kScale = float{std::numeric_limits<Sample>::max()} / 255;

template <typename Sample>
float in_8_bits(int sum) {
  return static_cast<float>(sum) / kScale<Sample>;
}

template <typename Sample>
Sample to_sample(float v) {
  const float limited = v < 255.0F ? v : 255.0F;
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): the sum in float32 is what the format says
  return limited > 0.0F ? static_cast<Sample>(limited * kScale<Sample> + 0.5F) : Sample{0};
}

template <typename Sample>
void planes_of(std::span<const Sample> rgb, std::span<float> planes) {
  const std::size_t n = rgb.size() / 3;
  for (std::size_t i = 0; i < n; ++i) {
    const int r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
    planes[i] = (in_8_bits<Sample>(r + 2 * g + b) - 512) * (kRoot / 4);
    planes[n + i] = in_8_bits<Sample>(2 * g - r - b) * (kRoot / 4);
    planes[2 * n + i] = in_8_bits<Sample>(r - b) * (kRoot / 2);
  }
}

template <typename Sample>
void pixels_of(std::span<const float> planes, std::span<Sample> rgb) {
  const std::size_t n = rgb.size() / 3;
  for (std::size_t i = 0; i < n; ++i) {
    const float y = planes[i] * kInverse + 128.0F;
    const float cg = planes[n + i] * kInverse, co = planes[2 * n + i] * kInverse;
    const float rest = y - cg;
    rgb[3 * i] = to_sample<Sample>(rest + co);
    rgb[3 * i + 1] = to_sample<Sample>(y + cg);
    rgb[3 * i + 2] = to_sample<Sample>(rest - co);
  }
}

template <typename Sample>
void luma_of(std::span<const Sample> grey, std::span<float> plane) {
  for (std::size_t i = 0; i < grey.size(); ++i) plane[i] = (in_8_bits<Sample>(grey[i]) - 128) * kRoot;
}

template <typename Sample>
void grey_of(std::span<const float> plane, std::span<Sample> grey) {
  for (std::size_t i = 0; i < grey.size(); ++i) grey[i] = to_sample<Sample>(plane[i] * kInverse + 128.0F);
}

}  // namespace

void to_ycocg(std::span<const std::uint8_t> rgb, std::span<float> planes) noexcept { planes_of(rgb, planes); }
void to_ycocg(std::span<const std::uint16_t> rgb, std::span<float> planes) noexcept { planes_of(rgb, planes); }
void from_ycocg(std::span<const float> planes, std::span<std::uint8_t> rgb) noexcept { pixels_of(planes, rgb); }
void from_ycocg(std::span<const float> planes, std::span<std::uint16_t> rgb) noexcept { pixels_of(planes, rgb); }
void to_luma(std::span<const std::uint8_t> grey, std::span<float> plane) noexcept { luma_of(grey, plane); }
void to_luma(std::span<const std::uint16_t> grey, std::span<float> plane) noexcept { luma_of(grey, plane); }
void from_luma(std::span<const float> plane, std::span<std::uint8_t> grey) noexcept { grey_of(plane, grey); }
void from_luma(std::span<const float> plane, std::span<std::uint16_t> grey) noexcept { grey_of(plane, grey); }

}  // namespace vaerans::kernels
