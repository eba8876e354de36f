#include "kernels/dwt/dwt_97.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace vaerans::kernels::lifting {
namespace {

// Daubechies and Sweldens 1998: the steps of the 9/7 of JPEG 2000 (ITU-T T.800, annex F), in the order of the forward
// transform. Odd samples take the first and the third, even ones the second and the fourth.
constexpr std::array<float, 4> kSteps{-1.586134342F, -0.052980118F, 0.882911075F, 0.443506852F};

// With K = 1.230174105: √2 / K and K / √2, which make low and high bands nearly orthonormal, and their squares.
constexpr float kLow = 1.149604398F, kHigh = 0.869864452F, kLow2 = 1.321590271F, kHigh2 = 0.756664164F;

constexpr Gains forward_gains_97(Size s) noexcept {
  if (s.h == 1) return {{kLow, kHigh}, {}};
  if (s.w == 1) return {{kLow, 1.0F}, {kHigh, 1.0F}};
  return {{kLow2, 1.0F}, {1.0F, kHigh2}};
}
// The gain of a low band undoes that of a high one.
constexpr Gains inverse_gains_97(Size s) noexcept {
  if (s.h == 1) return {{kHigh, kLow}, {}};
  if (s.w == 1) return {{kHigh, 1.0F}, {kLow, 1.0F}};
  return {{kHigh2, 1.0F}, {1.0F, kLow2}};
}

// ---- along a row, in halves -----------------------------------------------------------------------------------

struct HalfRow {
  float* even;
  float* odd;
  std::size_t evens, odds;
};

void lift_odd(const HalfRow& row, float k) noexcept {
  const std::size_t inner = row.evens - 1;
  for (std::size_t i = 0; i < inner; ++i) row.odd[i] += k * (row.even[i] + row.even[i + 1]);
  if (inner < row.odds) row.odd[inner] += k * (row.even[inner] + row.even[inner]);
}
void lift_even(const HalfRow& row, float k) noexcept {
  row.even[0] += k * (row.odd[0] + row.odd[0]);
  for (std::size_t i = 1; i < row.odds; ++i) row.even[i] += k * (row.odd[i - 1] + row.odd[i]);
  if (row.odds < row.evens) row.even[row.odds] += k * (row.odd[row.odds - 1] + row.odd[row.odds - 1]);
}

void split_row_97(const float* x, std::size_t n, float* low, float* high, Gain gain) noexcept {
  const HalfRow row{low, high, n - n / 2, n / 2};
  for (std::size_t i = 0; i < row.odds; ++i) {
    low[i] = x[2 * i];
    high[i] = x[2 * i + 1];
  }
  if (row.odds < row.evens) low[row.odds] = x[n - 1];
  if (row.odds != 0) {
    for (std::size_t step = 0; step < kSteps.size(); ++step)
      step % 2 == 0 ? lift_odd(row, kSteps[step]) : lift_even(row, kSteps[step]);
  }
  scale(low, row.evens, gain.low);
  scale(high, row.odds, gain.high);
}

void join_row_97(const float* low, const float* high, std::size_t n, float* x, Gain gain, float* scratch) noexcept {
  const HalfRow row{scratch, scratch + half_row_stride(n), n - n / 2, n / 2};
  for (std::size_t i = 0; i < row.evens; ++i) row.even[i] = low[i] * gain.low;
  for (std::size_t i = 0; i < row.odds; ++i) row.odd[i] = high[i] * gain.high;
  if (row.odds != 0) {
    for (std::size_t step = kSteps.size(); step-- > 0;)
      step % 2 == 0 ? lift_odd(row, -kSteps[step]) : lift_even(row, -kSteps[step]);
  }
  for (std::size_t i = 0; i < row.odds; ++i) {
    x[2 * i] = row.even[i];
    x[2 * i + 1] = row.odd[i];
  }
  if (row.odds < row.evens) x[n - 1] = row.even[row.odds];
}

// ---- between rows ---------------------------------------------------------------------------------------------

// Lifts row r of h by its neighbours, mirrored at the borders; row_of(r) is where a row lies. Rows that are not there
// are left out, so that callers may run ahead of the first row and beyond the last.
template <typename RowOf>
void lift_row(std::ptrdiff_t r, std::ptrdiff_t h, std::size_t w, float k, RowOf row_of) noexcept {
  if (r < 0 || r >= h) return;
  const float* const above = row_of(r > 0 ? r - 1 : r + 1);
  const float* const below = row_of(r + 1 < h ? r + 1 : r - 1);
  float* const row = row_of(r);
  for (std::size_t x = 0; x < w; ++x) row[x] += k * (above[x] + below[x]);
}

}  // namespace

void LevelRows97::add(const float* row) noexcept {
  std::copy_n(row, size_.w, ring_(come_));
  if (come_++ == next_) step();
  if (come_ < height()) return;
  while (until_ < height()) step();
}

// After row `next_` has come: each step is done on the row that has just got its neighbours.
void LevelRows97::step() noexcept {
  for (std::size_t k = 0; height() > 1 && k < kSteps.size(); ++k)
    lift_row(next_ - 1 - static_cast<std::ptrdiff_t>(k), height(), size_.w, kSteps[k], ring_);
  until_ = std::clamp<std::ptrdiff_t>(height() > 1 ? next_ - 3 : 1, 0, height());
  next_ += 2;
}

void LevelRows97::split(float* low, float* high) noexcept {
  const Gains gains = forward_gains_97(size_);
  split_row_97(ring_(given_), size_.w, low, high, given_ % 2 == 0 ? gains.low_rows : gains.high_rows);
  ++given_;
}

void forward_level_97(const float* src, Size s, const Quad<float>& q, float* scratch) noexcept {
  LevelRows97 rows(s, scratch);
  for (std::size_t r = 0; r < s.h; ++r) {
    rows.add(src + r * s.w);
    while (rows.ready()) {
      const std::size_t i = rows.row() / 2;
      rows.row() % 2 == 0 ? rows.split(q.ll + i * q.low_w, q.hl + i * q.high_w)
                          : rows.split(q.lh + i * q.low_w, q.hh + i * q.high_w);
    }
  }
}

void inverse_level_97(float* dst, Size s, const Quad<const float>& q, float* scratch) noexcept {
  const Gains gains = inverse_gains_97(s);
  const auto h = static_cast<std::ptrdiff_t>(s.h);
  const std::size_t w = s.w;
  const auto row_of = [&](std::ptrdiff_t r) { return dst + static_cast<std::size_t>(r) * w; };
  const auto join = [&](std::ptrdiff_t r) {
    const auto i = static_cast<std::size_t>(r / 2);
    if (r % 2 == 0) return join_row_97(q.ll + i * q.low_w, q.hl + i * q.high_w, w, row_of(r), gains.low_rows, scratch);
    join_row_97(q.lh + i * q.low_w, q.hh + i * q.high_w, w, row_of(r), gains.high_rows, scratch);
  };
  if (h == 1) return join(0);
  for (std::ptrdiff_t e = 0; e - 3 < h; e += 2) {
    for (const std::ptrdiff_t r : {e, e + 1}) {
      if (r < h) join(r);
    }
    for (std::size_t back = 0; back < kSteps.size(); ++back)
      lift_row(e - static_cast<std::ptrdiff_t>(back), h, w, -kSteps[kSteps.size() - 1 - back], row_of);
  }
}

}  // namespace vaerans::kernels::lifting
