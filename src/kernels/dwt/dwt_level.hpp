// One level of the transform in dwt.hpp: sizes, gains, band addresses, and the two forms of the level itself. Internal
// to the kernels.
//
// A level is one pass over the plane: a pair of rows is filtered down the columns and, while it is in the first-level
// cache, along the rows. The vectorised form and the scalar twin do the same operations in the same order on each
// sample, so their results agree in every bit, on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numbers>

#include "kernels/dwt/dwt.hpp"
#include "kernels/dwt/dwt_lifting.hpp"

namespace vaerans::kernels::lifting {

struct Size {
  std::uint32_t h = 0;
  std::uint32_t w = 0;
  [[nodiscard]] constexpr std::size_t area() const noexcept { return std::size_t{h} * w; }
};

// ceil(n / 2^level)
[[nodiscard]] constexpr std::uint32_t halved(std::uint32_t n, std::uint32_t level) noexcept {
  const std::uint64_t unit = std::uint64_t{1} << level;
  return static_cast<std::uint32_t>((n + unit - 1) / unit);
}

[[nodiscard]] constexpr Size at_level(Size full, std::uint32_t level) noexcept {
  return {halved(full.h, level), halved(full.w, level)};
}

// Gains of the rows that hold vertically low and high samples. Where both dimensions are filtered the roots of two
// meet to exact powers of two.
struct Gains {
  Gain low_rows;
  Gain high_rows;
};

inline constexpr float kRoot = std::numbers::sqrt2_v<float>;
inline constexpr float kInverseRoot = 1.0F / std::numbers::sqrt2_v<float>;

[[nodiscard]] constexpr Gains forward_gains(Size s) noexcept {
  if (s.h == 1) return {{kRoot, kInverseRoot}, {}};
  if (s.w == 1) return {{kRoot, 1.0F}, {kInverseRoot, 1.0F}};
  return {{2.0F, 1.0F}, {1.0F, 0.5F}};
}

[[nodiscard]] constexpr Gains inverse_gains(Size s) noexcept {
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

// Rows of scratch hold the even or the odd samples of an image row, in whole vectors of at most kMaxLanes samples, with
// room for mirrored samples and for a vector that begins beside the last sample.
inline constexpr std::size_t kMaxLanes = 32;
inline constexpr std::size_t kHalfRows = 16;  // the 9/7 keeps eight rows

// Elements from a half row to the next, for planes of width w.
[[nodiscard]] constexpr std::size_t half_row_stride(std::size_t w) noexcept {
  return (w / 2 + kMaxLanes) / kMaxLanes * kMaxLanes + 2 * kMaxLanes;
}
// Scratch of one level; the last term leaves room to align it.
[[nodiscard]] constexpr std::size_t level_scratch_size(std::size_t w) noexcept {
  return kHalfRows * half_row_stride(w) + kMaxLanes;
}

// From this size on, what is not read again soon is written past the caches: a line that will be overwritten need not
// be fetched, and the rows in use are not driven out.
inline constexpr std::size_t kStreamBytes = std::size_t{32} << 20U;

// src: s.h x s.w, row-major, s not 1 x 1; scratch: level_scratch_size(s.w) elements.
template <class T>
void forward_level(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) noexcept;
template <class T>
void inverse_level(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) noexcept;

template <class T>
void forward_level_ref(Wavelet wavelet, const T* src, Size s, const Quad<T>& q, T* scratch) noexcept;
template <class T>
void inverse_level_ref(Wavelet wavelet, T* dst, Size s, const Quad<const T>& q, T* scratch) noexcept;

}  // namespace vaerans::kernels::lifting
