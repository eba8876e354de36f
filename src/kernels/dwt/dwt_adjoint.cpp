// The adjoint of the inverse: its lifting steps transposed, in the opposite order.
#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numbers>

#include "kernels/dwt/dwt.hpp"

namespace vaerans::kernels {
namespace {

/// Samples of one row or column, `stride` apart, that are changed in place: even places become low, odd ones high.
struct Line {
  float* x;
  std::size_t n, stride;

  [[nodiscard]] float& operator[](std::size_t i) const noexcept { return x[i * stride]; }
  [[nodiscard]] std::size_t before(std::size_t i) const noexcept { return i > 0 ? i - 1 : 1; }
  [[nodiscard]] std::size_t after(std::size_t i) const noexcept { return i + 1 < n ? i + 1 : n - 2; }
};

// x[i] += k (x[i - 1] + x[i + 1]) at every second place i, from `first` on, transposed.
void lift_back(const Line& line, std::size_t first, float k) noexcept {
  for (std::size_t i = first; i < line.n; i += 2) {
    const float part = k * line[i];
    line[line.before(i)] += part;
    line[line.after(i)] += part;
  }
}

void adjoint_53(const Line& line) noexcept {
  lift_back(line, 1, 0.5F);
  lift_back(line, 0, -0.25F);
}

void adjoint_haar(const Line& line) noexcept {
  for (std::size_t i = 1; i < line.n; i += 2) {
    line[i - 1] += line[i];
    line[i] -= 0.5F * line[i - 1];
  }
}

void adjoint_line(Wavelet wavelet, const Line& line) noexcept {
  if (line.n < 2) return;
  wavelet == Wavelet::haar ? adjoint_haar(line) : adjoint_53(line);
  constexpr std::array<float, 2> kGains{static_cast<float>(1 / std::numbers::sqrt2), std::numbers::sqrt2_v<float>};
  for (std::size_t i = 0; i < line.n; ++i) line[i] *= kGains[i % 2];
}

/// A plane that is transformed where it lies; what is low moves to the front of its rows and of the plane.
struct Plane {
  float* x;
  std::size_t h, w;
};

void adjoint_level(Wavelet wavelet, const Plane& plane) noexcept {
  for (std::size_t column = 0; column < plane.w; ++column) adjoint_line(wavelet, {plane.x + column, plane.h, plane.w});
  for (std::size_t row = 0; row < plane.h; ++row) adjoint_line(wavelet, {plane.x + row * plane.w, plane.w, 1});
}

// Every second sample of every second row, from (y, x) on.
float* part(const Plane& plane, std::size_t y, std::size_t x, float* to) noexcept {
  for (; y < plane.h; y += 2) {
    for (std::size_t at = x; at < plane.w; at += 2) *to++ = plane.x[y * plane.w + at];
  }
  return to;
}

}  // namespace

Status dwt_inverse_adjoint(Wavelet wavelet, const float* in, float* out, std::uint32_t h, std::uint32_t w,
                           std::uint32_t levels, std::span<float> scratch) noexcept {
  const std::size_t n = std::size_t{h} * w;
  if (wavelet == Wavelet::cdf97 || scratch.size() < n || n > std::numeric_limits<std::uint32_t>::max())
    return Status::bad_argument;
  levels = clamp_levels(h, w, levels);
  Plane plane{scratch.data(), h, w};
  std::copy_n(in, n, plane.x);
  float* end = out + n;  // the finest bands lie last
  for (std::uint32_t level = 1; level <= levels; ++level) {
    adjoint_level(wavelet, plane);
    const std::size_t low_h = plane.h - plane.h / 2, low_w = plane.w - plane.w / 2;
    end -= plane.h * plane.w - low_h * low_w;
    float* to = part(plane, 0, 1, end);  // HL, LH, HH
    to = part(plane, 1, 0, to);
    (void)part(plane, 1, 1, to);
    (void)part(plane, 0, 0, plane.x);  // reads ahead of where it writes
    plane = {plane.x, low_h, low_w};
  }
  std::copy_n(plane.x, plane.h * plane.w, out);
  return Status::ok;
}

}  // namespace vaerans::kernels
