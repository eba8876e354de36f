// The band coder, written once for all lanes. Included once per instruction set like mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

#include "kernels/bands/band_memory.hpp"
#include "vaerans/base/interrupt.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// Stands where a coder of decisions does, for a pass that only learns.
struct NoCoder {
  int code(int yes, std::uint32_t) { return yes; }
};

// What a choice starts from. `again`: there are indices of an earlier pass, and the memory has learnt from them.
struct Choosing {
  const std::int32_t* coefficients = nullptr;  // in 1/256 of a step
  int price = 0;
  bool again = false;
};

// Writes, reads or (with NoCoder) chooses all indices of a picture.
template <class V, class Coder>
class BandCoder {
 public:
  static constexpr bool kDecoding = std::is_same_v<Coder, PartedDecoder>;
  static constexpr bool kChoosing = std::is_same_v<Coder, NoCoder>;
  using Index = std::conditional_t<std::is_same_v<Coder, PartedDecisions>, const std::int32_t, std::int32_t>;

  BandCoder(const BandLayout& layout, Index* indices, BandMemory& memory, Coder& coder, Indices kind,
            const Choosing& choosing = {})
      : layout_(layout),
        indices_(indices),
        memory_(memory),
        coder_(coder),
        choosing_(choosing),
        dependent_(kind == Indices::dependent),
        tables_(bands::band_tables()),
        magnitudes_(memory.model, tables_),
        signs_(memory.model, tables_),
        candidates_(memory.model, tables_, choosing.price) {
    choosing.again ? memory.begin_again(layout) : memory.reset(layout);
  }

  void run() {
    for (std::size_t c = 0; c < layout_.channels.size(); ++c) code_coarse(c);
    for (std::size_t k = 0; k < memory_.levels.size(); ++k) {
      for (std::size_t c = 0; c < layout_.channels.size(); ++c) {
        for (std::size_t o = 0; o < 3; ++o) {
          code_band(k, c, o);
          if (failed()) return;
        }
      }
    }
  }

 private:
  [[nodiscard]] bool failed() const {
    if constexpr (kDecoding) return coder_.failed();
    return false;
  }

  // ---- plain decisions ------------------------------------------------------------------------------------------

  HWY_INLINE int decide(Counter& c, int yes) {
    const int bit = coder_.code(yes, safe(c.probability));
    teach_counter(c, bit, tables_);
    return bit;
  }
  HWY_INLINE int even_bit(int bit) { return coder_.code(bit, 32768); }

  // A number from 1 on: how many bits it has behind its first, one decision for each, then those bits.
  template <std::size_t n>
  int code_number(std::array<Counter, n>& octaves, int v) {
    const int wanted = kDecoding ? 0 : octave_of(v);
    int octave = 0;
    while (octave < kMostOctave && decide(octaves[static_cast<std::size_t>(octave)], wanted > octave ? 1 : 0) != 0)
      ++octave;
    int out = 1;
    for (int i = octave - 1; i >= 0; --i) out = out << 1 | even_bit(v >> i & 1);
    return out;
  }
  static constexpr int kMostOctave = 17;

  // ---- LL: each index less what its neighbours foretell ---------------------------------------------------------

  void code_coarse(std::size_t c) {
    const BandPlace& place = layout_.channels[c].coarse;
    Index* const at = indices_ + place.offset;
    auto& counters = memory_.model.coarse[c];
    int last = 0;
    for (int y = 0; y < place.height && !failed(); ++y) {
      check_interrupt();
      for (int x = 0; x < place.width; ++x) {
        Index* const here = at + static_cast<std::ptrdiff_t>(y) * place.width + x;
        const int guess = foretold(here, x, y, place.width);
        const int size = last == 0 ? 0 : std::min(octave_of(std::abs(last)) + 1, 4);
        last = code_difference(counters, static_cast<std::size_t>(size), coarse_index(given(here)) - guess);
        if constexpr (kDecoding || kChoosing) *here = limited(guess + last);
      }
    }
  }
  // What is to be coded there: where indices are chosen the coefficient, else the index.
  HWY_INLINE std::int32_t given(const Index* at) const {
    if constexpr (kChoosing) return choosing_.coefficients[at - indices_];
    return *at;
  }
  static HWY_INLINE int coarse_index(int value) { return kChoosing ? limited((value + 128) >> 8) : value; }
  static HWY_INLINE int limited(int v) { return std::clamp(v, -BandPlane::kMostMagnitude, BandPlane::kMostMagnitude); }

