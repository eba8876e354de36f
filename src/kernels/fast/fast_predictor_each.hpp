// Prediction of a sample for the fast pixel coder: two linear predictors that learn and two fixed ones, blended by what
// they missed by nearby. Included once per instruction set like mixing/decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/fast/fast_tile.hpp"
#include "kernels/predict/tap_runs.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// As wide as an address, so that no look-up has to widen them.
using Int = std::ptrdiff_t;

// Samples around a place of one plane: west, north, …
struct Beside {
  Int here = 0, w = 0, n = 0, nw = 0, ne = 0;
};
HWY_INLINE Beside beside(const std::int16_t* at, std::ptrdiff_t stride) {
  return {at[0], at[-1], at[-stride], at[-stride - 1], at[-stride + 1]};
}
HWY_INLINE Beside less(const Beside& a, const Beside& b) {
  return {b.here, a.w - b.w, a.n - b.n, a.nw - b.nw, a.ne - b.ne};
}

HWY_INLINE int octave_of(std::uint32_t bits) { return static_cast<int>(bits >> 23U) - 127; }

// The median edge detector of LOCO-I (Weinberger, Seroussi, Sapiro 2000).
HWY_INLINE Int median_of(const Beside& p) {
  const Int most = std::max(p.w, p.n), least = std::min(p.w, p.n);
  return std::clamp(p.w + p.n - p.nw, least, most);
}

// Which neighbours the linear predictors see: eight runs of four samples side by side, for each plane.
inline constexpr std::array<std::array<TapRun, 8>, 3> kFastRuns{{
    {{{0, 0, -8}, {0, 0, -4}, {0, -1, -3}, {0, -1, 1}, {0, -2, -3}, {0, -2, 1}, {0, -3, -3}, {0, -3, 1}}},
    {{{0, 1, -1}, {1, 0, -4}, {1, -1, -3}, {1, -1, 1}, {0, 0, -3}, {0, 0, 1}, {0, -1, -3}, {0, -1, 1}}},
    {{{1, 1, -1}, {2, 0, -4}, {2, -1, -3}, {2, -1, 1}, {1, 0, -3}, {1, 0, 1}, {0, 0, -3}, {0, 0, 1}}},
}};

// Means are in 1/64 of a grey level, opinions relative to the base, the rounded mean of west and north.
template <class V, int kPlane>
class FastPredictor {
 public:
  using Taps = typename V::Taps;
  static constexpr std::size_t kPlanes = kPlane + 1;  // that it sees

  FastPredictor(FastBuffers& buffers, int width)
      : buffers_(buffers), width_(width), stride_(buffers[0].values.stride()) {
    room().errors.assign(2 * lanes_in_row(), 0);
    constexpr std::array<std::int16_t, 8> kNone{}, kWest{0, 0, 0, 0, 0, 0, 0, 8192}, kNorth{0, 0, 0, 8192};
    const auto none = V::load(kNone.data());
    fast_ = slow_ = V::taps(V::load(kWest.data()), V::load(kNorth.data()), none, none);
  }

  void begin_row(int y) {
    for (std::size_t q = 0; q < kPlanes; ++q) rows_[q] = buffers_[q].values.row(y);
    const std::size_t half = lanes_in_row();
    errors_ = room().errors.data() + (y % 2 == 0 ? 0 : half) + kBefore;
    above_ = room().errors.data() + (y % 2 == 0 ? half : 0) + kBefore;
    for (std::size_t i = 0; i < kBefore; i += 8) std::copy_n(above_, 8, errors_ - kBefore + i);
  }
  void end_row() {
    std::int16_t* const last = errors_ + 8 * static_cast<std::size_t>(width_ - 1);
    for (std::size_t i = 8; i <= kBehind; i += 8) std::copy_n(last, 8, last + i);
  }

