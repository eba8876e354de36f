// Local least squares in integers: a linear predictor whose weights fit the samples nearby best, refined from sample to
// sample. Included once per instruction set like mixing/decide_each.hpp.
//
// The sums of products that the normal equations are made of decay with the distance, in the rows above to both sides
// and in the row at work behind: windows without edges, each updated in a few operations. One sweep of coordinate
// descent over the weights at every second sample follows them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/predict/tile_coder.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

template <class V>
class LeastSquares {
 public:
  using Lanes = typename V::Lanes;
  static constexpr std::size_t kTaps = 16;
  using Taps = std::array<Lanes, 2>;

  LeastSquares(TileBuffers& buffers, int width) : width_(width) {
    buffers.windows.assign(2 * kSums * static_cast<std::size_t>(width), 0);
    columns_ = buffers.windows.data();
    behind_ = columns_ + kSums * static_cast<std::size_t>(width);
    weights_[0] = weights_[1] = 32768;  // west and north
  }

  // The sums to the right of each place of the row, out of those of the rows above.
  void begin_row() {
    before_.fill(0);
    current_.fill(0);
    std::fill_n(right(width_ - 1), kSums, 0);
    for (int x = width_ - 2; x >= 0; --x) {
      for (std::size_t i = 0; i < kSums; i += 8) {
        const Lanes sum = V::add(V::load(right(x + 1) + i), V::load(column(x + 1) + i));
        V::store(V::sub(sum, V::template shr<kAcross>(sum)), right(x) + i);
      }
    }
    turn_ = 0;
  }

  // How far the sample is from the base, in 1/64 of a grey level, given the taps less the base.
  HWY_INLINE int predict(int x, const Taps& taps) {
    for (std::size_t i = 0; i < kSums; i += 8) {
      const Lanes left = V::load(before_.data() + i);
      V::store(V::add(V::sub(left, V::template shr<kAcross>(left)), V::load(column(x) + i)), before_.data() + i);
    }
    if (turn_++ % 2 == 0) refine(x);
    const Lanes a = V::mul(V::template shr<4>(V::load(weights_.data())), taps[0]);
    const Lanes b = V::mul(V::template shr<4>(V::load(weights_.data() + 8)), taps[1]);
    return std::clamp(V::sum(V::add(a, b)) >> 6, -255 * 64, 255 * 64);
  }

  // `target`: the sample less the base.
  HWY_INLINE void learn(int x, const Taps& taps, int target) {
    std::int32_t all[kTaps];
    V::store(taps[0], all);
    V::store(taps[1], all + 8);
    for (std::size_t i = 0; i < kTaps; ++i) add(x, 16 * i, taps, all[i]);
    add(x, 16 * kTaps, taps, target);
  }

 private:
  // 16 rows of the matrix, then the right side.
  static constexpr std::size_t kSums = kTaps * (kTaps + 1);
  static constexpr int kDown = 2, kAcross = 3, kAlong = 2;  // decays, as shifts
  static constexpr int kScale = 5;
  static constexpr int kRidge = 256;
  static constexpr std::int64_t kLimit = (1 << 18) - 1;

  [[nodiscard]] std::int32_t* column(int x) { return columns_ + kSums * static_cast<std::size_t>(x); }
  [[nodiscard]] std::int32_t* right(int x) { return behind_ + kSums * static_cast<std::size_t>(x); }

  HWY_INLINE void add(int x, std::size_t at, const Taps& taps, int by) {
    for (std::size_t i = 0; i < 2; ++i, at += 8) {
      const Lanes product = V::template shl<kScale>(V::mul(taps[i], V::set(by)));
      const Lanes above = V::load(column(x) + at);
      V::store(V::add(above, V::template shr<kDown>(V::sub(product, above))), column(x) + at);
      const Lanes here = V::add(V::load(current_.data() + at), V::template shr<kAlong>(product));
      V::store(V::sub(here, V::template shr<kAcross>(here)), current_.data() + at);
    }
  }

  HWY_INLINE void refine(int x) {
    alignas(64) std::int32_t total[kSums];
    for (std::size_t i = 0; i < kSums; i += 8) {
      const Lanes above = V::add(V::load(before_.data() + i), V::load(right(x) + i));
      V::store(V::add(above, V::load(current_.data() + i)), total + i);
    }
    for (std::size_t i = 0; i < kTaps; ++i) {
      const std::int32_t* const row = total + kTaps * i;
      const std::int64_t fit =
          V::dot(V::load(row), V::load(weights_.data())) + V::dot(V::load(row + 8), V::load(weights_.data() + 8));
      const std::int64_t slope =
          (std::int64_t{total[kTaps * kTaps + i]} << 16) - fit - std::int64_t{kRidge} * weights_[i];
      const std::int64_t moved = weights_[i] + slope / (row[i] + kRidge + (row[i] >> 6));
      weights_[i] = static_cast<std::int32_t>(std::clamp(moved, -kLimit, kLimit));
    }
  }

  int width_, turn_ = 0;
  std::int32_t *columns_ = nullptr, *behind_ = nullptr;
  alignas(64) std::array<std::int32_t, kSums> before_{}, current_{};
  alignas(64) std::array<std::int32_t, kTaps> weights_{};
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
