#include "coding/static/spread_table.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

#include "kernels/rans/rans.hpp"

namespace vaerans {
namespace {

constexpr std::int64_t kOne = std::int64_t{1} << 32U;  // fixed-point 1
constexpr unsigned kWeightBits = 40;                   // weights are in units of 2^-40
constexpr std::int64_t kLastExponent = 20 * kOne;      // weights below 2^-20 count as none
constexpr std::array<std::int64_t, kShapes> kAlphaQuarters{3, 4, 6, 8};

// 2^(1/2), 2^(1/4), … 2^(1/65536) in units of 2^-31.
constexpr std::array<std::uint32_t, 16> kRoots{
    3037000500U, 2553802834U, 2341847524U, 2242560872U, 2194507417U, 2170868212U, 2159144272U, 2153306067U,
    2150392887U, 2148937775U, 2148210589U, 2147847087U, 2147665360U, 2147574502U, 2147529075U, 2147506361U};

// 2^(f / 2^32) for f < 2^32, in units of 2^-31.
std::uint64_t exp2_fraction(std::uint32_t f) noexcept {
  std::uint64_t r = std::uint64_t{1} << 31U;
  for (unsigned i = 0; i < kRoots.size(); ++i) {
    if ((f >> (31U - i) & 1U) != 0) r = (r * kRoots[i]) >> 31U;
  }
  return r + ((r * (((f & 0xFFFFU) * std::uint64_t{45426}) >> 16U)) >> 32U);  // 45426 / 2^16 = ln 2
}

// 2^x in units of 2^-bits, for x and the result in range; below a unit it is 0.
std::uint64_t exp2_fixed(std::int64_t x, int bits) noexcept {
  const std::int64_t shift = (x >> 32U) + bits - 31;
  const std::uint64_t mantissa = exp2_fraction(static_cast<std::uint32_t>(x & (kOne - 1)));
  if (shift >= 0) return mantissa << static_cast<unsigned>(shift);
  return shift <= -32 ? 0 : mantissa >> static_cast<unsigned>(-shift);
}

// (d / scale)^alpha with 32 fractional bits, at most 32; spread_class may be negative.
std::int64_t exponent_of(std::int64_t spread_class, std::uint32_t shape, std::uint32_t d) noexcept {
  if (d == 0) return 0;
  const std::int64_t ratio = static_cast<std::int64_t>(kernels::log2_q32(d)) - (spread_class - 12) * (kOne / 4);
  const std::int64_t log2_exponent = (ratio * kAlphaQuarters[shape]) >> 2U;
  if (log2_exponent >= 5 * kOne) return 32 * kOne;
  return static_cast<std::int64_t>(exp2_fixed(log2_exponent, 32));
}

std::uint64_t weight(std::int64_t exponent) noexcept {
  return exponent > kLastExponent ? 0 : exp2_fixed(-exponent, static_cast<int>(kWeightBits));
}

std::uint64_t weight(const Spread& s, std::uint32_t d) noexcept {
  return weight(exponent_of(s.spread_class, s.shape, d));
}

/// Weights of the distances 0, 1, … as far as there are any, and their sum over both sides.
struct Weights {
  RecycledVector<std::uint64_t> of;
  std::uint64_t sum = 0;
};

Weights make_weights(const Spread& spread) {
  Weights out;
  for (std::uint32_t d = 0; d < kernels::kMaxAlphabet; ++d) {
    const std::uint64_t w = weight(spread, d);
    if (w == 0) break;
    out.of.push_back(w);
    out.sum += d == 0 ? w : 2 * w;
  }
  return out;
}

// Made when first asked for: 192 spreads, 2 MB if all are used.
const Weights& weights_of(const Spread& spread) {
  struct Lazy {
    std::once_flag once;
    Weights weights;
  };
  static std::array<std::array<Lazy, kShapes>, kSpreadClasses> all;
  Lazy& lazy = all[spread.spread_class][spread.shape];
  std::call_once(lazy.once, [&] { lazy.weights = make_weights(spread); });
  return lazy.weights;
}

// A symbol at this distance still has at least an eighth of a slot.
std::uint32_t reach_of(const Weights& weights, unsigned precision_bits) noexcept {
  std::size_t reach = weights.of.size() - 1;
  while (reach > 0 && (weights.of[reach] << (precision_bits + 3)) < weights.sum) --reach;
  return static_cast<std::uint32_t>(reach);
}

// Hands out or takes back what rounding left over, from the centre outwards, so that the sum is exact.
void settle(RecycledVector<std::uint32_t>& freq, std::size_t center, std::int64_t left) {
  const std::size_t reach = std::max(center, freq.size() - 1 - center);
  const auto take = [&](std::size_t at) {
    const std::uint32_t n = left < 0 && freq[at] > 1 ? 1 : 0;
    freq[at] -= n;
    left += n;
  };
  while (left < 0) {
    take(center);
    for (std::size_t d = 1; d <= reach && left < 0; ++d) {
      if (d <= center) take(center - d);
      if (center + d < freq.size()) take(center + d);
    }
  }
  freq[center] += static_cast<std::uint32_t>(left);
}

// The rare get one slot each, the others share the rest in proportion. Requires that half of the slots are left over.
void share_out(const Weights& weights, std::uint64_t slots, std::size_t center, RecycledVector<std::uint32_t>& freq) {
  const auto weight_at = [&](std::size_t i) {
    const std::size_t d = i < center ? center - i : i - center;
    return d < weights.of.size() ? weights.of[d] : 0;
  };
  const auto is_rare = [&](std::size_t i) { return i != center && 2 * weight_at(i) * slots < weights.sum; };
  std::uint64_t for_rare = 0, sum = 0;
  for (std::size_t i = 0; i < freq.size(); ++i) {
    const bool rare = is_rare(i);
    for_rare += rare ? 1 : 0;
    sum += rare ? 0 : weight_at(i);
  }
  auto left = static_cast<std::int64_t>(slots);
  for (std::size_t i = 0; i < freq.size(); ++i) {
    const std::uint64_t share = is_rare(i) ? 1 : (weight_at(i) * (slots - for_rare) + sum / 2) / sum;
    freq[i] = static_cast<std::uint32_t>(std::max<std::uint64_t>(1, share));
    left -= freq[i];
  }
  settle(freq, center, left);
}

}  // namespace

std::uint32_t spread_reach(const Spread& spread, unsigned precision_bits) {
  return reach_of(weights_of(spread), precision_bits);
}

bool spread_table(const Spread& spread, unsigned precision_bits, std::uint32_t center, std::uint32_t extra,
                  std::uint32_t max_symbol, SymbolTable& out) {
  const Weights& weights = weights_of(spread);
  const std::uint64_t slots = std::uint64_t{1} << precision_bits;
  const std::uint32_t reach = reach_of(weights, precision_bits);
  const std::uint64_t wide = std::uint64_t{reach} + extra;
  const auto first = static_cast<std::uint32_t>(center - std::min<std::uint64_t>(center, wide));
  const auto last = static_cast<std::uint32_t>(std::min<std::uint64_t>(max_symbol, center + wide));
  const std::size_t size = std::size_t{last} - first + 1;
  if (2 * size > slots) return false;
  out.precision_bits = size == 1 ? 0 : precision_bits;
  out.first = first;
  out.freq.assign(size, 1);
  if (size == 1) return true;
  share_out(weights, slots, center - first, out.freq);
  return true;
}

const SpreadCosts& SpreadCosts::get() {
  static const SpreadCosts costs;
  return costs;
}

SpreadCosts::SpreadCosts() {
  for (std::uint32_t row = 0; row < exponent_.size(); ++row) {
    for (std::uint32_t shape = 0; shape < kShapes; ++shape) {
      auto& of = exponent_[row][shape];
      for (std::uint32_t d = 0; d < kRow; ++d) {
        of[d] = static_cast<std::uint32_t>(exponent_of(std::int64_t{row} - kBelow, shape, d) >> 16U);
        if (of[d] < 32 * kUnit) continue;
        std::fill(of.begin() + d, of.end(), 32 * kUnit);
        break;
      }
    }
  }
  for (std::uint32_t c = 0; c < kSpreadClasses; ++c) {
    for (std::uint32_t shape = 0; shape < kShapes; ++shape) {
      // From a scale of some symbols on a sum is an integral: twice the scale, twice the sum.
      if (c >= 24) {
        log2_sum_[c][shape] = log2_sum_[c - 4][shape] + kUnit;
        continue;
      }
      const std::uint64_t sum = weights_of({c, shape}).sum >> 20U;
      log2_sum_[c][shape] =
          static_cast<std::uint32_t>((kernels::log2_q32(static_cast<std::uint32_t>(sum)) >> 16U) - 20ULL * kUnit);
    }
  }
}

}  // namespace vaerans
