// The coder of one plane of a tile, written once for all lanes. Included once per instruction set like
// mixing/decide_each.hpp, behind grid_each.hpp and predictor_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <utility>

#include "kernels/predict/plane_model.hpp"
#include "kernels/predict/sample_depth.hpp"
#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

template <class Strength>
PlaneModelOf<Strength>& model_in(TileBuffers& buffers) {
  if constexpr (std::is_same_v<Strength, Dense>) {
    if (buffers.dense == nullptr) buffers.dense = std::make_unique<DensePlaneModel>();
    return *buffers.dense;
  } else {
    return *buffers.model;
  }
}

// Codes the samples of one plane: predictor, scales, contexts and the tree of decisions.
template <class V, class Depth, class Strength, class Coder>
class PlaneCoder {
 public:
  using Lanes = typename V::Lanes;
  using Sample = typename Depth::Sample;
  static constexpr bool kDecoding = std::is_same_v<Coder, DecisionDecoder>;

  PlaneCoder(TileBuffers& buffers, Coder& coder, int plane, const TileShape& shape)
      : room_(buffers),
        coder_(coder),
        tables_(predict_tables()),
        model_(model_in<Strength>(buffers)),
        plane_(plane),
        shape_(shape),
        depth_(shape.bits),
        stride_(buffers.values[0].stride()),
        predictor_(buffers, tables_, depth_, plane, shape.width),
        mixer_(tables_) {
    if constexpr (Depth::kDeep) {
      model_.reset(depth_.coarse);
    } else {
      model_.reset();
    }
  }
  PlaneCoder(const PlaneCoder&) = delete;  // the predictor refers to the depth
  PlaneCoder& operator=(const PlaneCoder&) = delete;

  // False if an encoder's sample is not on its grid, or a decoder's stream ran out.
  bool run(const TilePlane<Sample>& target) {
    for (int y = 0; y < shape_.height; ++y) {
      values().begin_row(y);
      own_residuals().begin_row(y);
      predictor_.begin_row(y);
      for (int q = 0; q <= plane_; ++q)
        residual_rows_[static_cast<std::size_t>(q)] = room_.residuals[static_cast<std::size_t>(q)].row(y);
      if (!code_row(values().row(y), target.samples + y * target.stride)) return false;
      predictor_.end_row();
      values().end_row(y);
      own_residuals().end_row(y);
      if constexpr (kDecoding) {
        if (coder_.exhausted()) return false;
      }
    }
    return true;
  }

 private:
  PaddedPlane& values() { return room_.values[static_cast<std::size_t>(plane_)]; }
  PaddedPlane& own_residuals() { return room_.residuals[static_cast<std::size_t>(plane_)]; }
  [[nodiscard]] const std::int32_t* residuals(int plane) const {
    return residual_rows_[static_cast<std::size_t>(plane)];
  }

  bool code_row(std::int32_t* values, Sample* target) {
    std::int32_t* const residuals = residual_rows_[static_cast<std::size_t>(plane_)];
    for (int x = 0; x < shape_.width; ++x) {
      predictor_.look(x);
      const Grid grid(predictor_.mean(), shape_.max_error, depth_.top);
      prepare(x, grid);
      const int index = kDecoding ? 0 : grid.nearest(target[x]);
      const int value =
          grid.value(Depth::kDeep ? code_deep(grid, index) : code_index(grid, grid.least, grid.most, index));
      if constexpr (kDecoding) {
        target[x] = static_cast<Sample>(value);
      } else if (std::cmp_not_equal(value, target[x])) {
        return false;
      }
      values[x] = value;
      residuals[x] = (value * 64 - predictor_.mean()) >> 4;
      predictor_.learn(x, value);
      learn_scales();
    }
    return true;
  }

  // ---- contexts and scales of a sample ---------------------------------------------------------------------------

