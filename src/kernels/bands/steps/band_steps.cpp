#include "kernels/bands/steps/band_steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "kernels/bands/steps/step_map.hpp"

namespace vaerans::kernels {
namespace {

// Whether the index is 1, 2 or more; the half steps are not 0.
std::size_t size_class(std::int32_t half_steps) {
  return static_cast<std::size_t>(std::min((std::abs(half_steps) + 1) >> 1, 3) - 1);
}

std::int32_t rounded(float v) { return static_cast<std::int32_t>(v < 0 ? v - 0.5F : v + 0.5F); }

// In 1/256 of a step.
float restored(std::int32_t half_steps, const StepCenters& centers) {
  const std::int32_t less = half_steps == 0 ? 0 : centers[size_class(half_steps)];
  return static_cast<float>(128 * half_steps + (half_steps > 0 ? -less : less));
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

void from_steps(std::span<const std::int32_t> half_steps, float step, const StepCenters& centers,
                std::span<float> out) noexcept {
  const float scale = step / 256.0F;
  for (std::size_t i = 0; i < half_steps.size(); ++i) out[i] = restored(half_steps[i], centers) * scale;
}

void from_steps(std::span<const std::int32_t> half_steps, const VisualSteps& steps,
                std::span<const std::int16_t> exponents, const StepCenters& centers, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < half_steps.size(); ++i)
    out[i] = restored(half_steps[i], centers) * (steps.at(exponents[i]) / 256.0F);
}

void StepSums::add(std::span<const std::int32_t> values, std::span<const std::int32_t> half_steps) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (half_steps[i] == 0) continue;
    const std::size_t size = size_class(half_steps[i]);
    short_of[size] += 128 * std::abs(half_steps[i]) - std::abs(values[i]);
    ++count[size];
  }
}

void StepSums::add(const StepSums& other) noexcept {
  for (std::size_t i = 0; i < count.size(); ++i) {
    short_of[i] += other.short_of[i];
    count[i] += other.count[i];
  }
}

StepCenters StepSums::centers(std::int64_t least, std::int64_t most) const noexcept {
  StepCenters out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (count[i] == 0) continue;
    out[i] = static_cast<std::int16_t>(std::clamp((short_of[i] + count[i] / 2) / count[i], least, most));
  }
  return out;
}

}  // namespace vaerans::kernels
