// The vectorised level. Rows are taken apart into their even and odd samples when they are loaded (forward) and put
// together when they are stored (inverse), so that both directions of lifting are plain vector operations.
#include "kernels/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dwt_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/dwt_level.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::lifting::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR

// One lane has nothing to take apart: the twin is the form for it.
template <class T>
void forward_of(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) {
  forward_level_ref(wavelet, src, s, q, scratch);
}
template <class T>
void inverse_of(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) {
  inverse_level_ref(wavelet, dst, s, q, scratch);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, 64 / sizeof(T)>;  // never more than kMaxLanes
template <class T>
using Vec = hn::Vec<Tag<T>>;

// The functions of dwt_lifting.hpp on vectors.
template <class T>
Vec<T> half_sum(Vec<T> a, Vec<T> b) {
  if constexpr (std::is_integral_v<T>) {
    return hn::Add(hn::And(a, b), hn::ShiftRight<1>(hn::Xor(a, b)));
  } else {
    return hn::Mul(hn::Add(a, b), hn::Set(Tag<T>(), T{0.5}));
  }
}

template <class T>
struct VectorCdf53 {
  using Scalar = Cdf53;
  static Vec<T> predict(Vec<T> left, Vec<T> right) { return half_sum<T>(left, right); }
  static Vec<T> update(Vec<T> before, Vec<T> after) {
    if constexpr (std::is_integral_v<T>) {
      const Vec<T> half = half_sum<T>(before, after);
      return hn::Sub(half, hn::ShiftRight<1>(half));  // ceil(half / 2)
    } else {
      return hn::Mul(hn::Add(before, after), hn::Set(Tag<T>(), T{0.25}));
    }
  }
  static Vec<T> update_tail(Vec<T> before) { return update(before, before); }
};

template <class T>
struct VectorHaar {
  using Scalar = Haar;
  static Vec<T> predict(Vec<T> left, Vec<T> /*right*/) { return left; }
  static Vec<T> update(Vec<T> /*before*/, Vec<T> after) {
    if constexpr (std::is_integral_v<T>) {
      return hn::ShiftRight<1>(after);
    } else {
      return hn::Mul(after, hn::Set(Tag<T>(), T{0.5}));
    }
  }
  static Vec<T> update_tail(Vec<T> /*before*/) { return hn::Zero(Tag<T>()); }
};

template <class T>
Vec<T> scaled(Vec<T> v, float gain) {
  if constexpr (std::is_integral_v<T>) {
    return v;
  } else {
    return hn::Mul(v, hn::Set(Tag<T>(), gain));
  }
}

// The even and the odd samples of a row, in half rows of scratch: the element before the first may be written.
template <class T>
struct Halves {
  T* even;
  T* odd;
};

template <class T>
class HalfRows {
 public:
  HalfRows(T* scratch, std::size_t w) : stride_(half_row_stride(w)) {
    const auto address = reinterpret_cast<std::uintptr_t>(scratch);
    constexpr std::uintptr_t alignment = 64;
    next_ = scratch + (alignment - address % alignment) % alignment / sizeof(T) + kMaxLanes;
  }
  T* take() { return std::exchange(next_, next_ + stride_); }
  // A whole row with room for a vector beyond its end.
  T* take_row() {
    T* const row = take();
    (void)take();
    return row;
  }
  Halves<T> take_halves() {
    T* const even = take();
    return {even, take()};
  }

 private:
  std::size_t stride_;
  T* next_ = nullptr;
};

// ---- forward ---------------------------------------------------------------------------------------------------

template <class T>
struct Pair {
  Vec<T> even;
  Vec<T> odd;
};

template <class T>
Pair<T> apart(Vec<T> first, Vec<T> second) {
  const Tag<T> d;
  return {hn::ConcatEven(d, second, first), hn::ConcatOdd(d, second, first)};
}

// Vertical lifting of one pair of rows; reads whole vectors. `before` may be `high`.
template <class W, class T>
void lift_columns(const T* even, const T* odd, const T* below, std::size_t w, Halves<T> before, Halves<T> high,
                  Halves<T> low) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    const auto first = hn::LoadU(d, even + x);
    const auto second = hn::LoadU(d, even + x + lanes);
    const auto h =
        apart<T>(hn::Sub(hn::LoadU(d, odd + x), W::predict(first, hn::LoadU(d, below + x))),
                 hn::Sub(hn::LoadU(d, odd + x + lanes), W::predict(second, hn::LoadU(d, below + x + lanes))));
    hn::Store(h.even, d, high.even + i);
    hn::Store(h.odd, d, high.odd + i);
    const auto e = apart<T>(first, second);
    hn::Store(hn::Add(e.even, W::update(hn::Load(d, before.even + i), h.even)), d, low.even + i);
    hn::Store(hn::Add(e.odd, W::update(hn::Load(d, before.odd + i), h.odd)), d, low.odd + i);
  }
}

