// The machine of binary decisions: mixes opinions and counters into one probability, and learns from what came.
// Included once per instruction set with VAERANS_EACH_NAMESPACE set to the namespace it belongs to; V are the lanes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/predict/plane_model.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// What the decisions about one sample remember, by their node in the tree.
template <std::size_t counters_in_all>
struct DecisionPlaces {
  std::array<Counter*, counters_in_all> counters{};
  std::array<MixerWeights*, kMixerSets> mixers{};
  ProbabilityMap* maps = nullptr;

  // Which of a map's points are read is known only once a decision is mixed.
  HWY_INLINE void prefetch_map(int node) const {
    hwy::Prefetch(maps[node].at.data());
    hwy::Prefetch(maps[node].at.data() + ProbabilityMap::kPoints - 1);
  }
};

template <class V, std::size_t counters_in_all>
class DecisionMixer {
 public:
  using Lanes = typename V::Lanes;
  using Places = DecisionPlaces<counters_in_all>;
  static constexpr int kFirstOpinion = 5;  // the lane that fresh counters start from

  // What a decision was asked by, and what came of it: kept in registers until learn().
  struct Asked {
    Lanes opinions, counts;
    std::array<int, kMixerSets> logit;
    std::uint16_t* map;
    std::uint32_t probability;  // that it is yes: 32..65504 of 2^16
  };

  explicit DecisionMixer(const PredictTables& tables) : tables_(tables), squash_(tables.logistic.squash.data()) {}

  HWY_INLINE Asked ask(const Places& at, int node, Lanes opinions) const {
    Asked out{opinions, consult_counters(at, node, opinions), {}, nullptr, 0};
    int sum = 0;
    for (std::size_t s = 0; s < kMixerSets; ++s) {
      out.logit[s] = LaneMixer<V>::mix(at.mixers[s][node], opinions, out.counts);
      sum += out.logit[s];
    }
    const int mean = sum * 341 >> 10;  // a third
    out.probability =
        static_cast<std::uint32_t>(std::clamp((squash(mean) + refined(at.maps[node], mean, out.map)) >> 1, 32, 65504));
    return out;
  }

  // What the decision was.
  HWY_INLINE void learn(const Places& at, int node, const Asked& asked, int yes) const {
    for (std::size_t s = 0; s < kMixerSets; ++s) {
      MixerWeights& m = at.mixers[s][node];
      const int rate = tables_.mixer_rate[static_cast<std::size_t>(m.age())];
      LaneMixer<V>::teach(m, asked.opinions, asked.counts, yes * 65536 - squash(asked.logit[s]), rate);
    }
    for (Counter* const c : at.counters) teach_counter(c[node], yes, tables_);
    for (std::uint16_t* p : {asked.map, asked.map + 1}) {
      *p = static_cast<std::uint16_t>(*p + ((yes * 65535 - *p) >> 6));
    }
  }

 private:
  HWY_INLINE int squash(int logit) const { return squash_[logit + kLogitLimit]; }

  // From registers: a vector that is loaded where single numbers were just stored has to wait for all of them.
  HWY_INLINE Lanes consult_counters(const Places& at, int node, Lanes opinions) const {
    const auto logit = [&](std::size_t i) -> std::int32_t {
      if (i == counters_in_all) return 256;
      if (i > counters_in_all) return 0;
      Counter& c = at.counters[i][node];
      if (c.visits == 0) c.probability = first_probability(opinions);
      return tables_.logistic.stretch[c.probability >> 4];
    };
    return V::of(logit(0), logit(1), logit(2), logit(3), logit(4), logit(5), logit(6), logit(7));
  }
  HWY_NOINLINE std::uint16_t first_probability(Lanes opinions) const {
    std::int32_t all[8];
    V::store(opinions, all);
    return static_cast<std::uint16_t>(squash(all[kFirstOpinion]));
  }

  // What the map makes of a logit, between its two nearest points, which learn later.
  static HWY_INLINE int refined(ProbabilityMap& map, int logit, std::uint16_t*& points) {
    const int place = logit + kLogitLimit + 1;
    const int point = place / ProbabilityMap::kStep, part = place % ProbabilityMap::kStep;
    points = map.at.data() + point;
    return (points[0] * (ProbabilityMap::kStep - part) + points[1] * part) / ProbabilityMap::kStep;
  }

  const PredictTables& tables_;
  const std::uint16_t* squash_;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
