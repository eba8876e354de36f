// Arrays to code as blobs, and what became of them.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "test_data.hpp"
#include "vaerans/store/blob.hpp"

namespace vaerans::test {

using Shape = std::vector<std::uint64_t>;
using Kind = Target::Kind;

inline std::size_t count_of(const Shape& shape) {
  std::size_t n = 1;
  for (const std::uint64_t length : shape) n *= length;
  return n;
}

// Box and Muller on SplitMix64: the same on every machine but for the last bits.
inline std::vector<float> gaussian(std::size_t n, std::uint64_t seed) {
  kernels::test::Random random(seed);
  std::vector<float> out(n);
  for (float& v : out) {
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    v = static_cast<float>(radius * std::cos(2 * std::numbers::pi * random.unit()));
  }
  return out;
}

inline std::vector<float> decoded(std::span<const std::uint8_t> blob) {
  std::vector<float> out(blob_info(blob).count());
  decode_blob(blob, NumberType::f32, std::as_writable_bytes(std::span(out)));
  return out;
}

inline double bits_of(const std::vector<std::uint8_t>& blob) {
  return 8.0 * static_cast<double>(blob.size()) / static_cast<double>(blob_info(blob).count());
}

// Relative to the standard deviation of each index of the axis: what the format's document says, in doubles.
inline double relative_error(const std::vector<float>& x, const std::vector<float>& y, const Shape& shape,
                             std::size_t axis) {
  std::size_t inner = 1;
  for (std::size_t a = axis + 1; a < shape.size(); ++a) inner *= shape[a];
  const std::size_t channels = shape[axis];
  std::vector<double> sum(channels), squares(channels), error(channels), n(channels);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i / inner % channels;
    sum[c] += x[i], squares[c] += double{x[i]} * x[i], error[c] += std::pow(double{x[i]} - y[i], 2), ++n[c];
  }
  double total = 0, varied = 0;
  for (std::size_t c = 0; c < channels; ++c) {
    const double variance = squares[c] / n[c] - std::pow(sum[c] / n[c], 2);
    if (variance > 1e-12) total += error[c] / n[c] / variance, ++varied;
  }
  return varied == 0 ? 0 : std::sqrt(total / varied);
}

}  // namespace vaerans::test
