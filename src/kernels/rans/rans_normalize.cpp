// Choosing a table of integer frequencies: logarithms in integers, costs, the optimum and the simple method.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "kernels/rans/rans.hpp"

namespace vaerans::kernels {
namespace {

using Move = NormalizeWorkspace::Move;

// 2 / ln(2) * atanh(t) = log2((1 + t) / (1 - t)) in units of 2^-32, for t in [0, 1/3] in units of 2^-60. Not decreasing
// in t, since every step is not.
std::uint64_t log2_of_ratio(std::uint64_t t) noexcept {
  constexpr std::uint64_t two_over_ln2 = 3098164009U;             // in units of 2^-30
  const std::uint64_t square = ((t >> 29U) * (t >> 29U)) >> 31U;  // in units of 2^-31
  std::uint64_t sum = t;
  std::uint64_t power = t;
  for (std::uint64_t divisor = 3;; divisor += 2) {
    power = ((power >> 29U) * square) >> 2U;
    const std::uint64_t term = power / divisor;
    if (term == 0) break;
    sum += term;
  }
  return ((sum >> 28U) * two_over_ln2) >> 30U;
}

// log2((f + 1) / f) in units of 2^-32, for f >= 1: falls as f grows.
std::uint64_t log2_step(std::uint32_t f) noexcept {
  return log2_of_ratio((std::uint64_t{1} << 60U) / (2 * std::uint64_t{f} + 1));
}

// Frequencies on their way to the optimum, with two heaps of possible moves: the symbol that gains most from one more
// slot and the one that loses least from one fewer. An entry is stale once its symbol's frequency has changed.
class SlotMarket {
 public:
  SlotMarket(std::span<const std::uint32_t> counts, std::span<std::uint32_t> freq, NormalizeWorkspace& workspace)
      : counts_(counts), freq_(freq), gains_(workspace.gains), losses_(workspace.losses) {
    gains_.clear();
    losses_.clear();
    gains_.reserve(4 * freq.size());  // seldom is more needed
    losses_.reserve(4 * freq.size());
    for (std::uint32_t s = 0; s < freq.size(); ++s) {
      if (freq[s] != 0) offer(s);
    }
  }

  void give() { change(best(gains_, MostGain{}), +1); }
  void take() { change(best(losses_, LeastLoss{}), -1); }

  // Moves one slot where that pays; false if it pays nowhere.
  bool trade() {
    if (losses_.empty()) return false;
    const Move gain = best(gains_, MostGain{});
    const Move loss = best(losses_, LeastLoss{});
    if (loss.freq == 0 || gain.bits <= loss.bits) return false;
    change(gain, +1);
    change(loss, -1);
    return true;
  }

 private:
  struct MostGain {
    bool operator()(const Move& a, const Move& b) const noexcept {
      return a.bits != b.bits ? a.bits < b.bits : a.symbol > b.symbol;
    }
  };
  struct LeastLoss {
    bool operator()(const Move& a, const Move& b) const noexcept {
      return a.bits != b.bits ? a.bits > b.bits : a.symbol > b.symbol;
    }
  };

  // Both possible moves of symbol s as it is now.
  void offer(std::uint32_t s) {
    const std::uint32_t f = freq_[s];
    push(gains_, {counts_[s] * log2_step(f), s, f}, MostGain{});
    if (f > 1) push(losses_, {counts_[s] * log2_step(f - 1), s, f}, LeastLoss{});
  }

  void change(Move move, int by) {
    if (move.freq == 0) return;
    freq_[move.symbol] = by > 0 ? move.freq + 1 : move.freq - 1;
    offer(move.symbol);
  }

  // The best entry that still holds; freq 0 if there is none.
  template <class Order>
  Move best(RecycledVector<Move>& heap, Order order) {
    while (!heap.empty() && heap.front().freq != freq_[heap.front().symbol]) {
      std::pop_heap(heap.begin(), heap.end(), order);
      heap.pop_back();
    }
    return heap.empty() ? Move{0, 0, 0} : heap.front();
  }

