#include "kernels/dwt.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numbers>
#include <utility>

#include "kernels/dwt_lifting.hpp"

namespace vaerans::kernels {
namespace {

constexpr float kRoot = std::numbers::sqrt2_v<float>;
constexpr float kInverseRoot = 1.0F / std::numbers::sqrt2_v<float>;

struct Size {
  std::uint32_t h = 0;
  std::uint32_t w = 0;
  [[nodiscard]] std::size_t area() const noexcept { return std::size_t{h} * w; }
};

// ceil(n / 2^level)
std::uint32_t halved(std::uint32_t n, std::uint32_t level) noexcept {
  const std::uint64_t unit = std::uint64_t{1} << level;
  return static_cast<std::uint32_t>((n + unit - 1) / unit);
}

Size at_level(Size full, std::uint32_t level) noexcept { return {halved(full.h, level), halved(full.w, level)}; }

bool fits(Size s) noexcept { return s.area() <= std::numeric_limits<std::uint32_t>::max(); }

// Gains of the rows that hold vertically low and high samples. Where both dimensions are filtered the roots of two
// meet to exact powers of two.
struct Gains {
  lifting::Gain low_rows;
  lifting::Gain high_rows;
};

constexpr Gains forward_gains(Size s) noexcept {
  if (s.h == 1) return {{kRoot, kInverseRoot}, {}};
  if (s.w == 1) return {{kRoot, 1.0F}, {kInverseRoot, 1.0F}};
  return {{2.0F, 1.0F}, {1.0F, 0.5F}};
}

constexpr Gains inverse_gains(Size s) noexcept {
  if (s.h == 1) return {{kInverseRoot, kRoot}, {}};
  if (s.w == 1) return {{kInverseRoot, 1.0F}, {kRoot, 1.0F}};
  return {{0.5F, 1.0F}, {1.0F, 2.0F}};
}

// The four bands of one level; T is const for the inverse.
template <class T>
struct Quad {
  T* ll;
  T* hl;
  T* lh;
  T* hh;
  std::size_t low_w;
  std::size_t high_w;

  // The high bands lie at their place in the packed plane, LL wherever the caller keeps it.
  Quad(T* low, T* packed, Size s) noexcept
      : ll(low), hl(packed + at_level(s, 1).area()), lh(hl), hh(hl), low_w(halved(s.w, 1)), high_w(s.w / 2) {
    lh = hl + halved(s.h, 1) * high_w;
    hh = lh + s.h / 2 * low_w;
  }
};

template <class W, class T>
void forward_level(const T* src, Size s, const Quad<T>& q, T* rows) noexcept {
  const std::size_t w = s.w;
  const Gains gains = forward_gains(s);
  T* before = rows;
  T* high = rows + w;
  T* low = rows + 2 * w;
  const auto split_low = [&](const T* row, std::size_t i) {
    lifting::split_row<W>(row, w, q.ll + i * q.low_w, q.hl + i * q.high_w, gains.low_rows);
  };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    const T* even = src + 2 * i * w;
    const T* below = 2 * i + 2 < s.h ? even + 2 * w : even;
    lifting::predict_row<W>(even + w, even, below, high, w);
    lifting::update_row<W>(even, i == 0 ? high : before, high, low, w);
    split_low(low, i);
    lifting::split_row<W>(high, w, q.lh + i * q.low_w, q.hh + i * q.high_w, gains.high_rows);
    std::swap(before, high);
  }
  if (s.h == 1) {
    split_low(src, 0);
  } else if (s.h % 2 != 0) {
    lifting::update_tail_row<W>(src + 2 * highs * w, before, low, w);
    split_low(low, highs);
  }
}

template <class W, class T>
void inverse_level(T* dst, Size s, const Quad<const T>& q, T* rows) noexcept {
  const std::size_t w = s.w;
  const Gains gains = inverse_gains(s);
  T* before = rows;
  T* high = rows + w;
  const auto join_low = [&](T* row, std::size_t i) {
    lifting::join_row<W>(q.ll + i * q.low_w, q.hl + i * q.high_w, w, row, gains.low_rows);
  };
  const auto finish_odd = [&](std::size_t y, const T* below) {  // row y from the high row `before` and its neighbours
    lifting::unpredict_row<W>(before, dst + (y - 1) * w, below, dst + y * w, w);
  };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    T* even = dst + 2 * i * w;
    join_low(even, i);
    lifting::join_row<W>(q.lh + i * q.low_w, q.hh + i * q.high_w, w, high, gains.high_rows);
    lifting::unupdate_row<W>(even, i == 0 ? high : before, high, even, w);
    if (i > 0) finish_odd(2 * i - 1, even);
    std::swap(before, high);
  }
  T* last = dst + (std::size_t{s.h} - 1) * w;
  if (s.h % 2 == 0) {
    finish_odd(s.h - 1, last - w);
  } else {
    join_low(last, highs);
    if (s.h == 1) return;
    lifting::unupdate_tail_row<W>(last, before, last, w);
    finish_odd(s.h - 2, last);
  }
}

// Scratch: three rows, two LL planes that the levels use in turn, and a copy of the input for in == out.
template <class T>
struct Workspace {
  T* rows;
  std::array<T*, 2> ll;  // of odd and even levels
  T* copy;

