#include "kernels/rans/histogram.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <type_traits>

namespace vaerans::kernels {
namespace {

// Eight counters for each symbol, taken in turn: a run of one symbol would otherwise wait for its own last increment.
// They are as small as they may be: clearing and adding them up is most of the work where symbols are few.
template <class Counter>
Status count_with(std::span<const std::uint8_t> symbols, std::span<std::uint32_t> counts) noexcept {
  constexpr std::size_t kWays = 8;
  alignas(64) std::array<std::array<Counter, kWays>, 256> counters{};
  std::size_t i = 0;
  for (; i + kWays <= symbols.size(); i += kWays) {
    for (std::size_t k = 0; k < kWays; ++k) ++counters[symbols[i + k]][k];
  }
  for (; i < symbols.size(); ++i) ++counters[symbols[i]][0];

  std::uint32_t outside = 0;
  for (std::size_t s = 0; s < 256; ++s) {
    const std::uint32_t sum = std::accumulate(counters[s].begin(), counters[s].end(), 0U);
    (s < counts.size() ? counts[s] : outside) += sum;
  }
  return outside == 0 ? Status::ok : Status::bad_symbol;
}
Status count_bytes(std::span<const std::uint8_t> symbols, std::span<std::uint32_t> counts) noexcept {
  return symbols.size() <= std::numeric_limits<std::uint16_t>::max() ? count_with<std::uint16_t>(symbols, counts)
                                                                     : count_with<std::uint32_t>(symbols, counts);
}

}  // namespace

template <class Symbol>
Status histogram(std::span<const Symbol> symbols, std::span<std::uint32_t> counts) noexcept {
  std::fill(counts.begin(), counts.end(), 0U);
  if constexpr (std::is_same_v<Symbol, std::uint8_t>) {
    return count_bytes(symbols, counts);
  } else {
    for (const Symbol s : symbols) {
      if (s >= counts.size()) return Status::bad_symbol;
      ++counts[s];
    }
    return Status::ok;
  }
}

double entropy_bits(std::span<const std::uint32_t> counts) noexcept {
  double total = 0;
  for (const std::uint32_t c : counts) total += c;
  double bits = 0;
  for (const std::uint32_t c : counts) {
    if (c != 0) bits += c * std::log2(total / c);
  }
  return bits;
}

template Status histogram(std::span<const std::uint8_t>, std::span<std::uint32_t>) noexcept;
template Status histogram(std::span<const std::uint16_t>, std::span<std::uint32_t>) noexcept;

}  // namespace vaerans::kernels
