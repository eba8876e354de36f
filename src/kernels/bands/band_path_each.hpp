// The choice of dependent indices: what each could be and what that would cost, and the cheapest path through the
// states of DependentState (Viterbi's). Included once per instruction set like mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/bands/band_model.hpp"
#include "kernels/bands/dependent.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// An index, and its error in 1/65536 of a squared step with the price of its bits.
struct Candidate {
  std::int64_t toll = std::int64_t{1} << 50;
  std::int32_t index = 0;

  HWY_INLINE void offer(std::int64_t other, std::int32_t at) {
    if (other < toll) *this = {other, at};
  }
};
// The cheapest of each quantiser and parity: [2 quantiser + parity].
using Candidates = std::array<Candidate, 4>;

// Tells candidates by the two opinions alone, which come near to what the coder will charge, in a fraction of its time.
class CandidateTolls {
 public:
  CandidateTolls(bands::BandModel& model, const bands::BandTables& tables, int price)
      : model_(model), tables_(tables), price_(price) {
    const int beyond = std::min(7 * price / 3, 64);
    beyond_ = {0, beyond, beyond, 2 * beyond / 3};
  }

  // For a magnitude in 1/256 of a step. `quiet`: nothing is around.
  HWY_INLINE Candidates weigh(int v, const BandContext& context, BandRole role, bool quiet) const {
    if (quiet && v < kSurelyZero) return zeros(v, role);
    const std::array<ClassPlace, 2> places{context.expected(role), context.nearby()};
    Candidates out;
    for (role.quantizer = 0; role.quantizer < bands::kQuantizers; ++role.quantizer)
      weigh_in(v, role, places, quiet, out.data() + std::ptrdiff_t{2} * role.quantizer);
    return out;
  }

  // Learns, as the coder would, what became of a magnitude.
  HWY_INLINE void learn(int magnitude, const BandContext& context, const BandRole& role, bool quiet) {
    const auto set = static_cast<std::size_t>(role.own_set());
    if (quiet) teach_counter(model_.quiet[set], magnitude != 0 ? 1 : 0, tables_);
    if (quiet && magnitude == 0) return;
    const std::array<ClassPlace, 2> places{context.expected(role), context.nearby()};
    for (std::size_t node = quiet ? 1 : 0; node < bands::kThresholds; ++node) {
      const int yes = magnitude >= bands::kThreshold[node] ? 1 : 0;
      for (std::size_t t = 0; t < places.size(); ++t)
        teach_opinion_at(model_.opinions[t][set][node].data(), places[t], yes, tables_);
      if (yes == 0) return;
    }
  }

 private:
  static constexpr int kTold = 6;  // decisions that ask for 1, 2, …; beyond them what an octave takes is enough

  static constexpr int kSurelyZero = 64;  // where nothing is around

  HWY_INLINE Candidates zeros(int v, BandRole role) const {
    Candidates out;
    for (role.quantizer = 0; role.quantizer < bands::kQuantizers; ++role.quantizer) {
      const int bits = cost(65536 - safe(model_.quiet[static_cast<std::size_t>(role.own_set())].probability));
      out[static_cast<std::size_t>(2 * role.quantizer)].offer(std::int64_t{v} * v + std::int64_t{price_} * bits, 0);
    }
    return out;
  }

  // `out`: by parity.
  HWY_INLINE void weigh_in(int v, const BandRole& role, const std::array<ClassPlace, 2>& places, bool quiet,
                           Candidate* out) const {
    const auto set = static_cast<std::size_t>(role.own_set());
    const int nearest = (v + 128 * role.quantizer + 128) >> 8;
    const int first = nearest <= 2 ? 0 : nearest - 1, last = std::min(nearest + 1, BandPlane::kMostMagnitude);
    int passed = 0;
    for (int q = 0; q <= last; ++q) {
      if (q == kTold) q = std::max(q, first);
      int bits = passed;
      if (q < kTold) {
        const std::uint32_t p = q == 0 && quiet ? safe(model_.quiet[set].probability) : opinion(set, q, places);
        bits += cost(65536 - p);
        passed += cost(p);
      } else {
        bits += 512 * (octave_of(q) - 1);
      }
      if (q < first) continue;
      const std::int64_t error = v - value_of(q, role.quantizer);
      out[q & 1].offer(error * error + std::int64_t{price_} * (bits + (q != 0 ? 256 : 0)), q);
    }
  }

  HWY_INLINE std::uint32_t opinion(std::size_t set, int node, const std::array<ClassPlace, 2>& places) const {
    const auto of = [&](std::size_t t) { return model_.opinions[t][set][static_cast<std::size_t>(node)].data(); };
    return safe((opinion_at(of(0), places[0]) + opinion_at(of(1), places[1])) >> 1);
  }
  HWY_INLINE int cost(std::uint32_t p) const { return tables_.cost[p >> 4]; }

  // What an index will stand for, about.
  HWY_INLINE int value_of(int q, int quantizer) const {
    return q == 0 ? 0 : 256 * q - 128 * quantizer + beyond_[static_cast<std::size_t>(std::min(q, 3))];
  }

  bands::BandModel& model_;
  const bands::BandTables& tables_;
  int price_;
  // By index: the dearer bits are, the more small values go to the index below, and the mean of those that stay is
  // beyond the middle of their step. In 1/256, best over photos.
  std::array<int, 4> beyond_;
};

// Finds the indices of a run of coefficients.
class CheapestPath {
 public:
  // From `state` on.
  void begin(DependentState state, std::size_t coefficients) {
    tolls_.fill(kFar);
    tolls_[static_cast<std::size_t>(state.state())] = 0;
    parities_.clear();
    candidates_.clear();
    parities_.reserve(coefficients);
    candidates_.reserve(coefficients);
  }

  HWY_INLINE void add(const Candidates& of) {
    std::array<std::int64_t, DependentState::kStates> next;
    unsigned parities = 0;
    for (int s = 0; s < DependentState::kStates; ++s) {
      const DependentState to(s);
      const auto even = static_cast<std::size_t>(to.before(0).state());
      const auto odd = static_cast<std::size_t>(to.before(1).state());
      const auto at = static_cast<std::size_t>(2 * to.before(0).quantizer());
      const std::int64_t with_even = tolls_[even] + of[at].toll, with_odd = tolls_[odd] + of[at + 1].toll;
      parities |= static_cast<unsigned>(with_odd < with_even) << s;
      next[static_cast<std::size_t>(s)] = std::min(with_even, with_odd);
    }
    tolls_ = next;
    parities_.push_back(static_cast<std::uint8_t>(parities));
    candidates_.push_back({of[0].index, of[1].index, of[2].index, of[3].index});
  }

  // Gives the indices, with the signs of the coefficients.
  void end(const std::int32_t* values, std::int32_t* chosen) const {
    const auto* const least = std::min_element(tolls_.begin(), tolls_.end());
    DependentState state(static_cast<int>(least - tolls_.begin()));
    for (std::size_t i = parities_.size(); i-- > 0;) {
      const int parity = parities_[i] >> state.state() & 1;
      state = state.before(parity);
      const std::int32_t index = candidates_[i][static_cast<std::size_t>(2 * state.quantizer() + parity)];
      chosen[i] = values[i] < 0 ? -index : index;
    }
  }

 private:
  static constexpr std::int64_t kFar = std::int64_t{1} << 60;

  std::array<std::int64_t, DependentState::kStates> tolls_{};
  std::vector<std::uint8_t> parities_;  // a bit for each state that a coefficient leads to
  std::vector<std::array<std::int32_t, 4>> candidates_;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
