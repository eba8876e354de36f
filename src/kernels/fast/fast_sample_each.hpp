// The fast coder of one plane of a tile. Included once per instruction set like mixing/decide_each.hpp, behind
// fast_predictor_each.hpp.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>

#include "kernels/fast/fast_tile.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

template <class V, int kPlane, class Coder>
class FastPlane {
 public:
  using Predictor = FastPredictor<V, kPlane>;
  static constexpr bool kDecoding = std::is_same_v<Coder, SymbolDecoder>;

  FastPlane(FastBuffers& buffers, Coder& coder, const TilePlane<std::uint8_t>& target, const TileShape& shape)
      : buffers_(buffers),
        coder_(coder),
        target_(target),
        width_(shape.width),
        model_(*buffers[kPlane].model),
        predictor_(buffers, shape.width) {
    model_.reset();
    room().cross.resize(static_cast<std::size_t>(shape.width));
  }

  void begin_row(int y) {
    room().values.begin_row(y);
    room().residuals.begin_row(y);
    values_ = room().values.row(y);
    residuals_ = room().residuals.row(y);
    samples_ = target_.samples + y * target_.stride;
    predictor_.begin_row(y);
    if constexpr (!kDecoding) coder_.room(kMostSymbols * static_cast<std::size_t>(width_));
    if constexpr (kPlane > 0) sum_cross(y);
  }
  // False where the stream has run out, or a sample was none.
  [[nodiscard]] bool end_row(int y) {
    predictor_.end_row();
    room().values.end_row(y);
    room().residuals.end_row(y);
    if constexpr (kDecoding) {
      std::copy_n(values_, width_, samples_);
      if (coder_.overrun() || outside_) return false;
    }
    return true;
  }
  [[nodiscard]] bool outside() const { return outside_; }

  // Places in the tables of the model.
  struct Context {
    std::size_t error, west, north;
  };
  // A sample in four steps, so that those of several planes can take turns: a CPU then has independent work at hand.
  struct Step {
    typename Predictor::Seen seen;
    Int center, value;
    int low_bits, symbol;
    Context context;
  };
  HWY_INLINE void look(Int x, Step& step) const { step.seen = predictor_.look(x); }
  HWY_INLINE void choose(Int x, Step& step) const {
    step.center = (step.seen.mean + 32) >> 6;
    step.low_bits = kFastTables.low_bits[static_cast<std::size_t>(step.seen.error)];
    step.context = context_of(x, step.seen, step.center);
  }
  HWY_INLINE void code(Int x, Step& step) {
    step.value = kDecoding ? 0 : samples_[x];
    step.value =
        step.center + code_index(static_cast<int>(step.value - step.center), step.low_bits, step.context, step.symbol);
    if constexpr (!kDecoding) return;
    outside_ |= (step.value & ~255) != 0;
    step.value &= 255;
  }
  HWY_INLINE void learn(Int x, const Step& step) {
    values_[x] = static_cast<std::int16_t>(step.value);
    residuals_[x] = static_cast<std::int16_t>(predictor_.learn(x, step.value, step.seen) >> 4);
  }
  HWY_INLINE void adapt(const Step& step) {
    const Context& at = step.context;
    V::move(cells_of(at), kFastTables.towards.data() + (kLast - step.symbol),
            {visit(model_.error.age[at.error]), visit(model_.west.age[at.west]), visit(model_.north.age[at.north])});
  }

 private:
  static constexpr std::size_t kMostSymbols = 4;  // a sample has: symbol, length and bits of a rest, low bits
  static constexpr int kLast = kFastSymbols - 1;

  FastPlaneRoom& room() { return buffers_[kPlane]; }

  // How large the residuals of earlier planes are around each place of the row, in half grey levels.
  void sum_cross(int y) {
    const std::int16_t* const before = buffers_[kPlane - 1].residuals.row(y);
    const std::int16_t* const first = buffers_[0].residuals.row(y);
    const std::ptrdiff_t stride = buffers_[0].residuals.stride();
    std::int16_t* const out = room().cross.data();
    cross_ = out;
    for (int x = 0; x < width_; ++x) {
      const std::int16_t* const r = before + x;
      const int sum = 4 * r[0] + r[1] + r[-1] + r[stride] + r[-stride];
      out[x] = static_cast<std::int16_t>((kPlane == 1 ? sum : (sum + 2 * first[x]) * 2 / 3) >> 3);
    }
  }

