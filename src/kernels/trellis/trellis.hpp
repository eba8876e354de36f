// Dependent quantisation: two coarse quantisers whose points interleave, and a trellis that says which of them is next.
//
// A number is a whole multiple u of a step. The quantiser 0 has the even multiples, the quantiser 1 zero and the odd
// ones; an index q stands for u = 2 q in the first, for u = 2 q - sign(q) in the second. Which one a number has follows
// from the state before it, and the state after it from the parity of its index: indices are as rare as with twice the
// step, errors are smaller than those of twice the step. With eight states that is worth 0.17 bit for each number at
// equal error, of the 0.25 that any quantiser could gain (Marcellin and Fischer 1990, doi 10.1109/26.46532; Schwarz et
// al. 2019, doi 10.1109/DCC.2019.00017).
//
// There are 64 trellises side by side, so that vectors of states advance together: number i belongs to lane i mod 64.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::kernels {

inline constexpr std::size_t kTrellisLanes = 64, kTrellisStates = 8;

// The state after a state and the parity of the index there. A state's lowest bit is its quantiser.
inline constexpr std::array<std::array<std::uint8_t, 2>, kTrellisStates> kTrellisNext{
    {{0, 2}, {5, 7}, {1, 3}, {6, 4}, {2, 0}, {4, 6}, {3, 1}, {7, 5}}};

// ---- decoder ---------------------------------------------------------------------------------------------------

// The states of all lanes between two calls.
struct TrellisStates {
  alignas(64) std::array<std::uint8_t, kTrellisLanes> of{};
};
inline constexpr std::int32_t kMultipleZero = 1 << 14;

// out[i] = u + kMultipleZero of the index symbols[i] - zero. symbols[0] belongs to lane 0; all but the last call of a
// stream take a multiple of 64. `zero` is even. Symbol = uint8_t, uint16_t (up to 8191).
template <class Symbol>
void follow_trellis(std::span<const Symbol> symbols, std::int32_t zero, TrellisStates& states,
                    std::uint16_t* out) noexcept;

// ---- encoder ---------------------------------------------------------------------------------------------------

// u of the numbers, in steps, such that the sum of squared errors of each lane is the least that its trellis allows, up
// to the precision of a 32nd of a step (Viterbi's algorithm). x has whole rows of 64 lanes: pad it with zeros, whose u
// is of no use. `room` and `out` are as long as x. |u| is at most about 2^30; x has no NaN.
void search_trellis(std::span<const float> x, std::span<std::uint8_t> room, std::span<std::int32_t> out) noexcept;

// The index of a multiple: odd ones are those of the quantiser 1.
[[nodiscard]] constexpr std::int32_t trellis_index(std::int32_t u) noexcept { return (u + (u > 0 ? 1 : 0)) >> 1; }

// The plain twins, one number after the other.
template <class Symbol>
void follow_trellis_ref(std::span<const Symbol> symbols, std::int32_t zero, TrellisStates& states,
                        std::uint16_t* out) noexcept;
void search_trellis_ref(std::span<const float> x, std::span<std::int32_t> out);

}  // namespace vaerans::kernels
