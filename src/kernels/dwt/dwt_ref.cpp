// The scalar twin: the lifting steps of dwt_lifting.hpp, a row at a time.
#include <cstdint>
#include <utility>

#include "kernels/dwt/dwt_level.hpp"

namespace vaerans::kernels::lifting {
namespace {

template <class W, class T>
void forward_rows(const T* src, Size s, const Quad<T>& q, T* rows) noexcept {
  const std::size_t w = s.w;
  const Gains gains = forward_gains(s);
  T* before = rows;
  T* high = rows + w;
  T* low = rows + 2 * w;
  const auto split_low = [&](const T* row, std::size_t i) {
    split_row<W>(row, w, q.ll + i * q.low_w, q.hl + i * q.high_w, gains.low_rows);
  };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    const T* even = src + 2 * i * w;
    const T* below = 2 * i + 2 < s.h ? even + 2 * w : even;
    predict_row<W>(even + w, even, below, high, w);
    update_row<W>(even, i == 0 ? high : before, high, low, w);
    split_low(low, i);
    split_row<W>(high, w, q.lh + i * q.low_w, q.hh + i * q.high_w, gains.high_rows);
    std::swap(before, high);
  }
  if (s.h == 1) {
    split_low(src, 0);
  } else if (s.h % 2 != 0) {
    update_tail_row<W>(src + 2 * highs * w, before, low, w);
    split_low(low, highs);
  }
}

template <class W, class T>
void inverse_rows(T* dst, Size s, const Quad<const T>& q, T* rows) noexcept {
  const std::size_t w = s.w;
  const Gains gains = inverse_gains(s);
  T* before = rows;
  T* high = rows + w;
  const auto join_low = [&](T* row, std::size_t i) {
    join_row<W>(q.ll + i * q.low_w, q.hl + i * q.high_w, w, row, gains.low_rows);
  };
  const auto finish_odd = [&](std::size_t y, const T* below) {  // row y from the high row `before` and its neighbours
    unpredict_row<W>(before, dst + (y - 1) * w, below, dst + y * w, w);
  };
  const std::size_t highs = s.h / 2;
  for (std::size_t i = 0; i < highs; ++i) {
    T* even = dst + 2 * i * w;
    join_low(even, i);
    join_row<W>(q.lh + i * q.low_w, q.hh + i * q.high_w, w, high, gains.high_rows);
    unupdate_row<W>(even, i == 0 ? high : before, high, even, w);
    if (i > 0) finish_odd(2 * i - 1, even);
    std::swap(before, high);
  }
  T* last = dst + (std::size_t{s.h} - 1) * w;
  if (s.h % 2 == 0) {
    finish_odd(s.h - 1, last - w);
  } else {
    join_low(last, highs);
    if (s.h == 1) return;
    unupdate_tail_row<W>(last, before, last, w);
    finish_odd(s.h - 2, last);
  }
}

}  // namespace

template <class T>
void forward_level_ref(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) noexcept {
  if (wavelet == Wavelet::haar) {
    forward_rows<Haar>(src, s, q, scratch);
  } else {
    forward_rows<Cdf53>(src, s, q, scratch);
  }
}

template <class T>
void inverse_level_ref(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) noexcept {
  if (wavelet == Wavelet::haar) {
    inverse_rows<Haar>(dst, s, q, scratch);
  } else {
    inverse_rows<Cdf53>(dst, s, q, scratch);
  }
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define VAERANS_INSTANTIATE_LEVEL_REF(T)                                                    \
  template void forward_level_ref<T>(Wavelet, const T*, Size, const Quad<T>&, T*) noexcept; \
  template void inverse_level_ref<T>(Wavelet, T*, Size, const Quad<const T>&, T*) noexcept;
VAERANS_INSTANTIATE_LEVEL_REF(float)
VAERANS_INSTANTIATE_LEVEL_REF(std::int16_t)
VAERANS_INSTANTIATE_LEVEL_REF(std::int32_t)
#undef VAERANS_INSTANTIATE_LEVEL_REF
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace vaerans::kernels::lifting