  HWY_INLINE void prepare(int x, const Grid& grid) {
    choose_cell(grid.step);
    context_.cross = cross_class(x);
    choose_scales(x);
    choose_counters(x, grid.center);
    for (std::size_t s = 0; s < kMixerSets; ++s) {
      places_.mixers[s] = model_.mixers[s][static_cast<std::size_t>(context_.mixer[s])].data();
    }
    places_.maps = model_.maps[static_cast<std::size_t>(context_.map)].data();
    for (std::size_t i = 0; i < Strength::kCounters; ++i) {
      Counter* const counters = model_.counters[i][static_cast<std::size_t>(context_.counter[i])].data();
      hwy::Prefetch(counters);
      hwy::Prefetch(counters + 16);
      places_.counters[i] = counters;
    }
    centers_ = V::add(predictor_.opinions(), V::set(32));
    low_ = V::set(0);
    high_ = V::set((1 << kCdfBits) + floor_below(depth_.top + 1 + 2 * shape_.max_error));
  }

  // What the uniform distribution under each logistic one adds up to below a value.
  [[nodiscard]] HWY_INLINE int floor_below(int value) const {
    if constexpr (Depth::kDeep) return value * kFloor >> depth_.floor_shift;
    return value * kFloor;
  }

  // Deep samples are first coded to the cell they lie in, 2^cell_ indices wide: about half of what the blend missed by
  // nearby.
  HWY_INLINE void choose_cell(int step) {
    if constexpr (!Depth::kDeep) return;
    std::int32_t octaves[8];
    V::store(predictor_.octaves(), octaves);
    const int step_octaves = static_cast<int>(std::bit_width(static_cast<unsigned>(step))) - 1;
    cell_ = std::max(0, (octaves[5] >> 3) - kCellOctaves - step_octaves);
  }
  // Half a cell before its first index lies the middle of the cell before: rounds an index to its cell.
  [[nodiscard]] HWY_INLINE int half_cell() const { return cell_ > 0 ? 1 << (cell_ - 1) : 0; }
  // A difference of samples in cells, for contexts.
  [[nodiscard]] HWY_INLINE int in_cells(int difference) const {
    if constexpr (Depth::kDeep) return (difference + half_cell()) >> cell_;
    return difference;
  }

  HWY_INLINE int cross_class(int x) const {
    if (plane_ == 0) return 0;
    int sum = cross_sum(residuals(plane_ - 1) + x, stride_);
    if (plane_ == 2) sum = (sum + 2 * std::abs(residuals(0)[x])) * 2 / 3;
    if constexpr (Depth::kDeep) sum >>= cell_;
    return std::min(kCrossClasses - 1, octave_class(sum, 2));
  }

  // Each opinion's scale is learnt under a class of its errors nearby; the blend's second and third under gradients and
  // under past residuals.
  HWY_INLINE void choose_scales(int x) {
    const Around& o = predictor_.own();
    const std::int32_t* const r = residuals(plane_) + x;
    const int rw = std::abs(r[-1]), rn = std::abs(r[-stride_]);
    const int gradients = std::abs(o.w - o.ww) + std::abs(o.n - o.nw) + std::abs(o.ne - o.n) + std::abs(o.w - o.nw) +
                          std::abs(o.n - o.nn) + std::abs(o.ne - o.nne) + ((rw + rn) >> 1);
    const int misses = 2 * (rw + rn) + std::abs(r[-stride_ - 1]) + std::abs(r[-stride_ + 1]) + std::abs(r[-2]) +
                       std::abs(r[-2 * stride_]);
    std::int32_t classes[8];
    constexpr int kLast = (Depth::kDeep ? kEnergyClasses : kEnergyClassesOfBytes) - 1;
    V::store(V::min(V::template shr<1>(predictor_.octaves()), V::set(kLast)), classes);
    classes[6] = std::min(kLast, octave_class(4 * gradients, 4));
    classes[7] = std::min(kLast, octave_class(misses, 4));
    blend_class_ = classes[5];
    const auto mean = [&](std::size_t k) {
      cells_[k] = (static_cast<int>(k) * kEnergyClasses + classes[k]) * kCrossClasses + context_.cross;
      return model_.scale_mean[static_cast<std::size_t>(cells_[k])];
    };
    const Lanes means = V::of(mean(0), mean(1), mean(2), mean(3), mean(4), mean(5), mean(6), mean(7));
    const Lanes bits = V::float_bits(V::max(V::set(least_scale()), means));
    choose_sharpness(V::sub(V::template shr<20>(bits), V::set(127 * 8)));
  }
  // 1/256 of a grey level, in the units of scales.
  [[nodiscard]] HWY_INLINE int least_scale() const {
    if constexpr (Depth::kDeep) return 16 >> depth_.coarse;
    return 16;
  }
  HWY_INLINE void choose_sharpness(Lanes scale_classes) {
    if constexpr (Depth::kDeep) {
      const Lanes classes = V::add(scale_classes, V::set(8 * depth_.coarse));
      sharpness_ = V::gather(tables_.place_factor.data(), classes);
      farthest_ = V::gather(tables_.place_limit.data(), classes);
    } else {
      sharpness_ = V::gather(tables_.sharpness.data(), scale_classes);
    }
  }

