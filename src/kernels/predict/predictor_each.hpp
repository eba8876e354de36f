// Prediction of a sample from its neighbours and from earlier planes: five means, their blend, and how large each one's
// errors were nearby. Included once per instruction set like mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kernels/predict/plane_model.hpp"
#include "kernels/predict/sample_depth.hpp"
#include "kernels/predict/tap_runs.hpp"
#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// Samples around a place of one plane: west, north, …
struct Around {
  int here = 0, w = 0, n = 0, nw = 0, ne = 0, ww = 0, nn = 0, nne = 0;
};

HWY_INLINE Around around(const std::int32_t* at, std::ptrdiff_t stride) {
  return {at[0], at[-1], at[-stride], at[-stride - 1], at[-stride + 1], at[-2], at[-2 * stride], at[-2 * stride + 1]};
}

// The median edge detector of LOCO-I (Weinberger, Seroussi, Sapiro 2000).
HWY_INLINE int median_edge(int w, int n, int nw) {
  const int most = std::max(w, n), least = std::min(w, n);
  if (nw >= most) return least;
  return nw <= least ? most : w + n - nw;
}

// A linear predictor that learns by normalised least mean squares; weights of 16.16 within ±4.
template <class V, class Depth>
class Linear {
 public:
  using Lanes = typename V::Lanes;
  static constexpr int kVectors = kTapRuns / 2;
  using Taps = std::array<Lanes, kVectors>;

  // The west and north of the plane itself begin with half each.
  Linear() {
    for (int i = 0; i < kVectors; ++i) weights_[i] = V::set(0);
    weights_[0] = V::of(0, 0, 0, 32768, 0, 0, 32768, 0);
  }
  // In 1/64 of a grey level, relative to the base of the taps, which are in units of 2^coarse levels.
  HWY_INLINE int predict(const Taps& taps, const Depth& depth) const {
    Lanes sum = V::mul(V::template shr<4>(weights_[0]), taps[0]);
    for (std::size_t i = 1; i < kVectors; ++i) sum = V::add(sum, V::mul(V::template shr<4>(weights_[i]), taps[i]));
    const int most = depth.top * 64;
    if constexpr (Depth::kDeep) return std::clamp((V::sum(sum) >> 6) * (1 << depth.coarse), -most, most);
    return std::clamp(V::sum(sum) >> 6, -most, most);
  }
  // `error` in 1/64 of the taps' units.
  HWY_INLINE void learn(const Taps& taps, int error, int gain, int power) {
    using Wide = std::conditional_t<Depth::kDeep, std::int64_t, int>;
    const Wide step = static_cast<Wide>(error) * gain / power;
    const Lanes rate = V::set(static_cast<int>(std::clamp<Wide>(step, -(1 << 20), 1 << 20)));
    for (std::size_t i = 0; i < kVectors; ++i) {
      const Lanes moved = V::add(weights_[i], V::template shr<8>(V::mul(taps[i], rate)));
      weights_[i] = V::min(V::max(moved, V::set(-kLimit)), V::set(kLimit));
    }
  }

 private:
  static constexpr std::int32_t kLimit = 1 << 18;
  Taps weights_;
};

// Stands in for LeastSquares where there is none.
struct NoSquares {
  NoSquares(TileBuffers&, int) {}
};

template <class V, class Depth, class Strength>
class Predictor {
 public:
  using Lanes = typename V::Lanes;
  static constexpr bool kLeastSquares = Strength::kLeastSquares;

  Predictor(TileBuffers& buffers, const PredictTables& tables, const Depth& depth, int plane, int width)
      : room_(buffers),
        tables_(tables),
        depth_(depth),
        plane_(plane),
        width_(width),
        stride_(buffers.values[0].stride()),
        squares_(buffers, width) {
    buffers.errors.assign(3 * row_size(), 0);
  }

  void begin_row(int y) {
    for (int q = 0; q <= plane_; ++q)
      rows_[static_cast<std::size_t>(q)] = room_.values[static_cast<std::size_t>(q)].row(y);
    const auto& runs = kRunsOfPlane[static_cast<std::size_t>(plane_)];
    for (std::size_t i = 0; i < runs.size(); ++i) {
      taps_at_[i] = rows_[static_cast<std::size_t>(runs[i].plane)] + runs[i].dy * stride_ + runs[i].dx;
    }
    if constexpr (kLeastSquares) begin_squares();
    for (int back = 0; back < 3; ++back) errors_[back] = error_row(y - back);
    for (int i = 1; i <= kErrorPad; ++i) V::store(V::load(errors_[1]), errors_[0] - lanes(i));
  }
  void end_row() {
    std::int32_t* const last = errors_[0] + lanes(width_ - 1);
    for (int i = 1; i <= kErrorPad; ++i) V::store(V::load(last), last + lanes(i));
  }

