#include "kernels/bands/steps/step_map.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <type_traits>

#include "kernels/bands/band_model.hpp"

namespace vaerans::kernels {
namespace {

// The last one is perhaps not full.
std::size_t cells_of(std::size_t pixels) { return (pixels + StepMap::kCell - 1) / StepMap::kCell; }

// A place along one side, in 1/32 cell from the first cell's centre: the cell before it, the one behind, and the share
// of the latter.
struct Between {
  std::size_t before, behind;
  int share;

  Between(std::size_t at, unsigned level, std::size_t cells) {
    const std::int64_t center = (static_cast<std::int64_t>(2 * at + 1) << level) - 16;
    const auto last = static_cast<std::int64_t>(cells - 1);
    const std::int64_t place = std::clamp<std::int64_t>(center, 0, 32 * last);
    before = static_cast<std::size_t>(place >> 5);
    behind = std::min(before + 1, cells - 1);
    share = static_cast<int>(place & 31);
  }
};

// ---- the map as decisions -----------------------------------------------------------------------------------------

// Plain decisions: one counter each.
template <class Coder>
class CellCoder {
 public:
  explicit CellCoder(Coder& coder) : coder_(coder), tables_(bands::band_tables()) {
    for (auto& table : counters_) table.fill({32768, 0});
  }

  // A difference, in the context of the last one.
  int code(int d) {
    auto& own = counters_[std::min<std::size_t>(std::bit_width(static_cast<unsigned>(std::abs(last_))), 4)];
    last_ = 0;
    if (decide(own[kNonzero], d != 0) == 0) return 0;
    const int minus = decide(own[kMinus], d < 0);
    const int size = number(own, std::abs(d));
    return last_ = minus != 0 ? -size : size;
  }

 private:
  static constexpr std::size_t kMostOctave = 17, kNonzero = 17, kMinus = 18;
  using Counters = std::array<Counter, 19>;

  int decide(Counter& c, bool yes) {
    const auto p = static_cast<std::uint32_t>(std::clamp<int>(c.probability, 32, 65504));
    const int bit = coder_.code(yes ? 1 : 0, p);
    c.probability = static_cast<std::uint16_t>(c.probability +
                                               ((bit * 65535 - c.probability) * tables_.counter_rate[c.visits] >> 15));
    c.visits = static_cast<std::uint16_t>(std::min(c.visits + 1, Counter::kMostVisits));
    return bit;
  }
  int number(Counters& own, int v) {
    const auto wanted = static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(v)));  // one more than its octave
    std::size_t octave = 0;
    while (octave < kMostOctave && decide(own[octave], wanted > octave + 1) != 0) ++octave;
    int out = 1;
    for (std::size_t i = octave; i-- > 0;) out = out << 1 | coder_.code(v >> i & 1, 32768);
    return out;
  }

  Coder& coder_;
  const bands::BandTables& tables_;
  std::array<Counters, 5> counters_{};
  int last_ = 0;
};

}  // namespace

StepMap::StepMap(std::size_t rows, std::size_t columns)
    : height_(cells_of(rows)), width_(cells_of(columns)), cells_(height_ * width_) {}

StepMap::StepMap(const BandLayout& layout) : StepMap(layout.height(), layout.width()) {}

StepMap StepMap::part(std::size_t top, std::size_t left, std::size_t rows, std::size_t columns) const {
  StepMap out(rows, columns);
  for (std::size_t y = 0; y < out.height_; ++y) {
    const auto from = std::span(cells_).subspan((top / kCell + y) * width_ + left / kCell, out.width_);
    std::ranges::copy(from, out.cells_.begin() + static_cast<std::ptrdiff_t>(y * out.width_));
  }
  return out;
}

void StepMap::exponents(unsigned level, std::size_t y, std::size_t left, std::span<std::int16_t> out) const {
  const Between rows(y, level, height_);
  const std::int8_t *const above = cells_.data() + rows.before * width_, *const below =
                                                                             cells_.data() + rows.behind * width_;
  const auto down = [&](std::size_t x) { return above[x] * (32 - rows.share) + below[x] * rows.share; };
  for (std::size_t x = 0; x < out.size(); ++x) {
    const Between columns(left + x, level, width_);
    const int sum = down(columns.before) * (32 - columns.share) + down(columns.behind) * columns.share;
    out[x] = static_cast<std::int16_t>((sum + 64) >> 7);
  }
}

std::int16_t StepMap::least_exponent() const {
  return static_cast<std::int16_t>(8 * *std::ranges::min_element(cells_));
}

int StepMap::foretold(std::size_t i) const {
  const bool top = i < width_, left = width_ <= 1 || i % width_ == 0;
  const int west = left ? 0 : cells_[i - 1], north = top ? 0 : cells_[i - width_];
  if (top) return west;
  return left ? north : (west + north) >> 1;
}

template <class Coder>
void StepMap::code(Coder& coder) {
  constexpr bool kDecoding = std::is_same_v<Coder, PartedDecoder>;
  CellCoder<Coder> cell(coder);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const int guess = foretold(i);
    const int v = guess + cell.code(cells_[i] - guess);
    if constexpr (kDecoding) {
      if (coder.failed()) return;
      cells_[i] = static_cast<std::int8_t>(std::clamp(v, -kLimit, kLimit));
    }
  }
}

void StepMap::encode(PartedDecisions& decisions) const { StepMap(*this).code(decisions); }
void StepMap::decode(PartedDecoder& decoder) { code(decoder); }

int visual_weight(std::size_t channel, unsigned level, bool diagonal) noexcept {
  // LL, then level 1 and on; coarser ones as the last. Found by trial with SSIMULACRA2 on photos.
  static constexpr std::array<std::array<int, 7>, BandLayout::kMostChannels> kWeights{
      {{-8, 16, 6, 0, -4, -6, -8}, {0, 12, 6, 2, 0, 0, 0}, {8, 24, 18, 14, 12, 12, 12}}};
  constexpr int kDiagonal = 4;  // in luma
  return kWeights[channel][std::min<std::size_t>(level, 6)] + (diagonal && channel == 0 ? kDiagonal : 0);
}

float step_factor(int exponent) noexcept {
  static constexpr std::array<float, 16> kParts{1.0F,        1.04427378F, 1.09050773F,
                                                1.13878863F, 1.18920712F, 1.24185781F,
                                                1.29683955F, 1.35425555F, std::numbers::sqrt2_v<float>,
                                                1.47682615F, 1.54221083F, 1.61049033F,
                                                1.68179283F, 1.75625216F, 1.83400809F,
                                                1.91520656F};
  return std::ldexp(kParts[static_cast<std::size_t>(exponent & 15)], exponent >> 4);
}

}  // namespace vaerans::kernels
