// Dependent indices: which of two quantisers a coefficient has follows from the indices before it in its band.
//
// The first has its values at whole steps, the second at zero and half a step nearer to it than the first. Together
// they lie as dense as one of half the step, at the indices of a coarse one; which of them is next, the encoder steers
// by the parity of its indices: it looks for the cheapest path through eight states (band_path_each.hpp).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>

namespace vaerans::kernels {

// Bits z, a, b: the lowest is the quantiser.
class DependentState {
 public:
  static constexpr int kStates = 8;

  constexpr DependentState() = default;
  constexpr explicit DependentState(int state) : state_(state) {}

  [[nodiscard]] constexpr int state() const noexcept { return state_; }
  [[nodiscard]] constexpr int quantizer() const noexcept { return state_ & 1; }
  constexpr void pass(int magnitude) noexcept {
    const int z = state_ & 1, a = state_ >> 1 & 1, b = state_ >> 2;
    state_ = (z ^ a) | (b ^ (magnitude & 1)) << 1 | z << 2;
  }
  // The state that leads here by a magnitude of that parity; its quantiser is the same for both.
  [[nodiscard]] constexpr DependentState before(int parity) const noexcept {
    const int z = state_ >> 2, a = (state_ & 1) ^ z, b = (state_ >> 1 & 1) ^ parity;
    return DependentState(z | a << 1 | b << 2);
  }

 private:
  int state_ = 0;
};

// Indices of a band, in the order of coding, to half steps from zero: twice the index, in the second quantiser one
// less.
inline void to_half_steps(std::span<std::int32_t> indices, bool dependent) noexcept {
  DependentState state;
  for (auto& q : indices) {
    const int less = dependent && q != 0 ? state.quantizer() : 0;
    state.pass(std::abs(q));
    q = 2 * q - (q < 0 ? -less : less);
  }
}

}  // namespace vaerans::kernels