  // Predicts sample x of the row.
  HWY_INLINE void look(int x) {
    own_ = around(row(plane_) + x, stride_);
    first_ = around(row(0) + x, stride_);  // unused in the first plane itself
    gather_taps(x);
    gather_errors(x);
    if constexpr (kLeastSquares) gather_squares(x);
    form_opinions();
    blend();
  }
  // What sample x turned out to be.
  HWY_INLINE void learn(int x, int value) {
    const int exact = value * 64;
    const Lanes miss = V::min(V::template shr<2>(V::abs(V::sub(V::set(exact), opinions_))), V::set(depth_.most_miss));
    V::store(miss, errors_[0] + lanes(x));
    last_miss_ = miss;
    Lanes squares = V::mul(taps_[0], taps_[0]);
    for (std::size_t i = 1; i < taps_.size(); ++i) squares = V::add(squares, V::mul(taps_[i], taps_[i]));
    if constexpr (kLeastSquares) squares_.learn(x, square_taps_, value - base_);
    const int power = depth_.power_floor + V::sum(squares);
    fast_.learn(taps_, in_tap_units(exact - base_ * 64 - moves_[0]), 1 << 14, power);
    slow_.learn(taps_, in_tap_units(exact - base_ * 64 - moves_[1]), 1 << 11, power);
  }

  [[nodiscard]] const Around& own() const { return own_; }
  [[nodiscard]] const Around& first() const { return first_; }
  [[nodiscard]] const std::int32_t* row(int plane) const { return rows_[static_cast<std::size_t>(plane)]; }
  [[nodiscard]] int mean() const { return mean_; }            // the blend, 1/64 of a grey level, within 0..255
  [[nodiscard]] Lanes opinions() const { return opinions_; }  // five means and three times the blend
  [[nodiscard]] Lanes octaves() const { return octaves_; }    // eight classes an octave of each one's error nearby
  [[nodiscard]] Lanes miss() const {
    return last_miss_;
  }  // each one's miss after learn(), 1/16 of a grey level, at most Depth::most_miss

 private:
  static constexpr int kErrorPad = 4;

  [[nodiscard]] HWY_INLINE int in_tap_units(int v) const {
    if constexpr (Depth::kDeep) return v >> depth_.coarse;
    return v;
  }

  // Where the eight errors of a place begin.
  [[nodiscard]] static std::ptrdiff_t lanes(int x) { return std::ptrdiff_t{8} * x; }
  [[nodiscard]] std::size_t row_size() const { return static_cast<std::size_t>(width_ + 2 * kErrorPad) * 8; }
  [[nodiscard]] std::int32_t* error_row(int y) {
    return room_.errors.data() + static_cast<std::size_t>((y + 3) % 3) * row_size() + 8 * kErrorPad;
  }

  HWY_INLINE int base_of(int plane, int x) const { return (row(plane)[x - 1] + row(plane)[x - stride_] + 1) >> 1; }

  HWY_INLINE void gather_taps(int x) {
    auto& bases = bases_;
    for (int q = 0; q <= plane_; ++q) bases[static_cast<std::size_t>(q)] = base_of(q, x);
    base_ = bases[static_cast<std::size_t>(plane_)];
    first_base_ = bases[0];
    const auto& runs = kRunsOfPlane[static_cast<std::size_t>(plane_)];
    for (std::size_t i = 0; i < taps_.size(); ++i) {
      const Lanes samples = V::load_halves(taps_at_[2 * i] + x, taps_at_[2 * i + 1] + x);
      const int a = bases[static_cast<std::size_t>(runs[2 * i].plane)],
                b = bases[static_cast<std::size_t>(runs[2 * i + 1].plane)];
      taps_[i] = V::sub(samples, V::of(a, a, a, a, b, b, b, b));
      if constexpr (Depth::kDeep) taps_[i] = V::shr_by(taps_[i], depth_.coarse);
    }
  }

  void begin_squares() {
    squares_.begin_row();
    const auto& taps = kSquareTapsOfPlane[static_cast<std::size_t>(plane_)];
    for (std::size_t i = 0; i < taps.size(); ++i)
      squares_at_[i] = rows_[static_cast<std::size_t>(taps[i].plane)] + taps[i].dy * stride_ + taps[i].dx;
  }
  HWY_INLINE void gather_squares(int x) {
    const auto& taps = kSquareTapsOfPlane[static_cast<std::size_t>(plane_)];
    std::int32_t all[16];
    for (std::size_t i = 0; i < taps.size(); ++i)
      all[i] = squares_at_[i][x] - bases_[static_cast<std::size_t>(taps[i].plane)];
    square_taps_ = {V::load(all), V::load(all + 8)};
    square_move_ = squares_.predict(x, square_taps_);
  }

