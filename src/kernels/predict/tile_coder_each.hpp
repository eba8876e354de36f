// The tile coder, written once for all lanes. Included once per instruction set like mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "kernels/predict/plane_model.hpp"
#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// A class of a magnitude: `per_octave` an octave, 0 of 0.
HWY_INLINE int octave_class(int v, int per_octave) {
  if (v <= 0) return 0;
  const int octave = static_cast<int>(std::bit_width(static_cast<std::uint32_t>(v))) - 1;
  const int eighths = octave >= 3 ? v >> (octave - 3) & 7 : v << (3 - octave) & 7;
  return octave * per_octave + (eighths * per_octave >> 3) + 1;
}

// -3..4 as 0..7, what is beyond at the ends.
HWY_INLINE int eighth(int v) { return std::clamp(v, -3, 4) + 3; }

// The values a sample may take: centre + j × step for j in [least, most], limited to 0..255 in the end.
struct Grid {
  int center = 0, step = 1, error = 0, least = 0, most = 0;

  HWY_INLINE Grid(int mean, int max_error) : center((mean + 32) >> 6), step(2 * max_error + 1), error(max_error) {
    least = -center;
    most = 255 - center;
    if (max_error == 0) return;
    least = -((center + max_error) / step);
    most = (255 - center + max_error) / step;
  }
  [[nodiscard]] HWY_INLINE int nearest(int value) const {
    const int d = value - center;
    if (error == 0) return d;
    return d >= 0 ? (d + error) / step : -((error - d) / step);
  }
  [[nodiscard]] HWY_INLINE int value(int j) const { return std::clamp(center + j * step, 0, 255); }
};

// Classes of what is around a sample, which choose the counters, mixers and maps of its decisions.
struct SampleContext {
  int cross = 0, map = 0;
  std::array<int, kMixerSets> mixer{};
  std::array<int, kCounters> counter{};
};

// Residuals of a plane around a place, 1/4 of a grey level.
HWY_INLINE int cross_sum(const std::int32_t* r, std::ptrdiff_t stride) {
  return 4 * std::abs(r[0]) + std::abs(r[1]) + std::abs(r[stride]) + std::abs(r[-1]) + std::abs(r[-stride]);
}

// Codes the samples of one plane: predictor, scales, contexts and the tree of decisions.
template <class V, class Coder>
class PlaneCoder {
 public:
  using Lanes = typename V::Lanes;
  static constexpr bool kDecoding = std::is_same_v<Coder, DecisionDecoder>;

  PlaneCoder(TileBuffers& buffers, Coder& coder, int plane, const TileShape& shape)
      : room_(buffers),
        coder_(coder),
        tables_(predict_tables()),
        model_(*buffers.model),
        plane_(plane),
        shape_(shape),
        stride_(buffers.values[0].stride()),
        predictor_(buffers, tables_, plane, shape.width),
        mixer_(tables_) {
    model_.reset();
  }