  static int foretold(const std::int32_t* here, int x, int y, int width) {
    if (y == 0) return x == 0 ? 0 : here[-1];
    const int north = here[-width];
    if (x == 0) return north;
    const int west = here[-1], corner = here[-width - 1];
    if (corner >= std::max(west, north)) return std::min(west, north);
    if (corner <= std::min(west, north)) return std::max(west, north);
    return west + north - corner;
  }

  int code_difference(std::array<std::array<Counter, 40>, 16>& counters, std::size_t size, int d) {
    auto& own = counters[size];
    if (decide(own[38], d != 0 ? 1 : 0) == 0) return 0;
    const int minus = decide(own[39], d < 0 ? 1 : 0);
    const int v = code_number(own, std::abs(d));
    return minus != 0 ? -v : v;
  }

  // ---- the other bands ------------------------------------------------------------------------------------------

  BandPlane* plane(std::size_t k, std::size_t c, std::size_t o) { return &memory_.levels[k][c][o]; }

  void begin_row(std::size_t k, std::size_t c, std::size_t o, int y) {
    context_.parent.begin(k >= 1 ? plane(k - 1, c, o) : nullptr, y, 1);
    context_.first.begin(o >= 1 ? plane(k, c, 0) : nullptr, y, 0);
    context_.second.begin(o == 2 ? plane(k, c, 1) : nullptr, y, 0);
    if (c != 0) {
      context_.luma.begin(plane(k, 0, o), y, 0);
    } else {
      context_.luma.begin(k >= 2 ? plane(k - 2, c, o) : nullptr, y, 2);
    }
    context_.chroma.begin(c == 2 ? plane(k, 1, o) : nullptr, y, 0);
  }

  void code_band(std::size_t k, std::size_t c, std::size_t o) {
    BandPlane& band = *plane(k, c, o);
    const int level_class = static_cast<int>(std::min<std::size_t>(memory_.levels.size() - k, 4)) - 1;
    role_ = {static_cast<int>(c), static_cast<int>(o), level_class};
    Index* row = indices_ + layout_.channels[c].levels[k][o].offset;
    state_ = DependentState();
    if constexpr (kChoosing) {
      if (dependent_) return choose_path(k, c, o, row);
    }
    for (int y = 0; y < band.height() && !failed(); ++y, row += band.width()) {
      check_interrupt();
      begin_row(k, c, o, y);
      code_row(row, band.magnitudes(y), band.signs(y), band.stride(), band.width());
    }
    band.finish();
  }

  void code_row(Index* indices, std::uint16_t* magnitudes, std::int8_t* signs, std::ptrdiff_t stride, int width) {
    for (int x = 0; x < width; ++x) {
      const int around = context_.look(magnitudes + x, stride, x);
      if (dependent_) role_.quantizer = state_.quantizer();
      const std::int32_t value = given(indices + x);
      const int v = around == 0 ? code_quiet(value) : code_lively(value);
      int signed_v = 0;
      if (v != 0) {
        const bool minus = code_sign(value < 0, signs + x, stride);
        magnitudes[x] = static_cast<std::uint16_t>(v);
        signs[x] = minus ? -1 : 1;
        signed_v = minus ? -v : v;
      }
      if constexpr (kDecoding || kChoosing) indices[x] = signed_v;
      state_.pass(v);
    }
  }

  HWY_INLINE bool code_sign(bool minus, const std::int8_t* at, std::ptrdiff_t stride) {
    const int bit = coder_.code(minus ? 1 : 0, signs_.probability(at, stride, context_, role_));
    signs_.learn(bit);
    return bit != 0;
  }

