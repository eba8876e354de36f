// The vectorised forward level: rows are taken apart into their even and odd samples when they are loaded, so that both
// directions of lifting are plain vector operations.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/dwt/dwt_forward_simd.cpp"
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
void forward_of(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) {
  forward_level_ref(wavelet, src, s, q, scratch);
}
#else

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

// Which halves of a row are written past the caches.
struct Streams {
  bool low = false;
  bool high = false;
};

// Horizontal lifting of a row of w >= 2 samples into its places in two bands. A vector's left neighbours are computed
// again rather than carried along: loads are cheaper than waiting for the vector before.
template <class W, class T>
void split(Halves<T> row, std::size_t w, T* low, T* high, Gain gain, Streams stream) {
  using Scalar = W::Scalar;
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
    put<T>(scaled<T>(here, gain.high), high_to, stream.high);
    put<T>(scaled<T>(sum, gain.low), low_at, stream.low);
  };
  if (highs >= lanes) {
    cover(highs, lanes, [&](std::size_t i) { write(i, low + i, high + i); });
  } else {
    HWY_ALIGN T few_low[kMaxLanes];
    HWY_ALIGN T few_high[kMaxLanes];
    stream = {};
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
  const bool stream = s.area() * sizeof(T) >= kStreamBytes;  // LL is the next level's input
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
    split<W>(low, w, q.ll + i * q.low_w, q.hl + i * q.high_w, gains.low_rows, {false, stream});
  };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    const T* const even = row(2 * i, 0);
    const T* const below = 2 * i + 2 < s.h ? row(2 * i + 2, 2) : even;
    lift_columns<W>(even, row(2 * i + 1, 1), below, w, i == 0 ? high : before, high, low);
    split_low(i);
    split<W>(high, w, q.lh + i * q.low_w, q.hh + i * q.high_w, gains.high_rows, {stream, stream});
    std::swap(before, high);
  }
  if (s.h == 1) {
    take_apart(row(0, 0), w, low);
    split_low(0);
  } else if (s.h % 2 != 0) {
    lift_tail<W>(row(2 * highs, 0), w, before, low);
    split_low(highs);
  }
  if (stream) hwy::FlushStream();
}

template <class T>
void forward_of(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) {
  if (wavelet == Wavelet::haar) {
    forward<VectorHaar<T>>(src, s, q, scratch);
  } else {
    forward<VectorCdf53<T>>(src, s, q, scratch);
  }
}
#endif

// One function per type, for the dispatcher.
void forward_f32(Wavelet wavelet, const float* src, Size s, const Quad<float>& q, float* scratch) {
  forward_of<float>(wavelet, src, s, q, scratch);
}
void forward_i16(Wavelet wavelet, const std::int16_t* src, Size s, const Quad<std::int16_t>& q, std::int16_t* scratch) {
  forward_of<std::int16_t>(wavelet, src, s, q, scratch);
}
void forward_i32(Wavelet wavelet, const std::int32_t* src, Size s, const Quad<std::int32_t>& q, std::int32_t* scratch) {
  forward_of<std::int32_t>(wavelet, src, s, q, scratch);
}

}  // namespace vaerans::kernels::lifting::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::lifting {

// Single columns are left to the twin: there is nothing to filter along their rows.
// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define VAERANS_DISPATCH(name, T)                                                                       \
  HWY_EXPORT(forward_##name);                                                                           \
  template <>                                                                                           \
  void forward_level<T>(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) noexcept { \
    if (s.w == 1) return forward_level_ref<T>(wavelet, src, s, q, scratch);                             \
    HWY_DYNAMIC_DISPATCH(forward_##name)(wavelet, src, s, q, scratch);                                  \
  }
VAERANS_DISPATCH(f32, float)
VAERANS_DISPATCH(i16, std::int16_t)
VAERANS_DISPATCH(i32, std::int32_t)
#undef VAERANS_DISPATCH
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace vaerans::kernels::lifting
#endif