  [[nodiscard]] static HWY_INLINE std::size_t place(Int guess, Int center) {
    return kFastTables.place[static_cast<std::size_t>(guess - center + kGuessReach)];
  }

  HWY_INLINE Context context_of(Int x, const typename Predictor::Seen& seen, Int center) const {
    const auto error = static_cast<std::size_t>(seen.error);
    std::size_t at = kFastTables.first_error[error];
    const std::size_t first = kFastTables.first_place[error];
    const Beside& own = seen.around[kPlane];
    // Guesses: own neighbours, moved as the plane before moves from there to here.
    std::array<Int, 4> guess{own.w, own.nw, own.w + own.n - own.nw, own.ne};
    if constexpr (kPlane > 0) {
      at += kFastTables.cross_class[static_cast<std::size_t>(cross_[x])];
      const Beside& before = seen.around[kPlane - 1];
      guess = {own.w, own.w + before.here - before.w, own.n + before.here - before.n, own.ne + before.here - before.ne};
    }
    return {at + kFastTables.phase[static_cast<std::size_t>((seen.mean + 32) & 63)],
            first + 8 * place(guess[0], center) + place(guess[1], center),
            first + 8 * place(guess[2], center) + place(guess[3], center)};
  }

  // The index of a sample, its difference from the centre.
  HWY_INLINE int code_index(int index, int low_bits, const Context& context, int& symbol) {
    const int high = index >> low_bits, folded = high >= 0 ? 2 * high : -2 * high - 1;
    symbol = code_symbol(std::min(folded, kLast), context);
    int coded = symbol;
    if (HWY_UNLIKELY(coded == kLast)) coded += code_rest(folded - kLast);
    const int upper = (coded >> 1) ^ -(coded & 1);
    if (low_bits == 0) return upper;
    const auto n = static_cast<unsigned>(low_bits);
    return upper * (1 << n) + static_cast<int>(code_bits(static_cast<std::uint32_t>(index) & ((1U << n) - 1), n));
  }

  [[nodiscard]] HWY_INLINE std::array<FastCell*, 3> cells_of(const Context& at) const {
    return {&model_.error.cell[at.error], &model_.west.cell[at.west], &model_.north.cell[at.north]};
  }
  HWY_INLINE int code_symbol(int symbol, const Context& at) {
    alignas(64) std::array<std::uint16_t, kFastSymbols + 1> starts;
    starts[kFastSymbols] = kSymbolSlots;
    const auto cells = cells_of(at);
    const int found = V::average(cells, kDecoding ? slot_of(coder_) : 0, starts.data());
    if constexpr (kDecoding) symbol = found;
    const auto s = static_cast<std::size_t>(symbol);
    take(starts[s], std::uint32_t{starts[s + 1]} - starts[s]);
    return symbol;
  }
  // The first visits move far.
  static HWY_INLINE int visit(std::uint8_t& age) {
    const int rate = age >> 5;
    age = static_cast<std::uint8_t>(age + (age < kOldest ? 1 : 0));
    return rate;
  }

  // What is beyond the last symbol: bits of rest + 1 less one, then those behind the leading one.
  HWY_NOINLINE int code_rest(int rest) {
    const auto value = static_cast<std::uint32_t>(rest + 1);
    const std::uint32_t n = code_bits(kDecoding ? 0 : static_cast<std::uint32_t>(std::bit_width(value)) - 1, 4);
    return static_cast<int>((1U << n) + code_bits(value & ((1U << n) - 1), n)) - 1;
  }

  HWY_INLINE void take(std::uint32_t start, std::uint32_t freq) {
    if constexpr (kDecoding) {
      coder_.advance(start, freq);
    } else {
      coder_.put(start, freq);
    }
  }
  HWY_INLINE std::uint32_t code_bits(std::uint32_t value, unsigned n) {
    if constexpr (kDecoding) {
      return coder_.bits(n);
    } else {
      coder_.put_bits(value, n);
      return value;
    }
  }
  static HWY_INLINE int slot_of(const SymbolDecoder& decoder) { return static_cast<int>(decoder.slot()); }
  static HWY_INLINE int slot_of(const SymbolList&) { return 0; }

  FastBuffers& buffers_;
  Coder& coder_;
  TilePlane<std::uint8_t> target_;
  int width_;
  FastModel& model_;
  Predictor predictor_;
  std::int16_t *values_ = nullptr, *residuals_ = nullptr;
  const std::int16_t* cross_ = nullptr;
  std::uint8_t* samples_ = nullptr;
  bool outside_ = false;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
