// Scalar quantisers and the way back, on contiguous spans (a band is one span).
//
// Two families. *Affine*: min and scale of the data map it onto 0..levels, for fixed bit depths (QuantizeU8). *Step*: a
// uniform quantiser with dead zone around zero and signed indices, for rate-distortion work; indices are then shifted
// by the smallest one to become unsigned symbols.
//
// Outputs have the length of the input; of a shorter output span, that many elements are written. No input is undefined
// behaviour, and what NaN and infinities give is stated: a caller may test min_max(...).finite once and refuse them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::kernels {

// ---- ranges ----------------------------------------------------------------------------------------------------

struct Range {
  float min = 0;
  float max = 0;
  bool finite = true;  // no NaN and no infinity seen; min and max mean nothing otherwise
};
// An empty span gives {0, 0, true}.
[[nodiscard]] Range min_max(std::span<const float> x) noexcept;

struct IntRange {
  std::int32_t min = 0;
  std::int32_t max = 0;
};
[[nodiscard]] IntRange min_max(std::span<const std::int32_t> x) noexcept;

// ---- affine ----------------------------------------------------------------------------------------------------

// out = clamp(round((x - min) / scale), 0, 255), halves away from zero. scale <= 0 (a constant band) gives 0
// everywhere; NaN gives 0. The usual scale is (max - min) / 255; then the error is at most scale / 2, rounding aside.
void quantize_affine(std::span<const float> x, float min, float scale, std::span<std::uint8_t> out) noexcept;

// The same with `max_level` (1..65535) instead of 255.
void quantize_affine(std::span<const float> x, float min, float scale, std::uint16_t max_level,
                     std::span<std::uint16_t> out) noexcept;

// ---- step ------------------------------------------------------------------------------------------------------

// Largest magnitude of an index.
inline constexpr std::int32_t kMaxIndex = std::int32_t{1} << 30;

// out = sign(x) * floor(|x| / step + rounding), saturated to +-kMaxIndex; NaN gives 0. step > 0; rounding in (0, 0.5]:
// 0.5 is the plain uniform quantiser, smaller values widen the dead zone to 2 * (1 - rounding) * step. Returns the
// least and the largest index written ({0, 0} if there is none), as min_max would find them in a pass of its own.
IntRange quantize_step(std::span<const float> x, float step, float rounding, std::span<std::int32_t> out) noexcept;

// out = sign(x) * floor((|x| + rounding) / step), saturated likewise. step >= 1, rounding in 0..step-1 (step / 2 is the
// plain quantiser; step 1, rounding 0 copies). A step below 1 counts as 1. T = int16_t, int32_t. Returns as above.
template <class T>
IntRange quantize_step_int(std::span<const T> x, std::int32_t step, std::int32_t rounding,
                           std::span<std::int32_t> out) noexcept;

// ---- indices <-> symbols ---------------------------------------------------------------------------------------

// out = q - offset. False if any value does not fit Symbol (uint8_t, uint16_t); the output is then of no use.
template <class Symbol>
[[nodiscard]] bool to_symbols(std::span<const std::int32_t> q, std::int32_t offset, std::span<Symbol> out) noexcept;

// ---- back ------------------------------------------------------------------------------------------------------

// out = bias + scale * (sym + offset). Affine data: offset 0, bias = min. Step data: scale = step, bias 0.
// offset within +-kMaxIndex. Symbol = uint8_t, uint16_t.
template <class Symbol>
void dequantize(std::span<const Symbol> sym, std::int32_t offset, float scale, float bias,
                std::span<float> out) noexcept;

// Step data with reconstruction points pulled towards zero: q = sym + offset, out = sign(q) * (|q| - shrink) * step,
// 0 for q = 0. shrink in [0, 0.5]; 0 equals dequantize(sym, offset, step, 0, out).
template <class Symbol>
void dequantize_step(std::span<const Symbol> sym, std::int32_t offset, float step, float shrink,
                     std::span<float> out) noexcept;

// out = (sym + offset) * step, modulo 2^bits of T (a well-formed stream never wraps). T = int16_t, int32_t.
template <class Symbol, class T>
void dequantize_int(std::span<const Symbol> sym, std::int32_t offset, std::int32_t step, std::span<T> out) noexcept;

}  // namespace vaerans::kernels
