#include "systems/coders/context_cost.hpp"

namespace vaerans {
namespace {

/// Sums what everything would cost, and what each channel would cost with moved classes.
class CostMeter {
 public:
  CostMeter(const ContextPrior& prior, ShiftsOfChannels* of_channel) : prior_(prior), of_channel_(of_channel) {}

  void row(std::uint32_t channel, std::span<const kernels::Context> contexts, std::span<const std::int32_t> q) {
    for (std::size_t x = 0; x < q.size(); ++x) {
      const auto& c = contexts[x];
      const std::int32_t v = coded_value(c, q[x]);
      total_ += cost(prior_, c.spread_class, c.phase, v);
      if (of_channel_ != nullptr) add_moved((*of_channel_)[channel], c, v);
    }
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  void add_moved(Shifts& sums, const kernels::Context& c, std::int32_t v) const {
    for (std::int32_t s = -kMaxShift; s <= kMaxShift; ++s) {
      sums[index_of_shift(s)] += cost(prior_, moved(c.spread_class, s), c.phase, v);
    }
  }

  const ContextPrior& prior_;
  ShiftsOfChannels* of_channel_;
  std::uint64_t total_ = 0;
};

/// Cost at an operating point, in 1/1024 bit.
std::uint64_t cost_at(ContextWalk& walk, const ContextPrior& prior, std::uint32_t point) {
  CostMeter meter(prior, nullptr);
  walk.backwards(point, meter);
  return meter.total();
}

}  // namespace

bool fits(const ContextPrior& prior, std::span<const Section> sections) noexcept {
  const auto layout = BandLayout::of(sections);
  return layout && layout->channels == prior.channels && layout->levels >= 1 && layout->levels <= prior.levels;
}

// Downhill from the middle, because the cost has one valley.
std::uint32_t best_point(ContextWalk& walk, const ContextPrior& prior) {
  std::uint32_t best = prior.points / 2;
  std::uint64_t least = cost_at(walk, prior, best);
  for (const int direction : {-1, 1}) {
    const std::uint32_t start = best;
    while (direction < 0 ? best > 0 : best + 1 < prior.points) {
      const std::uint32_t next = direction < 0 ? best - 1 : best + 1;
      const std::uint64_t bits = cost_at(walk, prior, next);
      if (bits >= least) break;
      best = next;
      least = bits;
    }
    if (best != start) break;
  }
  return best;
}

void cost_of_shifts(ContextWalk& walk, const ContextPrior& prior, std::uint32_t point, ShiftsOfChannels& out) {
  out.fill({});
  CostMeter meter(prior, &out);
  walk.backwards(point, meter);
}

}  // namespace vaerans
