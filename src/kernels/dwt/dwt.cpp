#include "kernels/dwt/dwt.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include "kernels/dwt/dwt_97.hpp"
#include "kernels/dwt/dwt_level.hpp"

namespace vaerans::kernels {
namespace {

using lifting::at_level;
using lifting::halved;
using lifting::Quad;
using lifting::Size;

template <class T>
constexpr bool exists(Wavelet wavelet) noexcept {
  return wavelet != Wavelet::cdf97 || std::is_same_v<T, float>;
}

bool fits(Size s) noexcept { return s.area() <= std::numeric_limits<std::uint32_t>::max(); }

// Scratch: what a level needs, two LL planes that the levels use in turn, and a copy of the input for in == out.
template <class T>
struct Workspace {
  T* level;
  std::array<T*, 2> ll{};  // LL planes of odd and of even levels
  T* copy = nullptr;

  Workspace(std::span<T> scratch, Size s) noexcept : level(scratch.data()) {
    ll[1] = level + lifting::level_scratch_size(s.w);
    ll[0] = ll[1] + at_level(s, 1).area();
    copy = ll[0] + at_level(s, 2).area();
  }
};

template <class T, class Level>
void forward(const T* in, T* out, Size s, std::uint32_t levels, const Workspace<T>& ws, Level run) noexcept {
  for (std::uint32_t level = 1; level <= levels; ++level) {
    const Size size = at_level(s, level - 1);
    T* low = level == levels ? out : ws.ll[level % 2];
    run(in, size, Quad<T>(low, out, size), ws.level);
    in = low;
  }
}

template <class T, class Level>
void inverse(const T* in, T* out, Size s, std::uint32_t levels, const Workspace<T>& ws, Level run) noexcept {
  const T* low = in;
  for (std::uint32_t level = levels; level >= 1; --level) {
    const Size size = at_level(s, level - 1);
    T* dst = level == 1 ? out : ws.ll[(level - 1) % 2];
    run(dst, size, Quad<const T>(low, in, size), ws.level);
    low = dst;
  }
}

// What both directions share: checks, the copy for in == out, planes that no level touches. Then run(src, ws, levels).
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

template <class T, class Level>
Status forward_with(Level level, Wavelet wavelet, const T* in, T* out, Size s, std::uint32_t levels,
                    std::span<T> scratch) noexcept {
  if (!exists<T>(wavelet)) return Status::bad_argument;
  return prepared(in, out, s, levels, scratch, [&](const T* src, const Workspace<T>& ws, std::uint32_t applied) {
    forward(src, out, s, applied, ws, [&](const T* plane, Size size, const Quad<T>& q, T* rows) {
      if constexpr (std::is_same_v<T, float>) {
        if (wavelet == Wavelet::cdf97) return lifting::forward_level_97(plane, size, q, rows);
      }
      level(wavelet, plane, size, q, rows);
    });
  });
}

template <class T, class Level>
Status inverse_with(Level level, Wavelet wavelet, const T* in, T* out, Size s, std::uint32_t levels,
                    std::span<T> scratch) noexcept {
  if (!exists<T>(wavelet)) return Status::bad_argument;
  return prepared(in, out, s, levels, scratch, [&](const T* src, const Workspace<T>& ws, std::uint32_t applied) {
    inverse(src, out, s, applied, ws, [&](T* plane, Size size, const Quad<const T>& q, T* rows) {
      if constexpr (std::is_same_v<T, float>) {
        if (wavelet == Wavelet::cdf97) return lifting::inverse_level_97(plane, size, q, rows);
      }
      level(wavelet, plane, size, q, rows);
    });
  });
}

}  // namespace

std::uint32_t clamp_levels(std::uint32_t h, std::uint32_t w, std::uint32_t levels) noexcept {
  if (h == 0 || w == 0) return 0;
  std::uint32_t possible = 0;
  while (possible < levels && std::max(halved(h, possible), halved(w, possible)) >= 2) ++possible;
  return possible;
}

std::size_t band_layout(std::uint32_t h, std::uint32_t w, std::uint32_t levels, std::span<SubbandExtent> out) noexcept {
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
  return lifting::level_scratch_size(w) + at_level(s, 1).area() + at_level(s, 2).area() + (in_place ? s.area() : 0);
}

template <class T>
Status dwt_forward(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                   std::span<T> scratch) noexcept {
  return forward_with<T>(lifting::forward_level<T>, wavelet, in, out, {h, w}, levels, scratch);
}

template <class T>
Status dwt_inverse(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                   std::span<T> scratch) noexcept {
  return inverse_with<T>(lifting::inverse_level<T>, wavelet, in, out, {h, w}, levels, scratch);
}

template <class T>
Status dwt_forward_ref(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                       std::span<T> scratch) noexcept {
  return forward_with<T>(lifting::forward_level_ref<T>, wavelet, in, out, {h, w}, levels, scratch);
}

template <class T>
Status dwt_inverse_ref(Wavelet wavelet, const T* in, T* out, std::uint32_t h, std::uint32_t w, std::uint32_t levels,
                       std::span<T> scratch) noexcept {
  return inverse_with<T>(lifting::inverse_level_ref<T>, wavelet, in, out, {h, w}, levels, scratch);
}

#define VAERANS_INSTANTIATE_DWT(name, T) \
  template Status name<T>(Wavelet, const T*, T*, std::uint32_t, std::uint32_t, std::uint32_t, std::span<T>) noexcept;
#define VAERANS_INSTANTIATE_DWT_ALL(T)        \
  VAERANS_INSTANTIATE_DWT(dwt_forward, T)     \
  VAERANS_INSTANTIATE_DWT(dwt_inverse, T)     \
  VAERANS_INSTANTIATE_DWT(dwt_forward_ref, T) \
  VAERANS_INSTANTIATE_DWT(dwt_inverse_ref, T)
VAERANS_INSTANTIATE_DWT_ALL(float)
VAERANS_INSTANTIATE_DWT_ALL(std::int16_t)
VAERANS_INSTANTIATE_DWT_ALL(std::int32_t)
#undef VAERANS_INSTANTIATE_DWT_ALL
#undef VAERANS_INSTANTIATE_DWT

}  // namespace vaerans::kernels
