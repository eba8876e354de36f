#include "coding/constriction/categorical_ans.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace vaerans::kernels::categorical {
namespace {

constexpr std::uint32_t kSlots = std::uint32_t{1} << kPrecision;
constexpr unsigned kRunBits = 14;  // 1024 runs of slots: a search within a run takes few steps for usual alphabets
constexpr std::uint64_t kLeastState = std::uint64_t{1} << 32U;  // after the first word has been moved out

// One scale for the whole alphabet; NaN unless the sum is a normal number and the scale finite.
template <class Real>
Real scale_of(std::span<const Real> probabilities) noexcept {
  constexpr Real none = std::numeric_limits<Real>::quiet_NaN();
  Real sum = 0;
  for (const Real p : probabilities) {
    if (!(p >= 0)) return none;
    sum += p;
  }
  if (!std::isnormal(sum)) return none;
  const Real scale = static_cast<Real>(kSlots - probabilities.size()) / sum;
  return std::isfinite(scale) ? scale : none;
}

}  // namespace

Status probabilities_of(std::span<const std::uint32_t> counts, std::span<double> probabilities) noexcept {
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (counts.size() != probabilities.size() || total == 0) return Status::bad_argument;
  std::ranges::transform(counts, probabilities.begin(), [total](std::uint32_t count) {
    return static_cast<double>(count) / static_cast<double>(total);
  });
  return Status::ok;
}

template <class Real>
Status Table::build_from(std::span<const Real> probabilities) {
  cumulative_.clear();
  const std::size_t n = probabilities.size();
  if (n < kMinAlphabet || n > kMaxAlphabet) return Status::bad_argument;
  const Real scale = scale_of(probabilities);
  if (std::isnan(scale)) return Status::bad_table;

  cumulative_.resize(n + 1);
  Real sum = 0;
  for (std::size_t s = 0; s < n; ++s) {
    cumulative_[s] = static_cast<std::uint32_t>(s) + static_cast<std::uint32_t>(sum * scale);
    sum += probabilities[s];
  }
  cumulative_[n] = kSlots;
  if (cumulative_[n - 1] >= kSlots) {  // the last one is the largest
    cumulative_.clear();
    return Status::bad_table;
  }
  build_first_symbols();
  return Status::ok;
}

Status Table::build(std::span<const double> probabilities) { return build_from(probabilities); }
Status Table::build(std::span<const float> probabilities) { return build_from(probabilities); }

void Table::build_first_symbols() {
  first_symbol_.resize(kSlots >> kRunBits);
  std::size_t s = 0;
  for (std::size_t run = 0; run < first_symbol_.size(); ++run) {
    while (cumulative_[s + 1] <= run << kRunBits) ++s;
    first_symbol_[run] = static_cast<std::uint16_t>(s);
  }
}

std::uint32_t Table::symbol_of(std::uint32_t slot) const noexcept {
  const std::size_t run = slot >> kRunBits;
  const std::size_t first = first_symbol_[run];
  const std::size_t last = run + 1 < first_symbol_.size() ? first_symbol_[run + 1] : alphabet() - 1;
  const auto begin = cumulative_.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = cumulative_.begin() + static_cast<std::ptrdiff_t>(last) + 1;
  return static_cast<std::uint32_t>(std::upper_bound(begin + 1, end, slot) - cumulative_.begin()) - 1;
}

// A built table gives every symbol a slot: freq >= 1.
bool Encoder::push(std::uint32_t start, std::uint32_t freq) noexcept {
  if ((state_ >> (64U - kPrecision)) >= freq && !move_out()) return false;
  state_ = (state_ / freq << kPrecision) + start + state_ % freq;  // NOLINT(clang-analyzer-core.DivideZero)
  return true;
}

bool Encoder::move_out() noexcept {
  if (words_ == out_.size()) return false;
  out_[words_++] = static_cast<std::uint32_t>(state_);
  state_ >>= 32U;
  return true;
}

template <class Symbol>
Status Encoder::put(std::span<const Symbol> symbols, const Table& table) noexcept {
  const auto cumulative = table.cumulative();
  if (cumulative.empty()) return Status::bad_table;
  for (std::size_t i = symbols.size(); i-- > 0;) {
    const std::size_t s = symbols[i];
    if (s >= table.alphabet()) return Status::bad_symbol;
    if (!push(cumulative[s], cumulative[s + 1] - cumulative[s])) return Status::output_full;
  }
  return Status::ok;
}

EncodeResult Encoder::finish() noexcept {
  while (state_ != 0) {
    if (!move_out()) return {Status::output_full, 0};
  }
  return {Status::ok, words_};
}

Decoder::Decoder(std::span<const std::uint32_t> words) noexcept
    : words_(words), bad_state_(!words.empty() && words.back() == 0) {
  refill();
  refill();
}

void Decoder::refill() noexcept {
  if (state_ >= kLeastState || words_.empty()) return;
  state_ = state_ << 32U | words_.back();
  words_ = words_.first(words_.size() - 1);
}

std::uint32_t Decoder::pop(const Table& table) noexcept {
  const auto slot = static_cast<std::uint32_t>(state_) & (kSlots - 1);
  const std::uint32_t symbol = table.symbol_of(slot);
  const std::uint32_t start = table.cumulative()[symbol];
  state_ = (state_ >> kPrecision) * (table.cumulative()[symbol + 1] - start) + (slot - start);
  refill();
  return symbol;
}

template <class Symbol>
Status Decoder::get(std::span<Symbol> symbols, const Table& table) noexcept {
  constexpr std::size_t values = std::size_t{std::numeric_limits<Symbol>::max()} + 1;
  if (bad_state_) return Status::bad_state;
  if (table.alphabet() == 0 || table.alphabet() > values) return Status::bad_table;
  for (Symbol& symbol : symbols) symbol = static_cast<Symbol>(pop(table));
  return Status::ok;
}

Status Decoder::finish() const noexcept {
  if (bad_state_) return Status::bad_state;
  if (!words_.empty()) return Status::trailing;
  return state_ == 0 ? Status::ok : Status::end_state;
}

template Status Encoder::put(std::span<const std::uint8_t>, const Table&) noexcept;
template Status Encoder::put(std::span<const std::uint16_t>, const Table&) noexcept;
template Status Decoder::get(std::span<std::uint8_t>, const Table&) noexcept;
template Status Decoder::get(std::span<std::uint16_t>, const Table&) noexcept;

}  // namespace vaerans::kernels::categorical
