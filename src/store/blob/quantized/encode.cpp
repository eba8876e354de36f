#include <algorithm>

#include "kernels/quantize/quantize.hpp"
#include "kernels/trellis/trellis.hpp"
#include "store/blob/quantized/bank.hpp"
#include "store/blob/quantized/integers.hpp"
#include "store/blob/quantized/quantized.hpp"
#include "store/blob/quantized/spreads.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {
namespace {

// Sections of fewer symbols cost more in bytes than a spread of their own gains.
constexpr std::uint64_t kLeastSection = 512;
// 16-bit symbols where more than one number in so many lies beyond 8 bits.
constexpr std::uint64_t kRare = 4096;
// More exceptions than one number in so many: another alphabet is tried, and beyond the wider one the step is too fine.
constexpr std::uint64_t kTooMany = 64, kAlwaysAllowed = 16;

bool too_many(std::uint64_t exceptions, std::uint64_t count) {
  return exceptions > std::max(kAlwaysAllowed, count / kTooMany);
}

/// How far integers go.
class Reach {
 public:
  Reach(const Integers& q, bool trellis) : q_(q), range_(kernels::min_max(q)), unit_(trellis ? 2 : 1) {}
  /// Whether a number had so many steps that its integer is another one.
  [[nodiscard]] bool is_cut() const { return range_.min <= -kernels::kMaxIndex || range_.max >= kernels::kMaxIndex; }
  /// How many have no symbol in an alphabet that reaches so far. An index of the trellis is half of its integer.
  [[nodiscard]] std::uint64_t beyond(std::int32_t reach) const {
    const std::int32_t most = unit_ * reach;
    if (range_.min >= -most && range_.max <= most) return 0;
    return static_cast<std::uint64_t>(std::ranges::count_if(q_, [&](std::int32_t v) { return v > most || v < -most; }));
  }

 private:
  const Integers& q_;
  kernels::IntRange range_;
  std::int32_t unit_;
};

std::uint64_t rows_per_section(const Geometry& g) {
  const std::uint64_t in_band = std::max<std::uint64_t>(1, g.planes * g.band_size(g.bands() - 1));
  return std::clamp<std::uint64_t>(kLeastSection / in_band, 1, g.rows);
}

/// A table of one symbol has one parity: where others are needed, the next wider one that has more.
template <class Symbol>
std::uint8_t with_both_parities(std::uint8_t spread, std::span<const std::int32_t> indices) {
  const auto single = [](std::uint8_t s) { return bank_table<Symbol>(s).low == bank_table<Symbol>(s).high; };
  if (!single(spread) || std::ranges::none_of(indices, [](std::int32_t v) { return v % 2 != 0; })) return spread;
  while (single(spread)) spread += kShapes;
  return spread;
}

template <class Symbol>
class SectionEncoder {
 public:
  SectionEncoder(const Integers& q, Header& h) : q_(q), h_(h), symbols_(q.size()) {
    h.sections.clear();
    h.exceptions.clear();
  }
  Words run(RecycledRoom<Symbol>& symbols) {
    for_each_section(h_.geometry, [&](const Section& s) {
      h_.trellis ? dependent(s) : encode(s, std::span(q_).subspan(s.first, s.size));
    });
    const auto table = [&](std::size_t i) -> const kernels::EncodeTable& {
      return bank_table<Symbol>(h_.sections[i]).encode;
    };
    Words words = encode_words<Symbol>(symbols_, h_.geometry, 1U << h_.log2_lanes, table);
    symbols = std::move(symbols_);
    return words;
  }

 private:
  using A = Alphabet<Symbol>;

  void dependent(const Section& s) {
    indices_.resize(s.size);
    std::ranges::transform(std::span(q_).subspan(s.first, s.size), indices_.begin(), kernels::trellis_index);
    const std::size_t before = h_.exceptions.size();
    encode(s, indices_);
    for (Exception& e : std::span(h_.exceptions).subspan(before)) match_parity(e);
  }
  /// Chooses the section's spread. Integers beyond its table become the nearest one that has a symbol, and exceptions.
  void encode(const Section& s, std::span<const std::int32_t> q) {
    const auto symbols = std::span(symbols_).subspan(s.first, s.size);
    const kernels::IntRange range = kernels::min_max(q);
    const bool all = range.min >= -A::zero && range.max < A::zero && kernels::to_symbols(q, -A::zero, symbols);
    const Distances distances =
        all ? count_distances(std::span<const Symbol>(symbols), A::zero) : count_distances(q, A::zero - 1);
    h_.sections.push_back(best_spread(distances, A::precision));
    if (h_.trellis) h_.sections.back() = with_both_parities<Symbol>(h_.sections.back(), q);
    const BankTable& table = bank_table<Symbol>(h_.sections.back());
    if (range.min < table.low || range.max > table.high) list_exceptions(s.first, q, table);
  }
  void list_exceptions(std::uint64_t first, std::span<const std::int32_t> q, const BankTable& table) {
    for (std::size_t i = 0; i < q.size(); ++i) {
      const std::int32_t near = std::min(std::max(q[i], table.low), table.high);
      symbols_[first + i] = static_cast<Symbol>(near + A::zero);
      if (near != q[i]) h_.exceptions.push_back({first + i, std::int64_t{q[i]} - near});
    }
  }
  /// States follow the parity of symbols: what stands for an index must have its parity. Exceptions add to integers.
  void match_parity(Exception& e) {
    const std::int32_t integer = q_[e.position], index = kernels::trellis_index(integer);
    auto near = static_cast<std::int32_t>(index - e.beyond);
    if (e.beyond % 2 != 0) near += near > index ? 1 : -1;
    symbols_[e.position] = static_cast<Symbol>(near + A::zero);
    const std::int32_t sign = (near > 0 ? 1 : 0) - (near < 0 ? 1 : 0);
    e.beyond = std::int64_t{integer} - (2 * near - (integer % 2 != 0 ? sign : 0));
  }

  const Integers& q_;
  Header& h_;
  RecycledRoom<Symbol> symbols_;
  Integers indices_;
};

}  // namespace

Coded encode_quantized(std::span<const float> x, Header& h) {
  h.geometry.rows_per_section = rows_per_section(h.geometry);
  h.log2_lanes = log2_lanes_for(h.geometry.count);
  const Integers q = integers_of(x, h);
  const Reach reach(q, h.trellis);
  if (reach.is_cut() || too_many(reach.beyond(Alphabet<std::uint16_t>::zero - 1), q.size()))
    throw Error(ErrorCode::bad_parameter,
                "the target asks for steps so fine that the numbers go thousands of steps from their mean; use a "
                "coarser target, or lossless with f16 or bf16 numbers");
  h.wide = reach.beyond(Alphabet<std::uint8_t>::zero - 1) > q.size() / kRare;
  Coded out;
  if (!h.wide) {
    out.words = SectionEncoder<std::uint8_t>(q, h).run(out.bytes);
    // Numbers that lie far apart, and most of them together: the wider alphabet's tables reach further.
    if (!too_many(h.exceptions.size(), q.size())) return out;
    h.wide = true;
  }
  out.words = SectionEncoder<std::uint16_t>(q, h).run(out.wide);
  return out;
}

}  // namespace vaerans::blob