  // Nothing is around: one counter tells whether there is something here.
  HWY_INLINE int code_quiet(int value) {
    Counter& c = memory_.model.quiet[static_cast<std::size_t>(role_.own_set())];
    int v = std::abs(value);
    if constexpr (kChoosing) v = chosen_quiet(v, c);
    if (decide(c, v != 0 ? 1 : 0) == 0) return 0;
    magnitudes_.begin(context_, role_);
    return code_from(1, v);
  }
  HWY_INLINE int code_lively(int value) {
    magnitudes_.begin(context_, role_);
    int v = std::abs(value);
    if constexpr (kChoosing) v = chosen(v);
    return code_from(0, v);
  }

  // The magnitude, known to reach the threshold before `node`.
  HWY_INLINE int code_from(int node, int v) {
    for (; node < bands::kThresholds; ++node) {
      const std::uint32_t p = magnitudes_.probability(node);
      const int yes = coder_.code(v >= bands::kThreshold[static_cast<std::size_t>(node)] ? 1 : 0, p);
      magnitudes_.learn(yes);
      if (yes == 0) break;
    }
    if (node < 6) return node;
    return node < bands::kThresholds ? code_inside(node, v) : code_beyond(v);
  }
  int code_inside(int node, int v) {
    const int low = bands::kThreshold[static_cast<std::size_t>(node) - 1];
    const int bits = octave_of(bands::kThreshold[static_cast<std::size_t>(node)] - low);
    auto& counters = memory_.model.inside[role_.channel != 0 ? 1 : 0][static_cast<std::size_t>(node)];
    int out = 1;
    for (int i = bits - 1; i >= 0; --i) {
      const int bit = (v - low) >> i & 1;
      out = out << 1 | (out < 4 ? decide(counters[static_cast<std::size_t>(out)], bit) : even_bit(bit));
    }
    return low + out - (1 << bits);
  }
  int code_beyond(int v) {
    constexpr int kLast = bands::kThreshold.back() - 1;
    return std::min(kLast + code_number(memory_.model.beyond[static_cast<std::size_t>(role_.channel)], v - kLast),
                    BandPlane::kMostMagnitude);
  }

  // ---- choice: coefficients in 1/256 of a step ------------------------------------------------------------------

  HWY_INLINE int cost(std::uint32_t p) const { return tables_.cost[p >> 4]; }
  // In 1/65536 of a squared step.
  [[nodiscard]] HWY_INLINE std::int64_t toll(int v, int index, int bits) const {
    const std::int64_t error = v - 256 * index;
    return error * error + std::int64_t{choosing_.price} * bits;
  }

  HWY_INLINE int chosen_quiet(int v, const Counter& c) const {
    const int nearest = (v + 128) >> 8;
    if (nearest == 0) return 0;
    const std::uint32_t p = safe(c.probability);
    const int one = cost(p) + 512, none = cost(65536 - p);
    return toll(v, nearest, one + 512 * (nearest - 1)) < toll(v, 0, none) ? std::min(nearest, BandPlane::kMostMagnitude)
                                                                          : 0;
  }
  HWY_INLINE int chosen(int v) {
    const int nearest = (v + 128) >> 8;
    if (nearest == 0) return 0;
    if (nearest > kMostWeighed) return std::min((v + 112) >> 8, BandPlane::kMostMagnitude);
    int best = 0, so_far = 0;
    std::int64_t least = 0;
    for (int k = 0; k <= nearest; ++k) {
      const std::uint32_t p = magnitudes_.probability(k);
      const int bits = so_far + cost(65536 - p) + (k != 0 ? 256 : 0);
      so_far += cost(p);
      if (const std::int64_t t = toll(v, k, bits); k == 0 || t < least) {
        least = t;
        best = k;
      }
    }
    return best;
  }
  static constexpr int kMostWeighed = 5;  // larger ones lose little: their costs differ little

  // ---- choice of dependent indices: the path through some rows, then what the coder would learn from it -------------

  // Paths end where their rows do, which costs a little; shorter ones know better what coefficients around will be.
  static constexpr int kFewestInPath = 2048;
  struct Rows {
    int first, end;
  };

