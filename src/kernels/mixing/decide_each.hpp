// The machine of binary decisions: mixes opinions and counters into one probability, and learns from what came.
// Included once per instruction set with VAERANS_EACH_NAMESPACE set to the namespace it belongs to; V are the lanes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/predict/plane_model.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// Where one decision finds what is remembered.
template <std::size_t counters_in_all>
struct DecisionPlace {
  std::array<Counter*, counters_in_all> counters;
  std::array<MixerWeights*, kMixerSets> mixers;
  ProbabilityMap* map;
};

template <class V, std::size_t counters_in_all>
class DecisionMixer {
 public:
  using Lanes = typename V::Lanes;
  using Place = DecisionPlace<counters_in_all>;
  static constexpr int kFirstOpinion = 5;  // the lane that fresh counters start from

  explicit DecisionMixer(const PredictTables& tables) : tables_(tables), squash_(tables.logistic.squash.data()) {}

  // The probability of yes, 32..65504 of 2^16.
  HWY_INLINE std::uint32_t probability(const Place& at, Lanes opinions) {
    at_ = at;
    opinions_ = opinions;
    consult_counters();
    int sum = 0;
    for (std::size_t s = 0; s < kMixerSets; ++s) {
      logit_[s] = mix(*at.mixers[s]);
      sum += logit_[s];
    }
    const int mean = sum * 341 >> 10;  // a third
    return static_cast<std::uint32_t>(std::clamp((squash(mean) + refined(mean)) >> 1, 32, 65504));
  }

  // What the decision was.
  HWY_INLINE void learn(int yes) {
    for (std::size_t s = 0; s < kMixerSets; ++s) teach(*at_.mixers[s], yes * 65536 - squash(logit_[s]));
    for (Counter* c : at_.counters) teach_counter(*c, yes, tables_);
    for (std::uint16_t* p : {map_, map_ + 1}) *p = static_cast<std::uint16_t>(*p + ((yes * 65535 - *p) >> 6));
  }

 private:
  HWY_INLINE int squash(int logit) const { return squash_[logit + kLogitLimit]; }

  HWY_INLINE void consult_counters() {
    std::array<std::int32_t, 8> logits{};
    for (std::size_t i = 0; i < counters_in_all; ++i) {
      Counter& c = *at_.counters[i];
      if (c.visits == 0) c.probability = first_probability();
      logits[i] = tables_.logistic.stretch[c.probability >> 4];
    }
    logits[counters_in_all] = 256;
    counts_ = V::load(logits.data());
  }
  HWY_NOINLINE std::uint16_t first_probability() const {
    std::int32_t all[8];
    V::store(opinions_, all);
    return static_cast<std::uint16_t>(squash(all[kFirstOpinion]));
  }

  HWY_INLINE int mix(const MixerWeights& m) const { return LaneMixer<V>::mix(m, opinions_, counts_); }
  HWY_INLINE void teach(MixerWeights& m, int miss) const {
    LaneMixer<V>::teach(m, opinions_, counts_, miss, tables_.mixer_rate[static_cast<std::size_t>(m.age())]);
  }

  // What the map makes of a logit, between its two nearest points, which learn later.
  HWY_INLINE int refined(int logit) {
    const int place = logit + kLogitLimit + 1;
    const int point = place / ProbabilityMap::kStep, part = place % ProbabilityMap::kStep;
    map_ = at_.map->at.data() + point;
    return (map_[0] * (ProbabilityMap::kStep - part) + map_[1] * part) / ProbabilityMap::kStep;
  }

  const PredictTables& tables_;
  const std::uint16_t* squash_;
  Place at_{};
  Lanes opinions_{}, counts_{};
  std::array<int, kMixerSets> logit_{};
  std::uint16_t* map_ = nullptr;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
