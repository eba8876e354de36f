// The vectorised inverse level: rows are put together from their even and odd samples when they are stored.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dwt/dwt_inverse_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "kernels/dwt/dwt_level.hpp"
#include "kernels/dwt/dwt_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::lifting::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR
template <class T>
void inverse_of(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) {
  inverse_level_ref(wavelet, dst, s, q, scratch);
}
#else

// A row on its way back: its even samples and its scaled high ones, from which the odd samples follow.
template <class T>
struct Joined {
  T* even;
  T* high;
};

template <class W, class T>
void join(const T* low, const T* high, std::size_t w, Gain gain, Joined<T> out, T* spare) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t highs = w / 2;
  const std::size_t lows = w - highs;
  if (highs < lanes) high = std::copy_n(high, highs, spare) - highs;
  cover(std::max(highs, lanes), lanes,
        [&](std::size_t i) { hn::StoreU(scaled<T>(hn::LoadU(d, high + i), gain.high), d, out.high + i); });
  out.high[-1] = out.high[0];
  if (lows < lanes) low = std::copy_n(low, lows, spare) - lows;
  cover(std::max(lows, lanes), lanes, [&](std::size_t i) {
    const auto update = W::update(hn::LoadU(d, out.high + i - 1), hn::LoadU(d, out.high + i));
    hn::StoreU(hn::Sub(scaled<T>(hn::LoadU(d, low + i), gain.low), update), d, out.even + i);
  });
  if (w % 2 == 0) {
    out.even[lows] = out.even[lows - 1];
  } else {
    const T tail = W::Scalar::update_tail(out.high[highs - 1]);
    out.even[highs] = sub(lifting::scaled(*(low + highs), gain.low), tail);
  }
}

template <class W, class T>
Pair<T> samples(Joined<T> row, std::size_t i) {
  const Tag<T> d;
  const auto even = hn::Load(d, row.even + i);
  return {even, hn::Add(hn::Load(d, row.high + i), W::predict(even, hn::LoadU(d, row.even + i + 1)))};
}

// Where a row goes.
template <class T>
struct Target {
  T* row;
  bool stream;  // past the caches
};

// The n samples of a row that begin with this pair of vectors at x.
template <class T>
HWY_INLINE void store_together(Pair<T> v, Target<T> to, std::size_t x, std::size_t n) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const bool whole = n >= 2 * lanes;
  if (whole && !to.stream) {
    hn::StoreInterleaved2(v.even, v.odd, d, to.row + x);
    return;
  }
  HWY_ALIGN T few[2 * kMaxLanes];
  hn::StoreInterleaved2(v.even, v.odd, d, few);
  if (whole) {
    put<T>(hn::Load(d, few), to.row + x, true);
    put<T>(hn::Load(d, few + lanes), to.row + x + lanes, true);
  } else {
    std::copy_n(few, n, to.row + x);
  }
}

// Where the vertical inverse stands: the high row above and the finished even row above, samples apart.
template <class T>
struct Above {
  Halves<T> high;
  Halves<T> even;
};

// Finishes row 2i and, unless `odd_row` has none, row 2i - 1. With no high row (odd heights) `high` is not read.
template <class W, bool kLast, class T>
void unlift_columns(Joined<T> low, Joined<T> high, Halves<T> high_out, Above<T> above, std::size_t w,
                    Target<T> even_row, Target<T> odd_row) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    Pair<T> e = samples<W>(low, i);
    const bool first = odd_row.row == nullptr;
    Pair<T> h_above{};
    if constexpr (kLast) {
      h_above = {hn::Load(d, above.high.even + i), hn::Load(d, above.high.odd + i)};
      e = {hn::Sub(e.even, W::update_tail(h_above.even)), hn::Sub(e.odd, W::update_tail(h_above.odd))};
    } else {
      const Pair<T> h = samples<W>(high, i);
      h_above = first ? h : Pair<T>{hn::Load(d, above.high.even + i), hn::Load(d, above.high.odd + i)};
      e = {hn::Sub(e.even, W::update(h_above.even, h.even)), hn::Sub(e.odd, W::update(h_above.odd, h.odd))};
      hn::Store(h.even, d, high_out.even + i);
      hn::Store(h.odd, d, high_out.odd + i);
    }
    store_together<T>(e, even_row, x, w - x);
    if (!first) {
      const Pair<T> o{hn::Add(h_above.even, W::predict(hn::Load(d, above.even.even + i), e.even)),
                      hn::Add(h_above.odd, W::predict(hn::Load(d, above.even.odd + i), e.odd))};
      store_together<T>(o, odd_row, x, w - x);
    }
    hn::Store(e.even, d, above.even.even + i);
    hn::Store(e.odd, d, above.even.odd + i);
  }
}

