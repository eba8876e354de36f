#include "kernels/bands/band_steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vaerans::kernels {
namespace {

std::size_t size_class(std::int32_t magnitude) { return static_cast<std::size_t>(std::min(magnitude, 3) - 1); }

}  // namespace

BasisLength basis_length(unsigned level) noexcept {
  static constexpr std::array<BasisLength, 9> kLengths{{{1.0F, 1.0F},
                                                        {0.99144018F, 1.02001757F},
                                                        {1.01518588F, 0.983471241F},
                                                        {1.02571584F, 1.01962132F},
                                                        {1.0288213F, 1.03688001F},
                                                        {1.02963774F, 1.04203641F},
                                                        {1.02984495F, 1.04339706F},
                                                        {1.02989695F, 1.04374271F},
                                                        {1.02990994F, 1.04382951F}}};
  return kLengths[std::min<std::size_t>(level, kLengths.size() - 1)];
}

void to_steps(std::span<const float> in, float step, std::span<std::int32_t> out) noexcept {
  const float scale = 256.0F / step;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const float v = in[i] * scale;
    out[i] = static_cast<std::int32_t>(v < 0 ? v - 0.5F : v + 0.5F);
  }
}

void from_steps(std::span<const std::int32_t> indices, float step, const StepCenters& centers,
                std::span<float> out) noexcept {
  const float scale = step / 256.0F;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int32_t q = indices[i];
    const std::int32_t less = q == 0 ? 0 : centers[size_class(std::abs(q))];
    out[i] = static_cast<float>(256 * q + (q > 0 ? -less : less)) * scale;
  }
}

void StepSums::add(std::span<const std::int32_t> values, std::span<const std::int32_t> indices) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int32_t magnitude = std::abs(indices[i]);
    if (magnitude == 0) continue;
    short_of[size_class(magnitude)] += 256 * magnitude - std::abs(values[i]);
    ++count[size_class(magnitude)];
  }
}

StepCenters StepSums::centers() const noexcept {
  StepCenters out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (count[i] == 0) continue;
    out[i] = static_cast<std::uint8_t>(std::clamp<std::int64_t>((short_of[i] + count[i] / 2) / count[i], 0, 255));
  }
  return out;
}

}  // namespace vaerans::kernels