  template <class Order>
  static void push(RecycledVector<Move>& heap, Move move, Order order) {
    heap.push_back(move);
    std::push_heap(heap.begin(), heap.end(), order);
  }

  std::span<const std::uint32_t> counts_;
  std::span<std::uint32_t> freq_;
  RecycledVector<Move>& gains_;
  RecycledVector<Move>& losses_;
};

// Proportional shares, rounded, at least one slot for each counted symbol. Returns their sum.
std::uint64_t share_out(std::span<const std::uint32_t> counts, std::uint64_t total, std::uint64_t slots,
                        std::span<std::uint32_t> freq) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const std::uint64_t share = (counts[s] * slots + total / 2) / total;
    freq[s] = counts[s] == 0 ? 0U : static_cast<std::uint32_t>(std::max<std::uint64_t>(share, 1));
    sum += freq[s];
  }
  return sum;
}

// What both methods refuse, and the sum of the counts.
Status check_counts(std::span<const std::uint32_t> counts, unsigned precision_bits, std::size_t n_freq,
                    std::uint64_t& total) noexcept {
  if (counts.size() != n_freq || counts.empty() || counts.size() > kMaxAlphabet) return Status::bad_argument;
  if (precision_bits < kMinPrecision || precision_bits > kMaxPrecision) return Status::bad_argument;
  total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (total == 0) return Status::bad_argument;
  const auto distinct = counts.size() - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0U));
  return distinct > std::uint64_t{1} << precision_bits ? Status::too_many_symbols : Status::ok;
}

}  // namespace

std::uint64_t log2_q32(std::uint32_t x) noexcept {
  const auto exponent = static_cast<unsigned>(std::bit_width(x | 1U)) - 1U;
  const std::uint64_t base = std::uint64_t{1} << exponent;
  const std::uint64_t ratio = ((x - base) << 31U) / (x + base);
  return (std::uint64_t{exponent} << 32U) + log2_of_ratio(ratio << 29U);
}

Status normalize(std::span<const std::uint32_t> counts, unsigned precision_bits, std::span<std::uint32_t> freq,
                 NormalizeWorkspace& workspace) {
  std::uint64_t total = 0;
  if (const Status status = check_counts(counts, precision_bits, freq.size(), total); status != Status::ok)
    return status;
  const std::uint64_t slots = std::uint64_t{1} << precision_bits;
  std::uint64_t sum = share_out(counts, total, slots, freq);
  SlotMarket market(counts, freq, workspace);
  for (; sum < slots; ++sum) market.give();
  for (; sum > slots; --sum) market.take();
  while (market.trade()) {
  }
  return Status::ok;
}

Status normalize(std::span<const std::uint32_t> counts, unsigned precision_bits, std::span<std::uint32_t> freq) {
  NormalizeWorkspace workspace;
  return normalize(counts, precision_bits, freq, workspace);
}

Status normalize_by_rounding(std::span<const std::uint32_t> counts, unsigned precision_bits,
                             std::span<std::uint32_t> freq) noexcept {
  std::uint64_t total = 0;
  if (const Status status = check_counts(counts, precision_bits, freq.size(), total); status != Status::ok)
    return status;
  const std::uint64_t slots = std::uint64_t{1} << precision_bits;
  std::uint64_t sum = share_out(counts, total, slots, freq);
  for (; sum < slots; ++sum) ++*std::max_element(freq.begin(), freq.end());
  for (; sum > slots; --sum) --*std::max_element(freq.begin(), freq.end());
  return Status::ok;
}

std::uint64_t cost_bits_q16(std::span<const std::uint32_t> counts, std::span<const std::uint32_t> freq,
                            unsigned precision_bits) noexcept {
  std::uint64_t cost = 0;  // in units of 2^-26 bit
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] == 0) continue;
    if (freq[s] == 0) return std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t bits = (std::uint64_t{precision_bits} << 32U) - log2_q32(freq[s]);
    cost += counts[s] * (bits >> 6U);
  }
  return cost >> 10U;
}

}  // namespace vaerans::kernels
