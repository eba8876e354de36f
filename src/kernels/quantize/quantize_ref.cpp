// The scalar twins of quantize.hpp.
#include "kernels/quantize/quantize_ref.hpp"

#include <algorithm>
#include <limits>

#include "kernels/common/rounding.hpp"

namespace vaerans::kernels {
namespace {

template <class A, class B>
std::size_t common_size(std::span<A> a, std::span<B> b) noexcept {
  return std::min(a.size(), b.size());
}

template <class Symbol>
void affine(std::span<const float> x, float min, float scale, float limit, std::span<Symbol> out) noexcept {
  const std::size_t n = common_size(x, out);
  if (!(scale > 0.0F)) {
    std::fill_n(out.begin(), n, Symbol{0});
    return;
  }
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<Symbol>(round_clamped((x[i] - min) / scale, limit));
}

}  // namespace

Range min_max_ref(std::span<const float> x) noexcept {
  if (x.empty()) return {};
  Extremes extremes(x[0]);
  std::size_t i = 0;
  for (; i + Extremes::kLanes <= x.size(); i += Extremes::kLanes) {
    for (std::size_t lane = 0; lane < Extremes::kLanes; ++lane) extremes.add(lane, x[i + lane]);
  }
  for (; i < x.size(); ++i) extremes.add(0, x[i]);
  return extremes.result();
}

IntRange min_max_ref(std::span<const std::int32_t> x) noexcept {
  if (x.empty()) return {};
  IntRange range{x[0], x[0]};
  for (const std::int32_t v : x) {
    range.min = std::min(range.min, v);
    range.max = std::max(range.max, v);
  }
  return range;
}

void quantize_affine_ref(std::span<const float> x, float min, float scale, std::span<std::uint8_t> out) noexcept {
  affine(x, min, scale, 255.0F, out);
}

void quantize_affine_ref(std::span<const float> x, float min, float scale, std::uint16_t max_level,
                         std::span<std::uint16_t> out) noexcept {
  affine(x, min, scale, static_cast<float>(max_level), out);
}

IntRange quantize_step_ref(std::span<const float> x, float step, float rounding, std::span<std::int32_t> out) noexcept {
  const std::size_t n = common_size(x, out);
  constexpr auto limit = static_cast<float>(kMaxIndex);
  for (std::size_t i = 0; i < n; ++i) {
    const float v = x[i];
    const float scaled = (v < 0.0F ? -v : v) / step + rounding;
    const float positive = scaled > 0.0F ? scaled : 0.0F;  // NaN to 0
    const auto magnitude = static_cast<std::int32_t>(positive < limit ? positive : limit);
    out[i] = v < 0.0F ? -magnitude : magnitude;
  }
  return min_max_ref(out.first(n));
}

template <class T>
IntRange quantize_step_int_ref(std::span<const T> x, std::int32_t step, std::int32_t rounding,
                               std::span<std::int32_t> out) noexcept {
  const std::size_t n = common_size(x, out);
  const auto divisor = static_cast<std::uint32_t>(std::max(step, 1));
  const auto added = static_cast<std::uint32_t>(std::max(rounding, 0));
  constexpr auto limit = static_cast<std::uint32_t>(kMaxIndex);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t v = x[i];
    const std::uint32_t absolute = v < 0 ? 0U - static_cast<std::uint32_t>(v) : static_cast<std::uint32_t>(v);
    const auto magnitude = static_cast<std::int32_t>(std::min((absolute + added) / divisor, limit));
    out[i] = v < 0 ? -magnitude : magnitude;
  }
  return min_max_ref(out.first(n));
}

template <class Symbol>
bool to_symbols_ref(std::span<const std::int32_t> q, std::int32_t offset, std::span<Symbol> out) noexcept {
  const std::size_t n = common_size(q, out);
  constexpr std::uint32_t limit = std::numeric_limits<Symbol>::max();
  std::uint32_t all_bits = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t symbol = static_cast<std::uint32_t>(q[i]) - static_cast<std::uint32_t>(offset);
    all_bits |= symbol;
    out[i] = static_cast<Symbol>(symbol);
  }
  return all_bits <= limit;  // limit is 2^k - 1
}

template <class Symbol>
void dequantize_ref(std::span<const Symbol> sym, std::int32_t offset, float scale, float bias,
                    std::span<float> out) noexcept {
  const std::size_t n = common_size(sym, out);
  for (std::size_t i = 0; i < n; ++i) out[i] = bias + scale * static_cast<float>(std::int32_t{sym[i]} + offset);
}

template <class Symbol>
void dequantize_step_ref(std::span<const Symbol> sym, std::int32_t offset, float step, float shrink,
                         std::span<float> out) noexcept {
  const std::size_t n = common_size(sym, out);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t q = std::int32_t{sym[i]} + offset;
    const float towards = q < 0 ? -shrink : shrink;
    const float pull = q == 0 ? 0.0F : towards;
    out[i] = (static_cast<float>(q) - pull) * step;
  }
}

template <class Symbol, class T>
void dequantize_int_ref(std::span<const Symbol> sym, std::int32_t offset, std::int32_t step,
                        std::span<T> out) noexcept {
  const std::size_t n = common_size(sym, out);
  const auto shift = static_cast<std::uint32_t>(offset);
  const auto factor = static_cast<std::uint32_t>(step);
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = static_cast<T>(static_cast<std::int32_t>((std::uint32_t{sym[i]} + shift) * factor));
  }
}

using U8 = std::uint8_t;
using U16 = std::uint16_t;
using I16 = std::int16_t;
using I32 = std::int32_t;
template IntRange quantize_step_int_ref(std::span<const I16>, I32, I32, std::span<I32>) noexcept;
template IntRange quantize_step_int_ref(std::span<const I32>, I32, I32, std::span<I32>) noexcept;
template bool to_symbols_ref(std::span<const I32>, I32, std::span<U8>) noexcept;
template bool to_symbols_ref(std::span<const I32>, I32, std::span<U16>) noexcept;
template void dequantize_ref(std::span<const U8>, I32, float, float, std::span<float>) noexcept;
template void dequantize_ref(std::span<const U16>, I32, float, float, std::span<float>) noexcept;
template void dequantize_step_ref(std::span<const U8>, I32, float, float, std::span<float>) noexcept;
template void dequantize_step_ref(std::span<const U16>, I32, float, float, std::span<float>) noexcept;
template void dequantize_int_ref(std::span<const U8>, I32, I32, std::span<I16>) noexcept;
template void dequantize_int_ref(std::span<const U8>, I32, I32, std::span<I32>) noexcept;
template void dequantize_int_ref(std::span<const U16>, I32, I32, std::span<I16>) noexcept;
template void dequantize_int_ref(std::span<const U16>, I32, I32, std::span<I32>) noexcept;

}  // namespace vaerans::kernels