  HWY_INLINE void learn_scales() {
    std::int32_t miss[8];
    V::store(predictor_.miss(), miss);
    for (std::size_t k = 0; k < kOpinions; ++k) {
      const auto cell = static_cast<std::size_t>(cells_[k]);
      std::uint8_t& age = model_.scale_age[cell];
      const int seen = Depth::kDeep ? miss[k] * 256 >> coarse() : miss[k] * 256;
      model_.scale_mean[cell] += (seen - model_.scale_mean[cell]) >> tables_.scale_shift[age];
      if (age < 200) ++age;
    }
  }

  [[nodiscard]] HWY_INLINE int coarse() const {
    if constexpr (Depth::kDeep) return depth_.coarse;
    return 0;
  }

  // Counters see which neighbours are equal, and where neighbours moved by the earlier planes' differences lie relative
  // to the centre.
  HWY_INLINE void choose_counters(int x, int center) {
    const Around& o = predictor_.own();
    const int tail = std::min(7, plane_ != 0 ? context_.cross >> 1 : blend_class_ >> 3);
    const auto near = [this, center](int value) { return eighth(in_cells(value - center)); };
    int equal = 0, a = o.nw, b = o.ne, c = o.w + o.n - o.nw;
    int d = 2 * o.w - o.ww, e = 2 * o.n - o.nn, f = o.ne + o.w - o.n;
    if (plane_ == 0) {
      equal = (o.nn == o.n) | (o.n == o.ne) << 1 | (o.w == o.nw) << 5;
    } else {
      const Around& first = predictor_.first();
      const std::int32_t* const before = predictor_.row(plane_ - 1) + x;
      equal = (first.here == first.w) | (first.here == first.n) << 1 |
              (plane_ == 2 ? before[0] == before[-1] : o.w == o.nw) << 5;
      a = o.w + first.here - first.w;
      b = o.n + first.here - first.n;
      c = o.nw + first.here - first.nw;
      d = o.w + before[0] - before[-1];
      e = o.n + before[0] - before[-stride_];
      f = o.ne + before[0] - before[-stride_ + 1];
    }
    equal |= (o.w == o.n) << 2 | (o.w == o.ww) << 3 | (o.n == o.nw) << 4;
    context_.map = near(a) * 8 + near(b);
    const int nearest = near(o.w) * 8 + near(o.n);
    context_.mixer = {blend_class_ >> 1, context_.cross, nearest};
    context_.counter[0] = equal * 64 + nearest;
    context_.counter[1] = context_.map * 64 + near(c) * 8 + tail;
    context_.counter[2] = (near(d) * 8 + near(e)) * 64 + near(f) * 8 + tail;
    if constexpr (std::is_same_v<Strength, Dense>) choose_dense(x, center);
  }