  // What is around a place, and what that makes of it.
  struct Seen {
    std::array<Beside, kPlanes> around;
    Int base;  // that of its own plane
    Taps taps;
    int power;  // the sum of their squares
    typename V::Four opinions;
    Int mean;
    Int error;  // what the blend missed by nearby, in 1/32 of a grey level
  };
  [[nodiscard]] HWY_INLINE Seen look(Int x) const {
    Seen seen;
    std::array<Int, kPlanes> bases;
    for (std::size_t q = 0; q < kPlanes; ++q) {
      seen.around[q] = beside(rows_[q] + x, stride_);
      bases[q] = (seen.around[q].w + seen.around[q].n + 1) >> 1;
    }
    seen.base = bases[kPlane];
    seen.taps = V::taps(see<0>(x, bases), see<1>(x, bases), see<2>(x, bases), see<3>(x, bases));
    const Beside own = kPlane == 0 ? seen.around[0] : less(seen.around[kPlane], seen.around[0]);
    const Int from = (kPlane == 0 ? 0 : own.here) - seen.base;
    const Int gradient = 64 * from + 16 * (2 * (own.w + own.ne) + own.n - own.nw);
    seen.opinions = V::opinions(fast_, slow_, seen.taps, static_cast<int>(64 * (from + median_of(own))),
                                static_cast<int>(gradient), seen.power);
    blend(x, seen);
    return seen;
  }
  // From the sample that was at place x. Returns what the blend missed by, at most kErrorLimit.
  HWY_INLINE int learn(Int x, Int value, const Seen& seen) {
    const auto missed = V::miss(static_cast<int>(64 * (value - seen.base)), seen.opinions,
                                static_cast<int>(seen.mean - 64 * seen.base), errors_ + 8 * x);
    const std::uint32_t power = float_bits(64 + seen.power);
    const int reciprocal = kFastTables.power_reciprocal[power >> 19U & 15U];
    V::learn(missed, reciprocal, octave_of(power) + 2, seen.taps, fast_, slow_);
    return errors_[8 * x + 4];
  }

 private:
  static constexpr std::size_t kBefore = 16, kBehind = 16;
  static constexpr int kMostMean = 255 * 64;

  FastPlaneRoom& room() { return buffers_[kPlane]; }
  [[nodiscard]] std::size_t lanes_in_row() const { return 8 * static_cast<std::size_t>(width_) + kBefore + kBehind; }

  template <std::size_t kGroup>
  [[nodiscard]] HWY_INLINE auto see(Int x, const std::array<Int, kPlanes>& bases) const {
    constexpr TapRun a = kFastRuns[kPlane][2 * kGroup], b = kFastRuns[kPlane][2 * kGroup + 1];
    const std::int16_t* const p = rows_[a.plane] + a.dy * stride_ + a.dx + x;
    if constexpr (a.plane == b.plane && a.dy == b.dy && a.dx + 4 == b.dx) {
      return V::less(p, static_cast<int>(bases[a.plane]));
    } else {
      return V::less(p, static_cast<int>(bases[a.plane]), rows_[b.plane] + b.dy * stride_ + b.dx + x,
                     static_cast<int>(bases[b.plane]));
    }
  }

  HWY_INLINE void blend(Int x, Seen& seen) const {
    const auto errors = V::sum_errors(above_ + 8 * x, errors_ + 8 * x - 8);
    const auto [top, sum] = V::blend(seen.opinions, errors);
    const Int reciprocal = kFastTables.weight_reciprocal[sum >> 14U & 511U];
    const Int move = top * reciprocal >> (octave_of(sum) + 15);
    seen.mean = std::clamp<Int>(64 * seen.base + move, 0, kMostMean);
    seen.error = V::fifth(errors);
  }

  FastBuffers& buffers_;
  int width_;
  std::ptrdiff_t stride_;
  std::array<const std::int16_t*, kPlanes> rows_{};
  std::int16_t *errors_ = nullptr, *above_ = nullptr;

  Taps fast_, slow_;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
