#include "store/blob/fit/rotation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace vaerans::blob {
namespace {

/// Gauss and Jordan, with pivots. Rotations are far from singular, whatever rounding did to them.
void invert(std::span<double> m, std::span<double> inverse, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) inverse[i * n + i] = 1;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < n; ++row)
      if (std::abs(m[row * n + column]) > std::abs(m[pivot * n + column])) pivot = row;
    for (std::size_t k = 0; k < n; ++k) {
      std::swap(m[column * n + k], m[pivot * n + k]);
      std::swap(inverse[column * n + k], inverse[pivot * n + k]);
    }
    const double scale = 1 / m[column * n + column];
    for (std::size_t k = 0; k < n; ++k) m[column * n + k] *= scale, inverse[column * n + k] *= scale;
    for (std::size_t row = 0; row < n; ++row) {
      const double factor = row == column ? 0 : m[row * n + column];
      for (std::size_t k = 0; factor != 0 && k < n; ++k) {
        m[row * n + k] -= factor * m[column * n + k];
        inverse[row * n + k] -= factor * inverse[column * n + k];
      }
    }
  }
}

}  // namespace

RecycledVector<float> inverse_rotation(const Header& header) {
  const std::size_t n = header.geometry.channels;
  RecycledVector<double> m(n * n), inverse(n * n);
  std::ranges::transform(header.rotation, m.begin(), [](std::int8_t v) { return v / double{kRotationUnit}; });
  invert(m, inverse, n);
  return {inverse.begin(), inverse.end()};
}

}  // namespace vaerans::blob