  // Eight classes an octave of the opinions' errors at twelve places nearby, the nearest weighing most.
  HWY_INLINE void gather_errors(int x) {
    const auto at = [this, x](int back, int dx) { return V::load(errors_[back] + lanes(x + dx)); };
    const Lanes near = V::template shl<1>(V::add(at(0, -1), at(1, 0)));
    const Lanes middle = V::add(at(1, -1), at(1, 1));
    const Lanes far =
        V::add(V::add(V::add(at(0, -2), at(2, 0)), V::add(at(1, -2), at(1, 2))), V::add(at(2, 1), at(2, -1)));
    const Lanes sum = V::add(V::add(near, middle), V::template shr<1>(far));
    octaves_ = V::max(V::sub(V::template shr<20>(V::float_bits(sum)), V::set(127 * 8)), V::set(0));
  }

  HWY_INLINE void form_opinions() {
    moves_[0] = fast_.predict(taps_, depth_);
    moves_[1] = slow_.predict(taps_, depth_);
    const bool later = plane_ != 0;
    const Around f = later ? first_ : Around{};
    const int w = own_.w - f.w, n = own_.n - f.n, nw = own_.nw - f.nw, ne = own_.ne - f.ne;
    moves_[2] = (f.here + median_edge(w, n, nw) - base_) * 64;
    moves_[3] = (f.here * 4 + (w + ne) * 2 + (n - nw)) * 16 - base_ * 64;
    const int own = median_edge(own_.w, own_.n, own_.nw);
    const int last = later ? (own + base_ + f.here - first_base_ + 1) >> 1 : own_.w + own_.ne - own_.n;
    moves_[4] = (last - base_) * 64;
    if constexpr (kLeastSquares) moves_[4] = square_move_;
  }

  // The means weighted by about the fourth power of their precision nearby.
  HWY_INLINE void blend() {
    std::int32_t weights[8];
    V::store(V::gather(tables_.blend_weight.data(), weight_classes()), weights);
    std::int64_t total = 0, moved = 0;
    for (std::size_t k = 0; k < moves_.size(); ++k) {
      total += weights[k];
      moved += std::int64_t{weights[k]} * moves_[k];
    }
    const int base = base_ * 64;
    mean_ = std::clamp(base + static_cast<int>(moved / total), 0, depth_.top * 64);
    opinions_ = V::of(base + moves_[0], base + moves_[1], base + moves_[2], base + moves_[3], base + moves_[4], mean_,
                      mean_, mean_);
  }

  // Weights fall with the fourth power of the error up to some 16 grey levels of eight bits. Errors of deep samples are
  // taken relative to the smallest, so that the same holds at any level of noise.
  HWY_INLINE Lanes weight_classes() const {
    if constexpr (!Depth::kDeep) return octaves_;
    constexpr int kSmallest = 40;
    std::int32_t all[8];
    V::store(octaves_, all);
    const int excess = std::max(0, *std::min_element(all, all + moves_.size()) - kSmallest);
    // Those of the blend itself have no part in it, and may be below the smallest.
    return V::max(V::sub(octaves_, V::set(excess)), V::set(0));
  }

  TileBuffers& room_;
  const PredictTables& tables_;
  const Depth& depth_;
  int plane_, width_;
  std::ptrdiff_t stride_;
  std::array<const std::int32_t*, kTilePlanes> rows_{};
  std::array<const std::int32_t*, kTapRuns> taps_at_{};
  std::array<std::int32_t*, 3> errors_{};
  Linear<V, Depth> fast_, slow_;
  typename Linear<V, Depth>::Taps taps_{};
  Around own_, first_;
  int base_ = 0, first_base_ = 0, mean_ = 0;
  std::array<std::int32_t, kTilePlanes> bases_{};
  [[no_unique_address]] std::conditional_t<kLeastSquares, LeastSquares<V>, NoSquares> squares_;
  std::array<const std::int32_t*, 16> squares_at_{};
  std::array<Lanes, 2> square_taps_{};
  int square_move_ = 0;
  std::array<int, 5> moves_{};  // how far the five means lie from the base, 1/64 of a grey level
  Lanes opinions_{}, octaves_{}, last_miss_{};
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
