// Everything that the coder of one plane learns, and the constant tables it reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/mixing/logistic.hpp"
#include "kernels/mixing/mixer.hpp"

namespace vaerans::kernels {

inline constexpr int kOpinions = 8;
inline constexpr int kEnergyClasses = 96;         // four an octave
inline constexpr int kEnergyClassesOfBytes = 64;  // as many occur with samples of eight bits
inline constexpr int kCrossClasses = 24;          // how large the residuals of earlier planes are here
inline constexpr int kNodes = 64;                 // places in the tree of decisions
inline constexpr int kCounterContexts = 4096;
inline constexpr int kMapContexts = 64;
inline constexpr int kMixerSets = 3;
inline constexpr int kMixerContexts = 64;
inline constexpr int kOctaveClasses = 192;     // eight an octave
inline constexpr int kDeepScaleClasses = 224;  // the coarsest scales are in units of 2^4 grey levels
inline constexpr int kPlaceBits = 18;          // behind the point, of places in the table of a distribution function

// How much the coder of a plane knows: types that its templates are written over.
struct Balanced {
  static constexpr std::size_t kCounters = 3;
  static constexpr bool kLeastSquares = false;
};
// Twice the counters, and local least squares: half the speed.
struct Dense {
  static constexpr std::size_t kCounters = 6;
  static constexpr bool kLeastSquares = true;
};

// Pure functions of integers, tabulated. Built once; docs/format_mixing.md gives the formulas.
struct PredictTables {
  PredictTables() noexcept;
  const LogisticTables& logistic;
  std::array<std::int32_t, kOctaveClasses> blend_weight{};  // an opinion's weight, by the class of its error nearby
  std::array<std::int32_t, kOctaveClasses> sharpness{};     // 1 / scale, by the class of the mean error
  // For deep samples: by what 1/64 of a grey level becomes a place in the table, and from where on it leaves that.
  std::array<std::int32_t, kDeepScaleClasses> place_factor{}, place_limit{};
  std::array<std::int32_t, Counter::kMostVisits + 1> counter_rate{};
  std::array<std::int32_t, 640> mixer_rate{};   // by age
  std::array<std::uint8_t, 256> scale_shift{};  // by age
};
[[nodiscard]] const PredictTables& predict_tables() noexcept;

template <class Strength>
struct PlaneModelOf {
  // `coarse` as in DeepBits; 0 for samples of eight bits.
  void reset(int coarse = 0) noexcept;

  using Mixers = std::array<std::array<MixerWeights, kNodes>, kMixerContexts>;
  using Counters = std::array<std::array<Counter, kNodes>, kCounterContexts>;
  std::array<Mixers, kMixerSets> mixers;
  std::array<Counters, Strength::kCounters> counters;
  std::array<std::array<ProbabilityMap, kNodes>, kMapContexts> maps;
  static constexpr std::size_t kScales = std::size_t{kOpinions} * kEnergyClasses * kCrossClasses;
  std::array<std::int32_t, kScales> scale_mean;
  std::array<std::uint8_t, kScales> scale_age;
};
struct PlaneModel : PlaneModelOf<Balanced> {};
struct DensePlaneModel : PlaneModelOf<Dense> {};

}  // namespace vaerans::kernels
