// One-dimensional lifting steps on rows, for dwt.cpp. Internal to the kernels.
//
// A wavelet is three functions: predict(left, right) is subtracted from an odd sample between two even ones and gives
// the high sample; update(before, after) of the two high samples around an even sample is added to it and gives the low
// one; update_tail(before) is for an even sample with no odd one after it.
#pragma once

#include <cstddef>
#include <type_traits>

namespace vaerans::kernels::lifting {

// Sums and differences that wrap instead of overflowing.
template <class T>
[[nodiscard]] constexpr T add(T a, T b) noexcept {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(static_cast<U>(a) + static_cast<U>(b)));
  } else {
    return a + b;
  }
}

template <class T>
[[nodiscard]] constexpr T sub(T a, T b) noexcept {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<U>(static_cast<U>(a) - static_cast<U>(b)));
  } else {
    return a - b;
  }
}

// floor((a + b) / 2) without a wider type: what both have, plus half of what only one has.
template <class T>
[[nodiscard]] constexpr T half_sum(T a, T b) noexcept {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>((a & b) + ((a ^ b) >> 1));
  } else {
    return (a + b) * T{0.5};
  }
}

struct Cdf53 {
  template <class T>
  [[nodiscard]] static constexpr T predict(T left, T right) noexcept {
    return half_sum(left, right);
  }
  // floor((a + b + 2) / 4) = ceil(floor((a + b) / 2) / 2)
  template <class T>
  [[nodiscard]] static constexpr T update(T before, T after) noexcept {
    if constexpr (std::is_integral_v<T>) {
      const T half = half_sum(before, after);
      return static_cast<T>((half >> 1) + (half & 1));
    } else {
      return (before + after) * T{0.25};
    }
  }
  template <class T>
  [[nodiscard]] static constexpr T update_tail(T before) noexcept {
    return update(before, before);
  }
};

struct Haar {
  template <class T>
  [[nodiscard]] static constexpr T predict(T left, T /*right*/) noexcept {
    return left;
  }
  template <class T>
  [[nodiscard]] static constexpr T update(T /*before*/, T after) noexcept {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(after >> 1);
    } else {
      return after * T{0.5};
    }
  }
  template <class T>
  [[nodiscard]] static constexpr T update_tail(T /*before*/) noexcept {
    return T{0};
  }
};

// Factors of the low and high half of a row; integers are never scaled.
struct Gain {
  float low = 1.0F;
  float high = 1.0F;
};

template <class T>
[[nodiscard]] constexpr T scaled(T v, float gain) noexcept {
  if constexpr (std::is_integral_v<T>) {
    return v;
  } else {
    return v * gain;
  }
}

template <class T>
void scale(T* x, std::size_t n, float gain) noexcept {
  if constexpr (!std::is_integral_v<T>) {
    if (gain == 1.0F) return;
    for (std::size_t i = 0; i < n; ++i) x[i] *= gain;
  }
}

// x[0..n) -> low[0..ceil(n/2)), high[0..floor(n/2)).
template <class W, class T>
void split_row(const T* x, std::size_t n, T* low, T* high, Gain gain) noexcept {
  const std::size_t highs = n / 2;
  if (highs == 0) {
    low[0] = scaled(x[0], gain.low);
    return;
  }
  const std::size_t inner = (n - 1) / 2;  // odd samples with two neighbours
  for (std::size_t i = 0; i < inner; ++i) high[i] = sub(x[2 * i + 1], W::predict(x[2 * i], x[2 * i + 2]));
  if (inner < highs) high[inner] = sub(x[n - 1], W::predict(x[n - 2], x[n - 2]));
  low[0] = add(x[0], W::update(high[0], high[0]));
  for (std::size_t i = 1; i < highs; ++i) low[i] = add(x[2 * i], W::update(high[i - 1], high[i]));
  if (n % 2 != 0) low[highs] = add(x[n - 1], W::update_tail(high[highs - 1]));
  scale(low, n - highs, gain.low);
  scale(high, highs, gain.high);
}

// The inverse of split_row for gains inverse to it.
template <class W, class T>
void join_row(const T* low, const T* high, std::size_t n, T* x, Gain gain) noexcept {
  const std::size_t highs = n / 2;
  if (highs == 0) {
    x[0] = scaled(low[0], gain.low);
    return;
  }
  const auto h = [&](std::size_t i) { return scaled(high[i], gain.high); };
  x[0] = sub(scaled(low[0], gain.low), W::update(h(0), h(0)));
  for (std::size_t i = 1; i < highs; ++i) x[2 * i] = sub(scaled(low[i], gain.low), W::update(h(i - 1), h(i)));
  if (n % 2 != 0) x[n - 1] = sub(scaled(low[highs], gain.low), W::update_tail(h(highs - 1)));
  const std::size_t inner = (n - 1) / 2;
  for (std::size_t i = 0; i < inner; ++i) x[2 * i + 1] = add(h(i), W::predict(x[2 * i], x[2 * i + 2]));
  if (inner < highs) x[n - 1] = add(h(inner), W::predict(x[n - 2], x[n - 2]));
}

// The same steps between whole rows of w samples, for the vertical direction. out may be the first argument.
template <class W, class T>
void predict_row(const T* odd, const T* above, const T* below, T* out, std::size_t w) noexcept {
  for (std::size_t x = 0; x < w; ++x) out[x] = sub(odd[x], W::predict(above[x], below[x]));
}
template <class W, class T>
void unpredict_row(const T* high, const T* above, const T* below, T* out, std::size_t w) noexcept {
  for (std::size_t x = 0; x < w; ++x) out[x] = add(high[x], W::predict(above[x], below[x]));
}
template <class W, class T>
void update_row(const T* even, const T* before, const T* after, T* out, std::size_t w) noexcept {
  for (std::size_t x = 0; x < w; ++x) out[x] = add(even[x], W::update(before[x], after[x]));
}
template <class W, class T>
void unupdate_row(const T* low, const T* before, const T* after, T* out, std::size_t w) noexcept {
  for (std::size_t x = 0; x < w; ++x) out[x] = sub(low[x], W::update(before[x], after[x]));
}
template <class W, class T>
void update_tail_row(const T* even, const T* before, T* out, std::size_t w) noexcept {
  for (std::size_t x = 0; x < w; ++x) out[x] = add(even[x], W::update_tail(before[x]));
}
template <class W, class T>
void unupdate_tail_row(const T* low, const T* before, T* out, std::size_t w) noexcept {
  for (std::size_t x = 0; x < w; ++x) out[x] = sub(low[x], W::update_tail(before[x]));
}

}  // namespace vaerans::kernels::lifting
