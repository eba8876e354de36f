// The scalar twins of restore.hpp. The vector kernels leave to them what does not fill a vector. Internal.
#pragma once

#include "kernels/arrays/restore.hpp"

namespace vaerans::kernels {

template <class Out, class Integer>
[[nodiscard]] inline Out number_of(Integer q, Affine affine) noexcept {
  const float product = static_cast<float>(q) * affine.step;
  return from_float<Out>(product + affine.center);
}

template <class Symbol, class Out>
void restore_ref(std::span<const Symbol> symbols, std::int32_t zero, Affine affine, Out* out) noexcept {
  for (std::size_t i = 0; i < symbols.size(); ++i) out[i] = number_of<Out>(symbols[i] - zero, affine);
}

template <class Symbol, class Out>
void restore_columns_ref(std::span<const Symbol> symbols, std::int32_t zero, const float* step, const float* center,
                         Out* out) noexcept {
  for (std::size_t i = 0; i < symbols.size(); ++i)
    out[i] = number_of<Out>(symbols[i] - zero, Affine{step[i], center[i]});
}

// The integers of the four bands at one place of a quarter plane.
template <class Integer>
struct HaarPlace {
  Integer l = 0, h = 0, v = 0, d = 0;
};

// Writes the up to four numbers of a place; `out` is the plane.
template <class Integer, class Out>
inline void put_place(const HaarPlace<Integer>& q, std::size_t y, std::size_t x, std::size_t height, std::size_t width,
                      Affine affine, Out* out) noexcept {
  Out* const at = out + 2 * y * width + 2 * x;
  const bool right = 2 * x + 1 < width, below = 2 * y + 1 < height;
  at[0] = number_of<Out>(q.l + q.h + q.v + q.d, affine);
  if (right) at[1] = number_of<Out>(q.l - q.h + q.v - q.d, affine);
  if (below) at[width] = number_of<Out>(q.l + q.h - q.v - q.d, affine);
  if (right && below) at[width + 1] = number_of<Out>(q.l - q.h - q.v + q.d, affine);
}

// Row y of the quarter planes from column x on.
template <class Symbol, class Out>
void restore_haar_row_ref(const HaarBands<const Symbol>& bands, std::int32_t zero, Affine affine, std::size_t y,
                          std::size_t x, Out* out) noexcept {
  const std::size_t low = bands.low_width(), high = bands.high_width();
  const bool below = 2 * y + 1 < bands.height;
  for (; x < low; ++x) {
    HaarPlace<std::int32_t> q{bands.band[0][y * low + x] - zero};
    if (x < high) q.h = bands.band[1][y * high + x] - zero;
    if (below) q.v = bands.band[2][y * low + x] - zero;
    if (x < high && below) q.d = bands.band[3][y * high + x] - zero;
    put_place(q, y, x, bands.height, bands.width, affine, out);
  }
}

template <class Symbol, class Out>
void restore_haar_ref(const HaarBands<const Symbol>& bands, std::int32_t zero, Affine affine, Out* out) noexcept {
  for (std::size_t y = 0; 2 * y < bands.height; ++y) restore_haar_row_ref(bands, zero, affine, y, 0, out);
}

// The numbers from `first` on.
template <class Out>
void restore_rotated_ref(const Whole* in, std::size_t channels, std::size_t n, std::size_t first,
                         const std::int8_t* matrix, const Affine* affines, Out* out) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = first; i < n; ++i) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < channels; ++k) sum += matrix[c * channels + k] * in[k * n + i].value;
      out[c * n + i] = number_of<Out>(sum, affines[c]);
    }
  }
}

// Row y of the quarter planes from column x on.
inline void haar_split_row_ref(const float* plane, float center, const HaarBands<float>& bands, std::size_t y,
                               std::size_t x) noexcept {
  const std::size_t low = bands.low_width(), high = bands.high_width();
  const bool below = 2 * y + 1 < bands.height;
  const float* const row = plane + 2 * y * bands.width;
  const float* const next = below ? row + bands.width : row;
  for (; x < low; ++x) {
    const std::size_t right = x < high ? 2 * x + 1 : 2 * x;
    const float a = row[2 * x] - center, b = row[right] - center, c = next[2 * x] - center, d = next[right] - center;
    bands.band[0][y * low + x] = ((a + b) + (c + d)) * 0.5F;
    if (x < high) bands.band[1][y * high + x] = ((a - b) + (c - d)) * 0.5F;
    if (below) bands.band[2][y * low + x] = ((a + b) - (c + d)) * 0.5F;
    if (x < high && below) bands.band[3][y * high + x] = ((a - b) - (c - d)) * 0.5F;
  }
}

inline void haar_split_ref(const float* plane, float center, const HaarBands<float>& bands) noexcept {
  for (std::size_t y = 0; 2 * y < bands.height; ++y) haar_split_row_ref(plane, center, bands, y, 0);
}

}  // namespace vaerans::kernels
