// One decision about a magnitude, and about a sign: which counters, opinions and mixers are asked, and how they learn.
// Included once per instruction set like mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/bands/band_model.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

HWY_INLINE std::uint32_t safe(int probability) {
  return static_cast<std::uint32_t>(std::clamp(probability, 32, 65504));
}

// `share` of 1024 is how near the place is to this one.
HWY_INLINE void teach_opinion(bands::Opinion& o, int share, int yes, const bands::BandTables& tables) {
  const int rate = tables.counter_rate[o.visits >> 6] * share >> 10;
  o.probability = static_cast<std::uint16_t>(o.probability + ((yes * 65535 - o.probability) * rate >> 15));
  o.visits = static_cast<std::uint16_t>(std::min(o.visits + (share >> 4), Counter::kMostVisits * 64));
}

// The opinion of those of a node's classes, and what they learn.
HWY_INLINE int opinion_at(const bands::Opinion* of, const ClassPlace& at) {
  const bands::Opinion* const o = of + at.index;
  return (o[0].probability * (1024 - at.part) + o[1].probability * at.part) >> 10;
}
HWY_INLINE void teach_opinion_at(bands::Opinion* of, const ClassPlace& at, int yes, const bands::BandTables& tables) {
  bands::Opinion* const o = of + at.index;
  teach_opinion(o[0], 1024 - at.part, yes, tables);
  teach_opinion(o[1], at.part, yes, tables);
}

// All that the decisions about one coefficient's magnitude share.
template <class V>
class MagnitudeModel {
 public:
  using Lanes = typename V::Lanes;

  MagnitudeModel(bands::BandModel& model, const bands::BandTables& tables) : model_(model), tables_(tables) {}

  HWY_INLINE void begin(const BandContext& context, const BandRole& role) {
    const auto shared = static_cast<std::size_t>(role.set());
    set_ = static_cast<std::size_t>(role.own_set());
    places_ = {context.expected(role), context.nearby()};
    const auto contexts = context.counters(role, places_[0].index);
    for (std::size_t i = 0; i < contexts.size(); ++i)
      counters_[i] = model_.counters[i][shared][static_cast<std::size_t>(contexts[i])].data();
    for (Counter* c : counters_) hwy::Prefetch(c);
    const int mixers = role.quantizer * bands::kMixerClasses + (places_[0].index >> 1);
    class_mixers_ = model_.class_mixers[static_cast<std::size_t>(mixers)].data();
    set_mixers_ = model_.set_mixers[set_].data();
  }

  // The probability that the magnitude reaches threshold `node`, given that it reached the one before.
  HWY_INLINE std::uint32_t probability(int node) {
    node_ = static_cast<std::size_t>(node);
    std::array<int, 2> p;
    for (std::size_t t = 0; t < p.size(); ++t) p[t] = opinion_at(opinions_of(t), places_[t]);
    std::array<std::int32_t, 8> logits;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      Counter& c = counters_[i][node_];
      if (c.visits == 0) c.probability = static_cast<std::uint16_t>(p[0]);
      logits[i] = stretch(c.probability);
    }
    first_ = V::load(logits.data());
    second_ = V::of(stretch(p[0]), stretch(p[1]), 256, 0, 0, 0, 0, 0);
    logit_ = {LaneMixer<V>::mix(set_mixers_[node_], first_, second_),
              LaneMixer<V>::mix(class_mixers_[node_], first_, second_)};
    return safe(squash((logit_[0] + logit_[1]) >> 1));
  }

  // What the last decision asked for was.
  HWY_INLINE void learn(int yes) {
    teach_mixer(set_mixers_[node_], logit_[0], yes);
    teach_mixer(class_mixers_[node_], logit_[1], yes);
    for (Counter* c : counters_) teach_counter(c[node_], yes, tables_);
    for (std::size_t t = 0; t < places_.size(); ++t) teach_opinion_at(opinions_of(t), places_[t], yes, tables_);
  }

 private:
  HWY_INLINE int squash(int logit) const {
    return tables_.logistic.squash[static_cast<std::size_t>(logit + kLogitLimit)];
  }
  HWY_INLINE std::int32_t stretch(int p) const { return tables_.logistic.stretch[static_cast<std::size_t>(p >> 4)]; }

  HWY_INLINE bands::Opinion* opinions_of(std::size_t table) { return model_.opinions[table][set_][node_].data(); }
  HWY_INLINE void teach_mixer(MixerWeights& m, int logit, int yes) {
    const int rate = tables_.mixer_rate[static_cast<std::size_t>(m.age())];
    LaneMixer<V>::teach(m, first_, second_, yes * 65536 - squash(logit), rate);
  }

  bands::BandModel& model_;
  const bands::BandTables& tables_;
  std::size_t set_ = 0, node_ = 0;
  std::array<ClassPlace, 2> places_{ClassPlace(0), ClassPlace(0)};
  std::array<Counter*, bands::kCounters> counters_{};
  MixerWeights *set_mixers_ = nullptr, *class_mixers_ = nullptr;
  Lanes first_{}, second_{};
  std::array<int, 2> logit_{};
};

