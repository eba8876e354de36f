// Coefficients in steps of their band, and back.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/bands/band_plane.hpp"

namespace vaerans::kernels {

// How far a step in a band moves the picture, against one in an orthonormal transform: the length of the band's basis
// functions, along one dimension, of the 9/7 as dwt.hpp scales it. By level, 0 (no wavelet) to 8; coarser ones as 8.
struct BasisLength {
  float low, high;
};
[[nodiscard]] BasisLength basis_length(unsigned level) noexcept;

// Where values of magnitude 1, 2, and more lie in their step: that much nearer to zero than its middle, in 1/256.
using StepCenters = std::array<std::int16_t, 3>;

// The steps of a band by exponents (step_map.hpp): step · 2^(e / 16), rounded once.
class VisualSteps {
 public:
  VisualSteps(float step, int weight) noexcept;
  [[nodiscard]] float at(std::int16_t exponent) const noexcept {
    return steps_[static_cast<std::size_t>(exponent + kReach)];
  }

 private:
  static constexpr int kReach = 8 * 16;  // sixteenths of an octave in a map's largest half octaves
  std::array<float, 2 * kReach + 1> steps_;
};

// Rounded to 1/256 of a step. Every value must be within ±BandPlane::kMostMagnitude steps.
void to_steps(std::span<const float> in, float step, std::span<std::int32_t> out) noexcept;
void to_steps(std::span<const float> in, const VisualSteps& steps, std::span<const std::int16_t> exponents,
              std::span<std::int32_t> out) noexcept;
// step / 256 × (128 × half steps, less what `centers` say towards zero), in float. Half steps of an index: twice it, or
// what dependent.hpp says.
void from_steps(std::span<const std::int32_t> half_steps, float step, const StepCenters& centers,
                std::span<float> out) noexcept;
void from_steps(std::span<const std::int32_t> half_steps, const VisualSteps& steps,
                std::span<const std::int16_t> exponents, const StepCenters& centers, std::span<float> out) noexcept;

// How far the values of each magnitude lie from the middle of their step, and how many there are.
struct StepSums {
  std::array<std::int64_t, 3> short_of{}, count{};
  void add(std::span<const std::int32_t> values, std::span<const std::int32_t> half_steps) noexcept;
  void add(const StepSums& other) noexcept;
  // Their means, at most these.
  [[nodiscard]] StepCenters centers(std::int64_t least, std::int64_t most) const noexcept;
};

}  // namespace vaerans::kernels
