#include <limits>
#include <vector>

#include "kernels/trellis/trellis_each.hpp"

namespace vaerans::kernels {
namespace {

using Costs = std::array<std::int64_t, kTrellisStates>;

// One lane: forward the cheapest way into each state, then back along the cheapest of all.
class Lane {
 public:
  Lane(std::span<const float> x, std::size_t lane) : x_(x), lane_(lane), taken_(x.size() / kTrellisLanes) {}
  void run(std::span<std::int32_t> out) {
    costs_.fill(trellis::kEarly);
    costs_[0] = 0;
    for (std::size_t i = 0; i < taken_.size(); ++i) advance(i);
    auto state = static_cast<std::size_t>(std::ranges::min_element(costs_) - costs_.begin());
    for (std::size_t i = taken_.size(); i-- > 0;) state = back(i, state, out[at(i)]);
  }

 private:
  [[nodiscard]] std::size_t at(std::size_t i) const { return i * kTrellisLanes + lane_; }
  void advance(std::size_t i) {
    const trellis::Folded a = trellis::fold(x_[at(i)]);
    Costs next{};
    for (std::size_t state = 0; state < kTrellisStates; ++state) {
      const std::int64_t first = cost(trellis::kWays.into[state][0], a),
                         second = cost(trellis::kWays.into[state][1], a);
      taken_[i][state] = trellis::kWays.into[state][second < first ? 1 : 0];
      next[state] = std::min(first, second);
    }
    costs_ = next;
  }
  [[nodiscard]] std::int64_t cost(std::size_t way, trellis::Folded a) const {
    const std::int64_t d = trellis::distance(trellis::subset_of(way / 2, way % 2), a);
    return costs_[way / 2] + d * d;
  }
  [[nodiscard]] std::size_t back(std::size_t i, std::size_t state, std::int32_t& out) const {
    const std::size_t way = taken_[i][state];
    const float x = x_[at(i)];
    const std::int32_t u = trellis::nearest(trellis::subset_of(way / 2, way % 2), trellis::fold(x));
    out = x < 0 ? -u : u;
    return way / 2;
  }

  std::span<const float> x_;
  std::size_t lane_;
  std::vector<std::array<std::uint8_t, kTrellisStates>> taken_;
  Costs costs_{};
};

}  // namespace

template <class Symbol>
void follow_trellis_ref(std::span<const Symbol> symbols, std::int32_t zero, TrellisStates& states,
                        std::uint16_t* out) noexcept {
  for (std::size_t i = 0; i < symbols.size(); ++i)
    out[i] = trellis::follow(symbols[i] - zero, states.of[i % kTrellisLanes]);
}
template void follow_trellis_ref(std::span<const std::uint8_t>, std::int32_t, TrellisStates&, std::uint16_t*) noexcept;
template void follow_trellis_ref(std::span<const std::uint16_t>, std::int32_t, TrellisStates&, std::uint16_t*) noexcept;

void search_trellis_ref(std::span<const float> x, std::span<std::int32_t> out) {
  for (std::size_t lane = 0; lane < kTrellisLanes; ++lane) Lane(x, lane).run(out);
}

}  // namespace vaerans::kernels
