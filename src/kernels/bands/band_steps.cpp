#include "kernels/bands/band_steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/bands/step_map.hpp"

namespace vaerans::kernels {
namespace {

std::size_t size_class(std::int32_t magnitude) { return static_cast<std::size_t>(std::min(magnitude, 3) - 1); }

std::int32_t rounded(float v) { return static_cast<std::int32_t>(v < 0 ? v - 0.5F : v + 0.5F); }

// In 1/256 of a step.
float restored(std::int32_t q, const StepCenters& centers) {
  const std::int32_t less = q == 0 ? 0 : centers[size_class(std::abs(q))];
  return static_cast<float>(256 * q + (q > 0 ? -less : less));
}

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
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = rounded(in[i] * scale);
}

VisualSteps::VisualSteps(float step, int weight) noexcept {
  for (int e = -kReach; e <= kReach; ++e) steps_[static_cast<std::size_t>(e + kReach)] = step * step_factor(weight + e);
}

void to_steps(std::span<const float> in, const VisualSteps& steps, std::span<const std::int16_t> exponents,
              std::span<std::int32_t> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = rounded(in[i] * (256.0F / steps.at(exponents[i])));
}

void from_steps(std::span<const std::int32_t> indices, float step, const StepCenters& centers,
                std::span<float> out) noexcept {
  const float scale = step / 256.0F;
  for (std::size_t i = 0; i < indices.size(); ++i) out[i] = restored(indices[i], centers) * scale;
}

void from_steps(std::span<const std::int32_t> indices, const VisualSteps& steps,
                std::span<const std::int16_t> exponents, const StepCenters& centers, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < indices.size(); ++i)
    out[i] = restored(indices[i], centers) * (steps.at(exponents[i]) / 256.0F);
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