  void choose_path(std::size_t k, std::size_t c, std::size_t o, std::int32_t* chosen) {
    BandPlane& band = *plane(k, c, o);
    const int each = std::max(1, kFewestInPath / std::max(band.width(), 1));
    for (int y = 0; y < band.height(); y += each, chosen += std::ptrdiff_t{each} * band.width()) {
      check_interrupt();
      const Rows rows{y, std::min(y + each, band.height())};
      const std::int32_t* const values = choosing_.coefficients + (chosen - indices_);
      choosing_.again ? foresee(band, rows, chosen, 1, 0) : foresee(band, rows, values, 256, kRounding);
      path_.begin(state_, static_cast<std::size_t>(rows.end - rows.first) * static_cast<std::size_t>(band.width()));
      for_each_in(k, c, o, rows, values,
                  [&](int v, std::uint16_t&, bool quiet) { path_.add(candidates_.weigh(v, context_, role_, quiet)); });
      path_.end(values, chosen);
      for_each_in(k, c, o, rows, chosen, [&](int v, std::uint16_t& magnitude, bool quiet) {
        role_.quantizer = state_.quantizer();
        candidates_.learn(v, context_, role_, quiet);
        magnitude = static_cast<std::uint16_t>(v);
        state_.pass(v);
      });
    }
    band.finish();
  }
  // What the magnitudes will be, about, for the contexts of those behind them.
  static constexpr int kRounding = 120;
  static void foresee(BandPlane& band, Rows rows, const std::int32_t* values, int step, int rounding) {
    for (int y = rows.first; y < rows.end; ++y) {
      std::uint16_t* const out = band.magnitudes(y);
      for (int x = 0; x < band.width(); ++x, ++values)
        out[x] = static_cast<std::uint16_t>(std::min((std::abs(*values) + rounding) / step, BandPlane::kMostMagnitude));
    }
  }
  // Calls work(magnitude of the value, that of the band there, whether nothing is around), with what is around known.
  template <class Work>
  void for_each_in(std::size_t k, std::size_t c, std::size_t o, Rows rows, const std::int32_t* values, Work work) {
    BandPlane& band = *plane(k, c, o);
    for (int y = rows.first; y < rows.end; ++y) {
      begin_row(k, c, o, y);
      std::uint16_t* const magnitudes = band.magnitudes(y);
      for (int x = 0; x < band.width(); ++x, ++values) {
        const int around = context_.look(magnitudes + x, band.stride(), x);
        work(std::abs(*values), magnitudes[x], around == 0);
      }
    }
  }

  const BandLayout& layout_;
  Index* indices_;
  BandMemory& memory_;
  Coder& coder_;
  Choosing choosing_;
  bool dependent_;
  const bands::BandTables& tables_;
  MagnitudeModel<V> magnitudes_;
  SignModel<V> signs_;
  CandidateTolls candidates_;
  CheapestPath path_;
  DependentState state_;
  BandContext context_;
  BandRole role_;
};

template <class V>
void encode_bands_on(const BandLayout& layout, Indices kind, std::span<const std::int32_t> indices,
                     BandBuffers& buffers, PartedDecisions& decisions) {
  BandCoder<V, PartedDecisions>(layout, indices.data(), *buffers.memory, decisions, kind).run();
}
template <class V>
void decode_bands_on(const BandLayout& layout, Indices kind, std::span<std::int32_t> indices, BandBuffers& buffers,
                     PartedDecoder& decoder) {
  BandCoder<V, PartedDecoder>(layout, indices.data(), *buffers.memory, decoder, kind).run();
}
template <class V>
void choose_indices_on(const BandLayout& layout, Indices kind, std::span<const std::int32_t> coefficients, Choice how,
                       std::span<std::int32_t> indices, BandBuffers& buffers) {
  NoCoder none;
  const int passes = kind == Indices::dependent ? how.passes : 1;
  for (int pass = 0; pass < passes; ++pass) {
    const Choosing choosing{coefficients.data(), how.price, pass > 0};
    BandCoder<V, NoCoder>(layout, indices.data(), *buffers.memory, none, kind, choosing).run();
  }
}

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