  Workspace(std::span<T> scratch, Size s) noexcept : rows(scratch.data()), ll{}, copy(nullptr) {
    ll[1] = rows + 3 * std::size_t{s.w};
    ll[0] = ll[1] + at_level(s, 1).area();
    copy = ll[0] + at_level(s, 2).area();
  }
};

template <class W, class T>
void forward(const T* in, T* out, Size s, std::uint32_t levels, const Workspace<T>& ws) noexcept {
  for (std::uint32_t level = 1; level <= levels; ++level) {
    const Size size = at_level(s, level - 1);
    T* low = level == levels ? out : ws.ll[level % 2];
    forward_level<W>(in, size, Quad<T>(low, out, size), ws.rows);
    in = low;
  }
}

template <class W, class T>
void inverse(const T* in, T* out, Size s, std::uint32_t levels, const Workspace<T>& ws) noexcept {
  const T* low = in;
  for (std::uint32_t level = levels; level >= 1; --level) {
    const Size size = at_level(s, level - 1);
    T* dst = level == 1 ? out : ws.ll[(level - 1) % 2];
    inverse_level<W>(dst, size, Quad<const T>(low, in, size), ws.rows);
    low = dst;
  }
}

// What both directions share: checks, the copy for in == out, planes that no level touches. `run(src, ws, levels)`.
template <class T, class Run>
Status prepared(const T* in, T* out, Size s, std::uint32_t levels, std::span<T> scratch, Run run) noexcept {
  if (!fits(s) || scratch.size() < dwt_scratch_size(s.h, s.w, in == out)) return Status::bad_argument;
  levels = clamp_levels(s.h, s.w, levels);
  if (levels == 0) {
    if (in != out) std::copy_n(in, s.area(), out);
    return Status::ok;
  }
  const Workspace<T> ws(scratch, s);
  if (in == out) in = std::copy_n(in, s.area(), ws.copy) - s.area();
  run(in, ws, levels);
  return Status::ok;
}

}  // namespace

std::uint32_t clamp_levels(std::uint32_t h, std::uint32_t w, std::uint32_t levels) noexcept {
  if (h == 0 || w == 0) return 0;
  std::uint32_t possible = 0;
  while (possible < levels && std::max(halved(h, possible), halved(w, possible)) >= 2) ++possible;
  return possible;
}

std::size_t band_layout(std::uint32_t h, std::uint32_t w, std::uint32_t levels, std::span<Band> out) noexcept {
  const Size full{h, w};
  levels = clamp_levels(h, w, levels);
  if (!fits(full) || out.size() < band_count(levels)) return 0;
  std::size_t n = 0;
  std::uint32_t offset = 0;
  const auto push = [&](std::uint32_t level, BandKind kind, std::uint32_t bh, std::uint32_t bw) {
    out[n++] = {static_cast<std::uint8_t>(level), kind, offset, bh, bw};
    offset += bh * bw;
  };
  push(levels, BandKind::ll, halved(h, levels), halved(w, levels));
  for (std::uint32_t level = levels; level >= 1; --level) {
    const Size low = at_level(full, level);
    const Size high{halved(h, level - 1) / 2, halved(w, level - 1) / 2};
    push(level, BandKind::hl, low.h, high.w);
    push(level, BandKind::lh, high.h, low.w);
    push(level, BandKind::hh, high.h, high.w);
  }
  return n;
}

std::size_t dwt_scratch_size(std::uint32_t h, std::uint32_t w, bool in_place) noexcept {
  const Size s{h, w};
  return 3 * std::size_t{w} + at_level(s, 1).area() + at_level(s, 2).area() + (in_place ? s.area() : 0);
}

template <class T>
Status dwt_forward(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                   std::span<T> scratch) noexcept {
  const Size s{h, w};
  return prepared(in, out, s, levels, scratch, [&](const T* src, const Workspace<T>& ws, std::uint32_t applied) {
    if (wavelet == Wavelet::haar) {
      forward<lifting::Haar>(src, out, s, applied, ws);
    } else {
      forward<lifting::Cdf53>(src, out, s, applied, ws);
    }
  });
}

template <class T>
Status dwt_inverse(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                   std::span<T> scratch) noexcept {
  const Size s{h, w};
  return prepared(in, out, s, levels, scratch, [&](const T* src, const Workspace<T>& ws, std::uint32_t applied) {
    if (wavelet == Wavelet::haar) {
      inverse<lifting::Haar>(src, out, s, applied, ws);
    } else {
      inverse<lifting::Cdf53>(src, out, s, applied, ws);
    }
  });
}

#define VAERANS_INSTANTIATE_DWT(T)                                                                   \
  template Status dwt_forward<T>(Wavelet, const T*, T*, std::uint32_t, std::uint32_t, std::uint32_t, \
                                 std::span<T>) noexcept;                                             \
  template Status dwt_inverse<T>(Wavelet, const T*, T*, std::uint32_t, std::uint32_t, std::uint32_t, \
                                 std::span<T>) noexcept;
VAERANS_INSTANTIATE_DWT(float)
VAERANS_INSTANTIATE_DWT(std::int16_t)
VAERANS_INSTANTIATE_DWT(std::int32_t)
#undef VAERANS_INSTANTIATE_DWT

}  // namespace vaerans::kernels