// The last row of an odd number of rows: no high row follows it.
template <class W, class T>
void lift_tail(const T* even, std::size_t w, Halves<T> before, Halves<T> low) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    const auto e = apart<T>(hn::LoadU(d, even + x), hn::LoadU(d, even + x + lanes));
    hn::Store(hn::Add(e.even, W::update_tail(hn::Load(d, before.even + i))), d, low.even + i);
    hn::Store(hn::Add(e.odd, W::update_tail(hn::Load(d, before.odd + i))), d, low.odd + i);
  }
}

template <class T>
void take_apart(const T* row, std::size_t w, Halves<T> out) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    const auto e = apart<T>(hn::LoadU(d, row + x), hn::LoadU(d, row + x + lanes));
    hn::Store(e.even, d, out.even + i);
    hn::Store(e.odd, d, out.odd + i);
  }
}

// Calls at(i) for vectors that cover 0..n without passing its end, where n is at least a vector; the last two overlap.
template <class At>
void cover(std::size_t n, std::size_t lanes, At at) {
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) at(i);
  if (i < n) at(n - lanes);
}

// Horizontal lifting of a row of w >= 2 samples into its places in two bands. A vector's left neighbours are computed
// again rather than carried along: loads are cheaper than waiting for the vector before.
template <class W, class T>
void split(Halves<T> row, std::size_t w, T* low, T* high, Gain gain) {
  using Scalar = typename W::Scalar;
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t highs = w / 2;
  if (w % 2 == 0) row.even[highs] = row.even[highs - 1];
  row.even[-1] = row.even[1];  // mirrored, so that the high sample before the first one equals the first
  row.odd[-1] = row.odd[0];
  const auto high_at = [&](std::ptrdiff_t i) {
    return hn::Sub(hn::LoadU(d, row.odd + i), W::predict(hn::LoadU(d, row.even + i), hn::LoadU(d, row.even + i + 1)));
  };
  const auto write = [&](std::size_t i, T* low_at, T* high_to) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    const auto here = high_at(at);
    const auto sum = hn::Add(hn::LoadU(d, row.even + at), W::update(high_at(at - 1), here));
    hn::StoreU(scaled<T>(here, gain.high), d, high_to);
    hn::StoreU(scaled<T>(sum, gain.low), d, low_at);
  };
  if (highs >= lanes) {
    cover(highs, lanes, [&](std::size_t i) { write(i, low + i, high + i); });
  } else {
    HWY_ALIGN T few_low[kMaxLanes];
    HWY_ALIGN T few_high[kMaxLanes];
    write(0, few_low, few_high);
    std::copy_n(few_low, highs, low);
    std::copy_n(few_high, highs, high);
  }
  if (w % 2 != 0) {
    const T last = sub(row.odd[highs - 1], Scalar::predict(row.even[highs - 1], row.even[highs]));
    low[highs] = lifting::scaled(add(row.even[highs], Scalar::update_tail(last)), gain.low);
  }
}

template <class W, class T>
void forward(const T* src, Size s, const Quad<T>& q, T* scratch) {
  const std::size_t w = s.w;
  const Gains gains = forward_gains(s);
  HalfRows<T> rows(scratch, w);
  Halves<T> before = rows.take_halves();
  Halves<T> high = rows.take_halves();
  const Halves<T> low = rows.take_halves();
  T* const spare[3] = {rows.take_row(), rows.take_row(), rows.take_row()};
  const T* const end = src + s.area();
  const std::size_t room = (w + 2 * hn::Lanes(Tag<T>()) - 1) / (2 * hn::Lanes(Tag<T>())) * 2 * hn::Lanes(Tag<T>());
  // Row y, copied if whole vectors would reach beyond the plane.
  const auto row = [&](std::size_t y, int slot) {
    const T* const at = src + y * w;
    return static_cast<std::size_t>(end - at) >= room ? at : std::copy_n(at, w, spare[slot]) - w;
  };
  const auto split_low = [&](std::size_t i) {
    split<W>(low, w, q.ll + i * q.low_w, q.hl + i * q.high_w, gains.low_rows);
  };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    const T* const even = row(2 * i, 0);
    const T* const below = 2 * i + 2 < s.h ? row(2 * i + 2, 2) : even;
    lift_columns<W>(even, row(2 * i + 1, 1), below, w, i == 0 ? high : before, high, low);
    split_low(i);
    split<W>(high, w, q.lh + i * q.low_w, q.hh + i * q.high_w, gains.high_rows);
    std::swap(before, high);
  }
  if (s.h == 1) {
    take_apart(row(0, 0), w, low);
    split_low(0);
  } else if (s.h % 2 != 0) {
    lift_tail<W>(row(2 * highs, 0), w, before, low);
    split_low(highs);
  }
}

// ---- inverse ---------------------------------------------------------------------------------------------------

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

// The n samples of a row that begin with this pair of vectors.
template <class T>
void store_together(Pair<T> v, T* row, std::size_t n) {
  const Tag<T> d;
  if (n >= 2 * hn::Lanes(d)) {
    hn::StoreInterleaved2(v.even, v.odd, d, row);
    return;
  }
  HWY_ALIGN T few[2 * kMaxLanes];
  hn::StoreInterleaved2(v.even, v.odd, d, few);
  std::copy_n(few, n, row);
}

