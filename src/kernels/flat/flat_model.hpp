// Everything that the flat coder learns of one tile, and the constant tables it reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/mixing/logistic.hpp"
#include "kernels/mixing/mixer.hpp"

namespace vaerans::kernels {

// How often yes came under one context, in 22 bits: most candidates are right far more often than 16 bits can say.
struct FineCounter {
  static constexpr int kBits = 22;
  static constexpr std::uint32_t kMostVisits = 250;
  std::uint32_t probability = 1U << (kBits - 1), visits = 0;
};

// What followed a neighbourhood.
struct Follower {
  std::uint32_t pixel = 0;
  std::uint16_t check = 0, count = 0;  // the neighbourhood's other bits; how often in a row, 0: never
};

// The counters of one context at the decisions of half a byte: at [1] the first, at [2 n] and [2 n + 1] those after n.
// The probability at [0] is no counter but tells contexts apart that share the line.
struct alignas(64) CounterLine {
  std::array<Counter, 16> at{};
};

// Pure functions of integers, tabulated. Built once; docs/format_flat.md gives the formulas.
struct FlatTables {
  FlatTables() noexcept;
  const LogisticTables& logistic;
  std::array<std::int32_t, Counter::kMostVisits + 1> counter_rate{}, fine_rate{}, trust{};  // by visits
  std::array<std::int32_t, 640> mixer_rate{};                                               // by age
};
[[nodiscard]] const FlatTables& flat_tables() noexcept;

struct FlatModel {
  void reset() noexcept;

  static constexpr std::size_t kReaches = 3;  // neighbourhoods: far, middle, near
  static constexpr int kFollowerBits = 16;
  std::array<std::array<Follower, std::size_t{1} << kFollowerBits>, kReaches> followers;

  std::array<std::uint32_t, std::size_t{1} << kFollowerBits> places;  // where far ones were, from 1 on

  // For the first candidate: where it comes from, how the reaches agree, the near neighbourhood.
  static constexpr std::size_t kSources = 108, kByShape = kSources * 4 * 32;  // 4 × 9 × 3
  static constexpr std::size_t kMatches = 27, kByMatch = kMatches * 9 * 4 * 3;
  static constexpr std::size_t kByCounts = 5832;  // 9 × 9 × 9 × 4 × 2
  std::array<FineCounter, kByShape> by_shape;
  std::array<FineCounter, kByMatch> by_match;
  std::array<FineCounter, kByCounts> by_counts;
  std::array<FineCounter, 65536> by_near;
  std::array<MixerWeights, kSources> source_mixers;
  std::array<MixerWeights, kMatches> match_mixers;
  // For the later ones.
  std::array<FineCounter, std::size_t{9} * 5 * 32 * 3> later;

  static constexpr std::size_t kContexts = 6, kTrusts = 81, kBusy = 8;
  static constexpr int kLineBits = 14;
  std::array<std::array<CounterLine, std::size_t{1} << kLineBits>, kContexts> lines;
  std::array<std::array<MixerWeights, 256>, 3> node_mixers;               // [component][bits so far, after a one]
  std::array<std::array<MixerWeights, kTrusts * kBusy>, 3> trust_mixers;  // [component]
};

}  // namespace vaerans::kernels
