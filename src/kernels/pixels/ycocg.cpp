#include "kernels/pixels/ycocg.hpp"

#include <cstddef>
#include <numbers>

namespace vaerans::kernels {
namespace {

constexpr float kQuarterRoot = std::numbers::sqrt3_v<float> / 4, kHalfRoot = std::numbers::sqrt3_v<float> / 2;
constexpr float kInverse = std::numbers::inv_sqrt3_v<float>;

std::uint8_t to_sample(float v) {
  const float limited = v < 255.0F ? v : 255.0F;
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): the sum in float32 is what the format says
  return limited > 0.0F ? static_cast<std::uint8_t>(limited + 0.5F) : std::uint8_t{0};
}

}  // namespace

void to_ycocg(std::span<const std::uint8_t> rgb, std::span<float> planes) noexcept {
  const std::size_t n = rgb.size() / 3;
  for (std::size_t i = 0; i < n; ++i) {
    const int r = rgb[3 * i], g = rgb[3 * i + 1], b = rgb[3 * i + 2];
    planes[i] = static_cast<float>(r + 2 * g + b - 512) * kQuarterRoot;
    planes[n + i] = static_cast<float>(2 * g - r - b) * kQuarterRoot;
    planes[2 * n + i] = static_cast<float>(r - b) * kHalfRoot;
  }
}

void from_ycocg(std::span<const float> planes, std::span<std::uint8_t> rgb) noexcept {
  const std::size_t n = rgb.size() / 3;
  for (std::size_t i = 0; i < n; ++i) {
    const float y = planes[i] * kInverse + 128.0F;
    const float cg = planes[n + i] * kInverse, co = planes[2 * n + i] * kInverse;
    const float rest = y - cg;
    rgb[3 * i] = to_sample(rest + co);
    rgb[3 * i + 1] = to_sample(y + cg);
    rgb[3 * i + 2] = to_sample(rest - co);
  }
}

}  // namespace vaerans::kernels