  // The dense model knows more: residuals of the places before and of the planes before, the centre itself, and
  // neighbours two away.
  HWY_INLINE void choose_dense(int x, int center) {
    const Around& o = predictor_.own();
    const std::int32_t* const r = residuals(plane_) + x;
    const int rw = signed_class(r[-1] >> 2), rn = signed_class(r[-stride_] >> 2);
    const int before = plane_ != 0 ? residuals(plane_ - 1)[x] >> 2 : 0;
    const int energy = std::min(7, blend_class_ >> 3);
    int ww = o.ww, nn = o.nn, third = o.nne;
    if (plane_ != 0) {
      const Around& f = predictor_.first();
      ww += f.here - f.ww;
      nn += f.here - f.nn;
      third = o.ne + f.here - f.ne;
    }
    context_.counter[3] = (rw * 9 + rn) * 5 + (signed_class(before) >> 1);
    context_.counter[4] = center * 8 + energy;
    context_.counter[5] = (eighth(ww - center) * 8 + eighth(nn - center)) * 64 + eighth(third - center) * 8 + energy;
  }

  // ---- the tree of decisions -------------------------------------------------------------------------------------

  // 256 × ln(v) for v >= 1: the exponent, and a parabola through the mantissa. 177 / 4096 of log2(v) in 1/4096, the
  // whole octaves apart, so that all factors are short.
  static HWY_INLINE Lanes logarithm(Lanes v) {
    const Lanes bits = V::float_bits(v);
    const Lanes octave = V::template shr<23>(bits);
    const Lanes part = V::sub(V::template shr<11>(bits), V::template shl<12>(octave));
    const Lanes bow = V::template shr<12>(V::mul_short(part, V::sub(V::set(4096), part)));
    const Lanes rest = V::add(part, V::template shr<12>(V::mul_short(bow, V::set(1420))));
    return V::add(V::mul_short(V::sub(octave, V::set(127)), V::set(177)),
                  V::template shr<12>(V::mul_short(rest, V::set(177))));
  }

  // Each opinion's distribution function at 1/64 of grey levels from its centre.
  HWY_INLINE Lanes below(Lanes away) const {
    const std::int32_t* const cdf = tables_.logistic.cdf.data() + kCdfLimit;
    if constexpr (Depth::kDeep) return between(cdf, away);
    const Lanes near = V::min(V::max(away, V::set(-8191)), V::set(8191));
    const Lanes scaled = V::template shr<8>(V::mul(near, sharpness_));
    return V::gather(cdf, V::min(V::max(scaled, V::set(-kCdfLimit)), V::set(kCdfLimit)));
  }
  // The same between the places of the table: next to each other, deep samples can be less than one apart.
  HWY_INLINE Lanes between(const std::int32_t* cdf, Lanes away) const {
    constexpr std::int32_t kEnd = kCdfLimit << kPlaceBits;
    const Lanes near = V::min(V::max(away, V::sub(V::set(0), farthest_)), farthest_);
    const Lanes exact = V::min(V::max(V::mul(near, sharpness_), V::set(-kEnd)), V::set(kEnd - 1));
    const Lanes place = V::template shr<kPlaceBits>(exact);
    const Lanes part = V::template shr<kPlaceBits - 8>(V::sub(exact, V::template shl<kPlaceBits>(place)));
    const Lanes low = V::gather(cdf, place), high = V::gather(cdf + 1, place);
    return V::add(low, V::template shr<8>(V::mul(V::sub(high, low), part)));
  }

