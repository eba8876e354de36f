#include "kernels/bands/band_model.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace vaerans::kernels::bands {
namespace {

constexpr Counter kEven{32768, 0};

// -log2 of the middle of the 16 probabilities that share index i, in 1/256 bit: 12 octaves of a straight line each,
// bowed as the logarithm is.
std::int32_t cost_of(std::size_t i) {
  const auto v = static_cast<std::uint32_t>(2 * i + 1);  // 13 bits
  const int octave = static_cast<int>(std::bit_width(v)) - 1;
  const std::int32_t part = static_cast<std::int32_t>(v << (13 - octave)) - (1 << 13);  // 13 bits
  const std::int32_t bow = part * ((1 << 13) - part) >> 13;
  return (13 - octave) * 256 - (part + (bow * 1420 >> 12)) / 32;
}

// Where the expected magnitude is m (of 256), how likely it is at least the node's next threshold.
std::uint16_t first_opinion(int node, int index) {
  const std::int64_t m = std::int64_t{4 + index % 4} << (index / 4);  // 256ths, less its class's rounding
  if (node == 0) return static_cast<std::uint16_t>(2000 + 61600 * m / (m + 179));
  return static_cast<std::uint16_t>(3277 + 52429 * m / (m + 256));
}

}  // namespace

BandTables::BandTables() noexcept : logistic(logistic_tables()) {
  for (std::size_t n = 0; n < counter_rate.size(); ++n)
    counter_rate[n] = static_cast<std::int32_t>(327680 / (10 * n + 16));
  for (std::size_t n = 0; n < mixer_rate.size(); ++n) mixer_rate[n] = static_cast<std::int32_t>(6 + 640 / (16 + n));
  for (std::size_t i = 0; i < cost.size(); ++i) cost[i] = cost_of(i);
}

const BandTables& band_tables() noexcept {
  static const BandTables tables;
  return tables;
}

void BandModel::reset() noexcept {
  for (auto& table : counters) {
    for (auto& set : table) {
      for (auto& context : set) context.fill({});
    }
  }
  for (auto& table : opinions) {
    for (auto& set : table) {
      for (int n = 0; n < kNodes; ++n) {
        auto& classes = set[static_cast<std::size_t>(n)];
        for (int i = 0; i < kClasses; ++i) classes[static_cast<std::size_t>(i)] = {first_opinion(n, i), 3 * 64};
      }
    }
  }
  constexpr MixerWeights kFresh{{8000, 8000, 8000, 8000, 8000, 8000, 8000, 8000, 26000, 10000}};
  for (auto& set : set_mixers) set.fill(kFresh);
  for (auto& set : class_mixers) set.fill(kFresh);
  constexpr MixerWeights kFreshSign{{20000, 20000, 20000, 20000, 20000}};
  sign_mixers.fill(kFreshSign);
  quiet.fill({3000, 0});
  for (auto& table : inside) {
    for (auto& node : table) node.fill(kEven);
  }
  for (auto& table : beyond) table.fill(kEven);
  for (auto& table : signs) table.fill(kEven);
  for (auto& channel : coarse) {
    for (auto& table : channel) table.fill(kEven);
  }
}

void BandModel::begin_again() noexcept {
  constexpr std::uint16_t kVisits = 30 * 64;  // best over crops of photos, by a little
  for (auto& table : opinions) {
    for (auto& set : table) {
      for (auto& classes : set) {
        for (Opinion& o : classes) o.visits = std::min(o.visits, kVisits);
      }
    }
  }
}

}  // namespace vaerans::kernels::bands