// The last row of an even number: below it lies the mirrored row above it.
template <class W, class T>
void unlift_tail(Above<T> above, std::size_t w, Target<T> odd_row) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    const auto even = hn::Load(d, above.even.even + i);
    const auto odd = hn::Load(d, above.even.odd + i);
    const Pair<T> o{hn::Add(hn::Load(d, above.high.even + i), W::predict(even, even)),
                    hn::Add(hn::Load(d, above.high.odd + i), W::predict(odd, odd))};
    store_together<T>(o, odd_row, x, w - x);
  }
}

template <class W, class T>
void put_together(Joined<T> row, std::size_t w, Target<T> out) {
  const std::size_t lanes = hn::Lanes(Tag<T>());
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    store_together<T>(samples<W>(row, i), out, x, w - x);
  }
}

template <class W, class T>
void inverse(T* dst, Size s, const Quad<const T>& q, T* scratch) {
  const std::size_t w = s.w;
  const Gains gains = inverse_gains(s);
  HalfRows<T> rows(scratch, w);
  const Joined<T> low{rows.take(), rows.take()};
  const Joined<T> high{rows.take(), rows.take()};
  const Above<T> above{rows.take_halves(), rows.take_halves()};
  T* const spare = rows.take();
  const auto join_low = [&](std::size_t i) {
    join<W>(q.ll + i * q.low_w, q.hl + i * q.high_w, w, gains.low_rows, low, spare);
  };
  const bool stream = s.area() * sizeof(T) >= kStreamBytes;
  const auto row = [&](std::size_t y) { return Target<T>{dst + y * w, stream}; };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    join_low(i);
    join<W>(q.lh + i * q.low_w, q.hh + i * q.high_w, w, gains.high_rows, high, spare);
    const Target<T> odd = i == 0 ? Target<T>{nullptr, false} : row(2 * i - 1);
    unlift_columns<W, false>(low, high, above.high, above, w, row(2 * i), odd);
  }
  if (s.h % 2 == 0) {
    unlift_tail<W>(above, w, row(s.h - 1));
  } else {
    join_low(highs);
    if (s.h == 1) {
      put_together<W>(low, w, row(0));
    } else {
      unlift_columns<W, true>(low, high, above.high, above, w, row(s.h - 1), row(s.h - 2));
    }
  }
  if (stream) hwy::FlushStream();
}

template <class T>
void inverse_of(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) {
  if (wavelet == Wavelet::haar) {
    inverse<VectorHaar<T>>(dst, s, q, scratch);
  } else {
    inverse<VectorCdf53<T>>(dst, s, q, scratch);
  }
}
#endif

// One function per type, for the dispatcher.
void inverse_f32(Wavelet wavelet, float* dst, Size s, const Quad<const float>& q, float* scratch) {
  inverse_of<float>(wavelet, dst, s, q, scratch);
}
void inverse_i16(Wavelet wavelet, std::int16_t* dst, Size s, const Quad<const std::int16_t>& q, std::int16_t* scratch) {
  inverse_of<std::int16_t>(wavelet, dst, s, q, scratch);
}
void inverse_i32(Wavelet wavelet, std::int32_t* dst, Size s, const Quad<const std::int32_t>& q, std::int32_t* scratch) {
  inverse_of<std::int32_t>(wavelet, dst, s, q, scratch);
}

}  // namespace vaerans::kernels::lifting::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::lifting {

// Single columns are left to the twin: there is nothing to filter along their rows.
// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define VAERANS_DISPATCH(name, T)                                                                        \
  HWY_EXPORT(inverse_##name);                                                                            \
  template <>                                                                                            \
  void inverse_level<T>(Wavelet wavelet, T * dst, Size s, const Quad<const T>& q, T* scratch) noexcept { \
    if (s.w == 1) return inverse_level_ref<T>(wavelet, dst, s, q, scratch);                              \
    HWY_DYNAMIC_DISPATCH(inverse_##name)(wavelet, dst, s, q, scratch);                                   \
  }
VAERANS_DISPATCH(f32, float)
VAERANS_DISPATCH(i16, std::int16_t)
VAERANS_DISPATCH(i32, std::int32_t)
#undef VAERANS_DISPATCH
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace vaerans::kernels::lifting
#endif