// Signs: waves keep theirs along a structure and change it across; sisters of other planes have the same.
template <class V>
class SignModel {
 public:
  using Lanes = typename V::Lanes;

  SignModel(bands::BandModel& model, const bands::BandTables& tables) : model_(model), tables_(tables) {}

  // The probability of a minus at `s`, which stands in the signs of its band.
  HWY_INLINE std::uint32_t probability(const std::int8_t* s, std::ptrdiff_t stride, const BandContext& context,
                                       const BandRole& role) {
    const auto contexts = contexts_at(s, stride, context, role);
    std::array<std::int32_t, 8> logits{};
    for (std::size_t i = 0; i < contexts.size(); ++i) {
      counters_[i] = &model_.signs[i][static_cast<std::size_t>(contexts[i])];
      logits[i] = tables_.logistic.stretch[counters_[i]->probability >> 4];
    }
    inputs_ = V::load(logits.data());
    mixer_ = &model_.sign_mixers[static_cast<std::size_t>(role.channel * 3 + role.orientation)];
    logit_ = LaneMixer<V>::mix(*mixer_, inputs_, V::set(0));
    return static_cast<std::uint32_t>(std::clamp(squash(), 655, 64880));
  }
  HWY_INLINE void learn(int minus) {
    const int rate = tables_.mixer_rate[static_cast<std::size_t>(mixer_->age())] >> 1;
    LaneMixer<V>::teach(*mixer_, inputs_, V::set(0), minus * 65536 - squash(), rate);
    for (Counter* c : counters_) teach_counter(*c, minus, tables_);
  }

 private:
  HWY_INLINE int squash() const { return tables_.logistic.squash[static_cast<std::size_t>(logit_ + kLogitLimit)]; }

  static HWY_INLINE std::array<int, bands::kSignCounters> contexts_at(const std::int8_t* s, std::ptrdiff_t stride,
                                                                      const BandContext& context,
                                                                      const BandRole& role) {
    const std::int8_t *const n = s - stride, *const nn = n - stride;
    const int o = role.orientation, level = role.level_class;
    const int west = s[-1] + 1, north = n[0] + 1, two = west * 3 + north;
    const int further = (s[-2] + 1) * 3 + nn[0] + 1, diagonal = (n[-1] + 1) * 3 + n[1] + 1;
    const int luma = role.channel != 0 ? context.luma.sign() : 1;
    return {(two * 3 + o) * 4 + level, (two * 9 + further) * 3 + o,
            (((luma * 3 + context.chroma.sign()) * 3 + role.channel) * 3 + o) * 4 + level, (two * 9 + diagonal) * 3 + o,
            ((context.parent.sign() * 9 + two) * 3 + o) * 4 + level};
  }

  bands::BandModel& model_;
  const bands::BandTables& tables_;
  std::array<Counter*, bands::kSignCounters> counters_{};
  MixerWeights* mixer_ = nullptr;
  Lanes inputs_{};
  int logit_ = 0;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
