// A logistic mixer of sixteen inputs on lanes of eight, and how counters learn. Included once per instruction set like
// decide_each.hpp.
//
// Logistic mixing as in PAQ (Mahoney 2005): the logit of the result is a weighted sum of logits, and each weight moves
// along the gradient of the coding cost. Here in integers.
#include <algorithm>
#include <cstdint>

#include "kernels/mixing/logistic.hpp"
#include "kernels/mixing/mixer.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

inline int limit_logit(int t) { return std::clamp(t, -kLogitLimit, kLogitLimit); }

// `tables` have the counter_rate of each number of visits.
template <class Tables>
HWY_INLINE void teach_counter(Counter& c, int yes, const Tables& tables) {
  const int miss = yes * 65535 - c.probability;
  c.probability = static_cast<std::uint16_t>(c.probability + (miss * tables.counter_rate[c.visits] >> 15));
  c.visits = static_cast<std::uint16_t>(c.visits + (c.visits < Counter::kMostVisits ? 1 : 0));
}

template <class V>
struct LaneMixer {
  using Lanes = typename V::Lanes;

  static HWY_INLINE int mix(const MixerWeights& m, Lanes first, Lanes second) {
    const Lanes a = V::template shr<8>(V::mul(V::load(m.weight.data()), first));
    const Lanes b = V::template shr<8>(V::mul(V::load(m.weight.data() + 8), second));
    return limit_logit(V::sum(V::add(a, b)) >> 8);
  }
  // `miss` is what came less what the mixer said, of 2^16; `rate` in 1/1024, above 1 at most 1024 / 16.
  static HWY_INLINE void teach(MixerWeights& m, Lanes first, Lanes second, int miss, int rate) {
    const Lanes by = V::set(miss * rate >> 10);
    move(m.weight.data(), first, by);
    move(m.weight.data() + 8, second, by);
    m.age() += m.age() < 639 ? 1 : 0;
  }

 private:
  static HWY_INLINE void move(std::int32_t* weights, Lanes inputs, Lanes rate) {
    const Lanes by = V::template shr<8>(V::add(V::mul(inputs, rate), V::set(128)));
    const Lanes moved = V::add(V::load(weights), by);
    V::store(V::min(V::max(moved, V::set(-MixerWeights::kLimit)), V::set(MixerWeights::kLimit)), weights);
  }
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
