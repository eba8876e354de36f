// Rounding without library calls, so that loops over it vectorise. Internal to the kernels.
#pragma once

#include <cstdint>

namespace vaerans::kernels {

// The nearest integer to v in [0, 2^30], halves upwards. Compares the exact fraction, since v + 0.5F may itself round.
[[nodiscard]] constexpr std::int32_t round_nonnegative(float v) noexcept {
  const auto whole = static_cast<std::int32_t>(v);
  const float fraction = v - static_cast<float>(whole);
  return whole + static_cast<std::int32_t>(fraction >= 0.5F);
}

// v limited to 0..limit, NaN to 0, rounded.
[[nodiscard]] constexpr std::int32_t round_clamped(float v, float limit) noexcept {
  const float positive = v > 0.0F ? v : 0.0F;
  return round_nonnegative(positive < limit ? positive : limit);
}

}  // namespace vaerans::kernels