// Where the vertical inverse stands: the high row above and the finished even row above, samples apart.
template <class T>
struct Above {
  Halves<T> high;
  Halves<T> even;
};

// Finishes row 2i and, unless `odd_row` is null, row 2i - 1. With no high row (odd heights) `high` is not read.
template <class W, bool kLast, class T>
void unlift_columns(Joined<T> low, Joined<T> high, Halves<T> high_out, Above<T> above, std::size_t w, T* even_row,
                    T* odd_row) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    Pair<T> e = samples<W>(low, i);
    const bool first = odd_row == nullptr;
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
    store_together<T>(e, even_row + x, w - x);
    if (!first) {
      const Pair<T> o{hn::Add(h_above.even, W::predict(hn::Load(d, above.even.even + i), e.even)),
                      hn::Add(h_above.odd, W::predict(hn::Load(d, above.even.odd + i), e.odd))};
      store_together<T>(o, odd_row + x, w - x);
    }
    hn::Store(e.even, d, above.even.even + i);
    hn::Store(e.odd, d, above.even.odd + i);
  }
}

// The last row of an even number: below it lies the mirrored row above it.
template <class W, class T>
void unlift_tail(Above<T> above, std::size_t w, T* odd_row) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    const auto even = hn::Load(d, above.even.even + i);
    const auto odd = hn::Load(d, above.even.odd + i);
    const Pair<T> o{hn::Add(hn::Load(d, above.high.even + i), W::predict(even, even)),
                    hn::Add(hn::Load(d, above.high.odd + i), W::predict(odd, odd))};
    store_together<T>(o, odd_row + x, w - x);
  }
}

template <class W, class T>
void put_together(Joined<T> row, std::size_t w, T* out) {
  const std::size_t lanes = hn::Lanes(Tag<T>());
  for (std::size_t x = 0, i = 0; x < w; x += 2 * lanes, i += lanes) {
    store_together<T>(samples<W>(row, i), out + x, w - x);
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
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    join_low(i);
    join<W>(q.lh + i * q.low_w, q.hh + i * q.high_w, w, gains.high_rows, high, spare);
    T* const even = dst + 2 * i * w;
    unlift_columns<W, false>(low, high, above.high, above, w, even, i == 0 ? nullptr : even - w);
  }
  T* const last = dst + (std::size_t{s.h} - 1) * w;
  if (s.h % 2 == 0) {
    unlift_tail<W>(above, w, last);
    return;
  }
  join_low(highs);
  if (s.h == 1) {
    put_together<W>(low, w, last);
  } else {
    unlift_columns<W, true>(low, high, above.high, above, w, last, last - w);
  }
}

template <class T>
void forward_of(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) {
  if (wavelet == Wavelet::haar) {
    forward<VectorHaar<T>>(src, s, q, scratch);
  } else {
    forward<VectorCdf53<T>>(src, s, q, scratch);
  }
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
#define VAERANS_DWT_OF(name, T)                                                              \
  void forward_##name(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) { \
    forward_of<T>(wavelet, src, s, q, scratch);                                              \
  }                                                                                          \
  void inverse_##name(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) { \
    inverse_of<T>(wavelet, dst, s, q, scratch);                                              \
  }
VAERANS_DWT_OF(f32, float)
VAERANS_DWT_OF(i16, std::int16_t)
VAERANS_DWT_OF(i32, std::int32_t)
#undef VAERANS_DWT_OF

}  // namespace vaerans::kernels::lifting::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::lifting {

// Single columns are left to the twin: there is nothing to filter along their rows.
#define VAERANS_DISPATCH_DWT(name, T)                                                                    \
  HWY_EXPORT(forward_##name);                                                                            \
  HWY_EXPORT(inverse_##name);                                                                            \
  template <>                                                                                            \
  void forward_level<T>(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) noexcept {  \
    if (s.w == 1) return forward_level_ref<T>(wavelet, src, s, q, scratch);                              \
    HWY_DYNAMIC_DISPATCH(forward_##name)(wavelet, src, s, q, scratch);                                   \
  }                                                                                                      \
  template <>                                                                                            \
  void inverse_level<T>(Wavelet wavelet, T * dst, Size s, const Quad<const T>& q, T* scratch) noexcept { \
    if (s.w == 1) return inverse_level_ref<T>(wavelet, dst, s, q, scratch);                              \
    HWY_DYNAMIC_DISPATCH(inverse_##name)(wavelet, dst, s, q, scratch);                                   \
  }
VAERANS_DISPATCH_DWT(f32, float)
VAERANS_DISPATCH_DWT(i16, std::int16_t)
VAERANS_DISPATCH_DWT(i32, std::int32_t)
#undef VAERANS_DISPATCH_DWT

}  // namespace vaerans::kernels::lifting
#endif
