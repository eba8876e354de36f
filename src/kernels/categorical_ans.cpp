#include "kernels/categorical_ans.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace vaerans::kernels::categorical {
namespace {

constexpr std::uint32_t kSlots = std::uint32_t{1} << kPrecision;
constexpr unsigned kRunBits = 14;  // 1024 runs of slots: a search within a run takes few steps for usual alphabets
constexpr std::uint64_t kLeastState = std::uint64_t{1} << 32U;  // once a word is out

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

// The state and the words below it, as the encoder sees them.
class Writer {
 public:
  explicit Writer(std::span<std::uint32_t> out) noexcept : out_(out) {}

  bool push(std::uint32_t start, std::uint32_t freq) noexcept {
    if ((state_ >> (64U - kPrecision)) >= freq && !move_out()) return false;
    state_ = (state_ / freq << kPrecision) + start + state_ % freq;
    return true;
  }
  bool finish() noexcept {
    while (state_ != 0) {
      if (!move_out()) return false;
    }
    return true;
  }
  [[nodiscard]] std::size_t words() const noexcept { return words_; }

 private:
  bool move_out() noexcept {
    if (words_ == out_.size()) return false;
    out_[words_++] = static_cast<std::uint32_t>(state_);
    state_ >>= 32U;
    return true;
  }

  std::span<std::uint32_t> out_;
  std::size_t words_ = 0;
  std::uint64_t state_ = 0;
};

// The same as the decoder sees them.
class Reader {
 public:
  explicit Reader(std::span<const std::uint32_t> words) noexcept : words_(words) {
    refill();
    refill();
  }

  std::uint32_t pop(const Table& table) noexcept {
    const auto slot = static_cast<std::uint32_t>(state_) & (kSlots - 1);
    const std::uint32_t symbol = table.symbol_of(slot);
    const std::uint32_t start = table.cumulative()[symbol];
    state_ = (state_ >> kPrecision) * (table.cumulative()[symbol + 1] - start) + (slot - start);
    refill();
    return symbol;
  }
  [[nodiscard]] bool all_read() const noexcept { return words_.empty(); }
  [[nodiscard]] std::uint64_t state() const noexcept { return state_; }

 private:
  void refill() noexcept {
    if (state_ >= kLeastState || words_.empty()) return;
    state_ = state_ << 32U | words_.back();
    words_ = words_.first(words_.size() - 1);
  }

  std::span<const std::uint32_t> words_;
  std::uint64_t state_ = 0;
};

template <class Symbol>
Status encode_segment(Writer& writer, const EncodeSegment<Symbol>& segment) noexcept {
  if (segment.symbols.empty()) return Status::ok;
  if (segment.table == nullptr || segment.table->alphabet() == 0) return Status::bad_table;
  const auto cumulative = segment.table->cumulative();
  for (std::size_t i = segment.symbols.size(); i-- > 0;) {
    const std::size_t s = segment.symbols[i];
    if (s >= segment.table->alphabet()) return Status::bad_symbol;
    if (!writer.push(cumulative[s], cumulative[s + 1] - cumulative[s])) return Status::output_full;
  }
  return Status::ok;
}

template <class Symbol>
bool fits(const DecodeSegment<Symbol>& segment) noexcept {
  constexpr std::size_t values = std::size_t{std::numeric_limits<Symbol>::max()} + 1;
  return segment.symbols.empty() ||
         (segment.table != nullptr && segment.table->alphabet() != 0 && segment.table->alphabet() <= values);
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

template <class Symbol>
EncodeResult encode(std::span<const EncodeSegment<Symbol>> segments, std::span<std::uint32_t> out) noexcept {
  Writer writer(out);
  for (std::size_t k = segments.size(); k-- > 0;) {
    if (const Status status = encode_segment(writer, segments[k]); status != Status::ok) return {status, 0};
  }
  if (!writer.finish()) return {Status::output_full, 0};
  return {Status::ok, writer.words()};
}

template <class Symbol>
Status decode(std::span<const std::uint32_t> words, std::span<const DecodeSegment<Symbol>> segments) noexcept {
  if (!words.empty() && words.back() == 0) return Status::bad_state;
  if (!std::ranges::all_of(segments, fits<Symbol>)) return Status::bad_table;
  Reader reader(words);
  for (const DecodeSegment<Symbol>& segment : segments) {
    for (Symbol& symbol : segment.symbols) symbol = static_cast<Symbol>(reader.pop(*segment.table));
  }
  if (!reader.all_read()) return Status::trailing;
  return reader.state() == 0 ? Status::ok : Status::end_state;
}

template EncodeResult encode(std::span<const EncodeSegment<std::uint8_t>>, std::span<std::uint32_t>) noexcept;
template EncodeResult encode(std::span<const EncodeSegment<std::uint16_t>>, std::span<std::uint32_t>) noexcept;
template Status decode(std::span<const std::uint32_t>, std::span<const DecodeSegment<std::uint8_t>>) noexcept;
template Status decode(std::span<const std::uint32_t>, std::span<const DecodeSegment<std::uint16_t>>) noexcept;

}  // namespace vaerans::kernels::categorical
