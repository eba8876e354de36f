// Everything that the band coder learns, and the constant tables it reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/mixing/logistic.hpp"
#include "kernels/mixing/mixer.hpp"

namespace vaerans::kernels::bands {

inline constexpr int kChannels = 3;
inline constexpr int kSets = 24;       // channel × level (1, 2, 3, more) × whether HH
inline constexpr int kQuantizers = 2;  // dependent indices have both, others the first
inline constexpr std::size_t kOwnSets = std::size_t{kQuantizers} * kSets;  // for what quantisers do not share
inline constexpr int kThresholds = 14;  // magnitudes that decisions ask for one after the other
inline constexpr int kNodes = 16;       // room for one decision each, a cache line of counters
inline constexpr int kCounters = 8;
inline constexpr int kContexts = 512;
inline constexpr int kClasses = 48;  // expected magnitudes, four an octave
inline constexpr int kMixerClasses = kClasses / 2;
inline constexpr int kSignCounters = 5;
inline constexpr int kSignContexts = 1024;

// "Is the magnitude at least this?", until the first no; what lies between two is told by plain bits.
inline constexpr std::array<int, kThresholds> kThreshold{1, 2, 3, 4, 5, 6, 8, 10, 14, 18, 26, 42, 74, 138};

// How often yes came under a class: a probability of 16 bits, and visits in 1/64.
struct Opinion {
  std::uint16_t probability = 0, visits = 0;
};

struct BandTables {
  BandTables() noexcept;
  const LogisticTables& logistic;
  std::array<std::int32_t, Counter::kMostVisits + 1> counter_rate{};  // 15 bits
  std::array<std::int32_t, 640> mixer_rate{};                         // by age
  std::array<std::int32_t, 4096> cost{};                              // bits of a probability's first 12, in 1/256
};
[[nodiscard]] const BandTables& band_tables() noexcept;

struct BandModel {
  void reset() noexcept;
  // Keeps what is likely, as if it had been seen less often.
  void begin_again() noexcept;

  template <typename T>
  using EachNode = std::array<T, kNodes>;
  std::array<std::array<std::array<EachNode<Counter>, kContexts>, kSets>, kCounters> counters;
  std::array<std::array<std::array<std::array<Opinion, kClasses>, kNodes>, kOwnSets>, 2> opinions;
  std::array<EachNode<MixerWeights>, kOwnSets> set_mixers;
  std::array<EachNode<MixerWeights>, std::size_t{kQuantizers} * kMixerClasses> class_mixers;
  std::array<Counter, kOwnSets> quiet;                               // is there anything where nothing is around
  std::array<std::array<std::array<Counter, 4>, kNodes>, 2> inside;  // the first bits between two thresholds
  std::array<std::array<Counter, 32>, kChannels> beyond;             // the octave of what is above the last one
  std::array<std::array<Counter, kSignContexts>, kSignCounters> signs;
  std::array<MixerWeights, 16> sign_mixers;
  std::array<std::array<std::array<Counter, 40>, 16>, kChannels> coarse;  // LL
};

}  // namespace vaerans::kernels::bands