  // Whether the index is at least j. Knows that it lies where low_ and high_ are each opinion's distribution functions.
  HWY_INLINE int decide(const Grid& grid, int j, int index, int node) {
    const int at = grid.center + j * grid.step;
    places_.prefetch_map(node);
    const Lanes f = V::add(below(V::sub(V::set((at - grid.error) * 64), centers_)), V::set(floor_below(at)));
    const Lanes above = logarithm(V::max(V::sub(high_, f), V::set(1)));
    const Lanes below = logarithm(V::max(V::sub(f, low_), V::set(1)));
    const Lanes logits = V::min(V::max(V::sub(above, below), V::set(-kLogitLimit)), V::set(kLogitLimit));
    const auto asked = mixer_.ask(places_, node, logits);
    const int yes = coder_.code(index >= j ? 1 : 0, asked.probability);
    mixer_.learn(places_, node, asked, yes);
    if (yes != 0) {
      low_ = f;
    } else {
      high_ = f;
    }
    return yes;
  }

  // The first index of a cell; a cell of one is an index.
  [[nodiscard]] HWY_INLINE int first_of(int cell) const {
    if constexpr (Depth::kDeep) return cell * (1 << cell_) - half_cell();
    return cell;
  }
  // Deep samples: the cell, then the place in it.
  HWY_INLINE int code_deep(const Grid& grid, int index) {
    const int cell = code_index(grid, in_cells(grid.least), in_cells(grid.most), index);
    int low = std::max(grid.least, first_of(cell)), high = std::min(grid.most + 1, first_of(cell + 1));
    for (int depth = 0; high - low > 1; ++depth) {
      const int middle = (low + high) >> 1;
      const int yes = depth < kMixedHalves ? decide(grid, middle, index, kInCell + depth)
                                           : coder_.code(index >= middle ? 1 : 0, 1U << 15U);
      (yes != 0 ? low : high) = middle;
    }
    return low;
  }

  // At least the centre? Then outwards in buckets of 1, 1, 2, 4…, then by halves. Of deep samples, cells are coded so.
  HWY_INLINE int code_index(const Grid& grid, int least, int most, int index) {
    const auto at_least = [&](int cell, int node) { return decide(grid, first_of(cell), index, node); };
    int low = least, high = most + 1;
    const bool up = least >= 0 || at_least(0, 0) != 0;
    int bucket = 0;
    if (up) {
      low = 0;
      for (int j = 1; j < high; j *= 2, ++bucket) {
        if (at_least(j, 1 + std::min(bucket, 8)) == 0) {
          high = j;
          break;
        }
        low = j;
      }
    } else {
      high = 0;
      for (int j = -1; j > least; j *= 2, ++bucket) {
        if (at_least(j, 10 + std::min(bucket, 8)) != 0) {
          low = j;
          break;
        }
        high = j;
      }
    }
    const int first = (up ? 19 : 39) + 2 * std::min(bucket, 8);
    for (int depth = 0; high - low > 1; ++depth) {
      const int middle = (low + high) >> 1;
      (at_least(middle, first + (depth > 0 ? 1 : 0)) != 0 ? low : high) = middle;
    }
    return low;
  }

  static constexpr int kFloor = 8;        // a uniform distribution under each logistic one, of 2^23
  static constexpr int kCellOctaves = 8;  // the sum of errors nearby is 144 times their mean in grey levels
  static constexpr int kMixedHalves = 1;  // smaller parts of a cell are equally likely
  static constexpr int kInCell = 57;      // node of the first

  TileBuffers& room_;
  Coder& coder_;
  const PredictTables& tables_;
  PlaneModelOf<Strength>& model_;
  int plane_;
  TileShape shape_;
  Depth depth_;
  std::ptrdiff_t stride_;
  std::array<std::int32_t*, kTilePlanes> residual_rows_{};
  Predictor<V, Depth, Strength> predictor_;
  DecisionMixer<V, Strength::kCounters> mixer_;
  SampleContext<Strength> context_;
  int blend_class_ = 0;
  int cell_ = 0;  // log2 of the indices in a cell
  std::array<std::int32_t, kOpinions> cells_{};
  Lanes centers_{}, sharpness_{}, farthest_{}, low_{}, high_{};
  DecisionPlaces<Strength::kCounters> places_;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