  // False if an encoder's sample is not on its grid, or a decoder's stream ran out.
  bool run(const TilePlane& target) {
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

  bool code_row(std::int32_t* values, std::uint8_t* target) {
    std::int32_t* const residuals = residual_rows_[static_cast<std::size_t>(plane_)];
    for (int x = 0; x < shape_.width; ++x) {
      predictor_.look(x);
      const Grid grid(predictor_.mean(), shape_.max_error);
      prepare(x, grid);
      const int value = grid.value(code_index(grid, kDecoding ? 0 : grid.nearest(target[x])));
      if constexpr (kDecoding) {
        target[x] = static_cast<std::uint8_t>(value);
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
    context_.cross = cross_class(x);
    choose_scales(x);
    choose_counters(x, grid.center);
    for (std::size_t s = 0; s < kMixerSets; ++s) {
      mixers_[s] = model_.mixers[s][static_cast<std::size_t>(context_.mixer[s])].data();
    }
    maps_ = model_.maps[static_cast<std::size_t>(context_.map)].data();
    for (std::size_t i = 0; i < kCounters; ++i) {
      counters_[i] = model_.counters[i][static_cast<std::size_t>(context_.counter[i])].data();
      hwy::Prefetch(counters_[i]);
      hwy::Prefetch(counters_[i] + 16);
    }
    centers_ = V::add(predictor_.opinions(), V::set(32));
    low_ = V::set(0);
    high_ = V::set((1 << kCdfBits) + (256 + 2 * shape_.max_error) * kFloor);
  }

  HWY_INLINE int cross_class(int x) const {
    if (plane_ == 0) return 0;
    int sum = cross_sum(residuals(plane_ - 1) + x, stride_);
    if (plane_ == 2) sum = (sum + 2 * std::abs(residuals(0)[x])) * 2 / 3;
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
    V::store(V::min(V::template shr<1>(predictor_.octaves()), V::set(kEnergyClasses - 1)), classes);
    classes[6] = std::min(kEnergyClasses - 1, octave_class(4 * gradients, 4));
    classes[7] = std::min(kEnergyClasses - 1, octave_class(misses, 4));
    blend_class_ = classes[5];
    std::int32_t means[8];
    for (int k = 0; k < kOpinions; ++k) {
      cells_[k] = (k * kEnergyClasses + classes[k]) * kCrossClasses + context_.cross;
      means[k] = std::max(16, model_.scale_mean[static_cast<std::size_t>(cells_[k])]);
    }
    const Lanes octaves = V::sub(V::template shr<20>(V::float_bits(V::load(means))), V::set(127 * 8));
    sharpness_ = V::gather(tables_.sharpness.data(), octaves);
  }

  HWY_INLINE void learn_scales() {
    std::int32_t miss[8];
    V::store(predictor_.miss(), miss);
    for (std::size_t k = 0; k < kOpinions; ++k) {
      const auto cell = static_cast<std::size_t>(cells_[k]);
      std::uint8_t& age = model_.scale_age[cell];
      model_.scale_mean[cell] += (miss[k] * 256 - model_.scale_mean[cell]) >> tables_.scale_shift[age];
      if (age < 200) ++age;
    }
  }

  // Counters see which neighbours are equal, and where neighbours moved by the earlier planes' differences lie relative
  // to the centre.
  HWY_INLINE void choose_counters(int x, int center) {
    const Around& o = predictor_.own();
    const int tail = std::min(7, plane_ != 0 ? context_.cross >> 1 : blend_class_ >> 3);
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
    context_.map = eighth(a - center) * 8 + eighth(b - center);
    const int nearest = eighth(o.w - center) * 8 + eighth(o.n - center);
    context_.mixer = {blend_class_ >> 1, context_.cross, nearest};
    context_.counter = {equal * 64 + nearest, context_.map * 64 + eighth(c - center) * 8 + tail,
                        (eighth(d - center) * 8 + eighth(e - center)) * 64 + eighth(f - center) * 8 + tail};
  }

  // ---- the tree of decisions -------------------------------------------------------------------------------------

  // 256 × ln(v) for v >= 1: the exponent, and a parabola through the mantissa.
  static HWY_INLINE Lanes logarithm(Lanes v) {
    const Lanes bits = V::float_bits(v);
    const Lanes octave = V::sub(V::template shr<23>(bits), V::set(127));
    const Lanes part = V::sub(V::template shr<11>(bits), V::template shl<12>(V::template shr<23>(bits)));
    const Lanes bow = V::template shr<12>(V::mul(part, V::sub(V::set(4096), part)));
    const Lanes log2 =
        V::add(V::add(V::template shl<12>(octave), part), V::template shr<12>(V::mul(bow, V::set(1420))));
    return V::template shr<12>(V::mul(log2, V::set(177)));
  }

  // Whether the index is at least j. Knows that it lies where low_ and high_ are each opinion's distribution functions.
  HWY_INLINE int decide(const Grid& grid, int j, int index, int node) {
    const int at = grid.center + j * grid.step;
    const Lanes away = V::sub(V::set((at - grid.error) * 64), centers_);
    const Lanes near = V::min(V::max(away, V::set(-8191)), V::set(8191));
    const Lanes scaled = V::template shr<8>(V::mul(near, sharpness_));
    const Lanes place = V::min(V::max(scaled, V::set(-kCdfLimit)), V::set(kCdfLimit));
    const Lanes f = V::add(V::gather(tables_.logistic.cdf.data() + kCdfLimit, place), V::set(at * kFloor));
    const Lanes above = logarithm(V::max(V::sub(high_, f), V::set(1)));
    const Lanes below = logarithm(V::max(V::sub(f, low_), V::set(1)));
    const Lanes logits = V::min(V::max(V::sub(above, below), V::set(-kLogitLimit)), V::set(kLogitLimit));
    const std::uint32_t p = mixer_.probability({{counters_[0] + node, counters_[1] + node, counters_[2] + node},
                                                {mixers_[0] + node, mixers_[1] + node, mixers_[2] + node},
                                                maps_ + node},
                                               logits);
    const int yes = coder_.code(index >= j ? 1 : 0, p);
    mixer_.learn(yes);
    if (yes != 0) {
      low_ = f;
    } else {
      high_ = f;
    }
    return yes;
  }

  // At least the centre? Then outwards in buckets of 1, 1, 2, 4…, then by halves.
  HWY_INLINE int code_index(const Grid& grid, int index) {
    int low = grid.least, high = grid.most + 1;
    const bool up = grid.least >= 0 || decide(grid, 0, index, 0) != 0;
    int bucket = 0;
    if (up) {
      low = 0;
      for (int j = 1; j < high; j *= 2, ++bucket) {
        if (decide(grid, j, index, 1 + std::min(bucket, 8)) == 0) {
          high = j;
          break;
        }
        low = j;
      }
    } else {
      high = 0;
      for (int j = -1; j > grid.least; j *= 2, ++bucket) {
        if (decide(grid, j, index, 10 + std::min(bucket, 8)) != 0) {
          low = j;
          break;
        }
        high = j;
      }
    }
    const int first = (up ? 19 : 39) + 2 * std::min(bucket, 8);
    for (int depth = 0; high - low > 1; ++depth) {
      const int middle = (low + high) >> 1;
      (decide(grid, middle, index, first + (depth > 0 ? 1 : 0)) != 0 ? low : high) = middle;
    }
    return low;
  }

  static constexpr int kFloor = 8;  // a uniform distribution under each logistic one, of 2^23

  TileBuffers& room_;
  Coder& coder_;
  const PredictTables& tables_;
  PlaneModel& model_;
  int plane_;
  TileShape shape_;
  std::ptrdiff_t stride_;
  std::array<std::int32_t*, kTilePlanes> residual_rows_{};
  Predictor<V> predictor_;
  DecisionMixer<V> mixer_;
  SampleContext context_;
  int blend_class_ = 0;
  std::array<std::int32_t, kOpinions> cells_{};
  Lanes centers_{}, sharpness_{}, low_{}, high_{};
  std::array<Counter*, kCounters> counters_{};
  std::array<MixerWeights*, kMixerSets> mixers_{};
  ProbabilityMap* maps_ = nullptr;
};

inline void reset_planes(TileBuffers& buffers, const TileShape& shape) {
  for (auto& plane : buffers.values) plane.reset(shape.width, shape.height, 128);
  for (auto& plane : buffers.residuals) plane.reset(shape.width, shape.height, 0);
}

template <class V>
bool encode_tile_on(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers) {
  reset_planes(buffers, shape);
  buffers.decisions.clear();
  for (int c = 0; c < kTilePlanes; ++c) {
    const auto p = static_cast<std::size_t>(c);
    if (modes[p] != PlaneMode::coded) {
      adopt_plane(planes[p], modes[p], shape, buffers, c);
      continue;
    }
    if (!PlaneCoder<V, DecisionList>(buffers, buffers.decisions, c, shape).run(planes[p])) return false;
    finish_plane(buffers, c, shape.height);
  }
  return true;
}

template <class V>
void decode_tile_on(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers,
                    DecisionDecoder& decoder) {
  reset_planes(buffers, shape);
  for (int c = 0; c < kTilePlanes; ++c) {
    const auto p = static_cast<std::size_t>(c);
    if (modes[p] != PlaneMode::coded) {
      if (modes[p] == PlaneMode::copy) copy_samples(planes[0], planes[p], shape);
      adopt_plane(planes[p], modes[p], shape, buffers, c);
      continue;
    }
    if (!PlaneCoder<V, DecisionDecoder>(buffers, decoder, c, shape).run(planes[p])) return;
    finish_plane(buffers, c, shape.height);
  }
}

template <class V>
void quantize_plane(const TilePlane& plane, int number, const TileShape& shape, TileBuffers& buffers) {
  PaddedPlane& values = buffers.values[static_cast<std::size_t>(number)];
  Predictor<V> predictor(buffers, predict_tables(), number, shape.width);
  for (int y = 0; y < shape.height; ++y) {
    values.begin_row(y);
    predictor.begin_row(y);
    std::uint8_t* const samples = plane.samples + y * plane.stride;
    for (int x = 0; x < shape.width; ++x) {
      predictor.look(x);
      const Grid grid(predictor.mean(), shape.max_error);
      const int value = grid.value(grid.nearest(samples[x]));
      samples[x] = static_cast<std::uint8_t>(value);
      values.row(y)[x] = value;
      predictor.learn(x, value);
    }
    predictor.end_row();
    values.end_row(y);
  }
  values.finish(shape.height);
}

// The predictor alone: what it predicts depends on nothing that the coder of decisions learns.
template <class V>
void quantize_tile_on(const TilePlanes& planes, const PlaneModes& modes, const TileShape& shape, TileBuffers& buffers) {
  reset_planes(buffers, shape);
  for (int c = 0; c < kTilePlanes; ++c) {
    const auto p = static_cast<std::size_t>(c);
    if (modes[p] == PlaneMode::coded) {
      quantize_plane<V>(planes[p], c, shape, buffers);
      continue;
    }
    if (modes[p] == PlaneMode::copy) copy_samples(planes[0], planes[p], shape);
    adopt_plane(planes[p], modes[p], shape, buffers, c);
  }
}

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
