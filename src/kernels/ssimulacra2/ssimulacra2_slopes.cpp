#include "kernels/ssimulacra2/ssimulacra2_slopes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/ssimulacra2/ssimulacra2_parts.hpp"

namespace vaerans::kernels {
namespace {

using namespace ssimulacra2_parts;
using Plane = std::vector<float>;
using Color = std::array<Plane, kPlanes>;
constexpr auto kFlatness = static_cast<float>(kFlat);

struct Size {
  std::size_t height, width;
  [[nodiscard]] std::size_t area() const { return height * width; }
  [[nodiscard]] Size half() const { return {(height + 1) / 2, (width + 1) / 2}; }
  [[nodiscard]] bool fits() const { return std::min(height, width) >= kSsimulacra2Least; }
};

// ---- the Gaussian window and its transpose ------------------------------------------------------------------------

// Zeros stand beyond both ends, so that this is its own transpose.
void blur_row(const float* in, std::size_t n, const Taps& taps, float* out) {
  for (std::size_t x = 0; x < n; ++x) out[x] = static_cast<float>(taps[0]) * in[x];
  for (std::size_t k = 1; k <= std::min(kRadius, n - 1); ++k) {
    const auto tap = static_cast<float>(taps[k]);
    for (std::size_t x = k; x < n; ++x) out[x] += tap * in[x - k];
    for (std::size_t x = 0; x + k < n; ++x) out[x] += tap * in[x + k];
  }
}

void add_row(const float* in, std::size_t n, float weight, float* out) {
  for (std::size_t x = 0; x < n; ++x) out[x] += weight * in[x];
}

// Down the columns row y takes from rows y - 5 … y + 5, mirrored at the edges; transposed it gives to them.
Plane blurred(const Plane& in, Size size, bool transposed) {
  static const Taps weights = taps();
  Plane across(size.area()), out(size.area());
  for (std::size_t y = 0; y < size.height; ++y)
    blur_row(in.data() + y * size.width, size.width, weights, across.data() + y * size.width);
  constexpr auto kReach = static_cast<std::ptrdiff_t>(kRadius);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::ptrdiff_t k = -kReach; k <= kReach; ++k) {
      const std::size_t other = mirrored(static_cast<std::ptrdiff_t>(y) + k, size.height);
      const std::size_t from = transposed ? y : other, to = transposed ? other : y;
      add_row(across.data() + from * size.width, size.width,
              static_cast<float>(weights[static_cast<std::size_t>(std::abs(k))]), out.data() + to * size.width);
    }
  }
  return out;
}

Plane product(const Plane& a, const Plane& b) {
  Plane out(a.size());
  std::ranges::transform(a, b, out.begin(), std::multiplies<>());
  return out;
}

// ---- colours ------------------------------------------------------------------------------------------------------

Color light_of(ImageView image) {
  Color out;
  for (std::size_t c = 0; c < kPlanes; ++c) {
    out[c].reserve(image.height * image.width);
    for (std::size_t y = 0; y < image.height; ++y) {
      for (std::size_t x = 0; x < image.width; ++x) out[c].push_back(light_table()[image.row(y)[3 * x + c]]);
    }
  }
  return out;
}

float cone(const Color& light, std::size_t c, std::size_t i) {
  auto sum = static_cast<float>(kConeBias);
  for (std::size_t k = 0; k < kPlanes; ++k) sum += static_cast<float>(kCones[c][k]) * light[k][i];
  return std::cbrt(sum);
}

Color xyb_of(const Color& light) {
  Color out = light;
  const auto root = static_cast<float>(kConeBiasRoot);
  for (std::size_t i = 0; i < light[0].size(); ++i) {
    const float l = cone(light, 0, i) - root, m = cone(light, 1, i) - root, s = cone(light, 2, i) - root;
    out[0][i] = (l - m) / 2 * static_cast<float>(kScaleX) + static_cast<float>(kShiftX);
    out[1][i] = (l + m) / 2 + static_cast<float>(kShiftY);
    out[2][i] = s - (l + m) / 2 + static_cast<float>(kShiftB);
  }
  return out;
}

// Slopes by X, Y and B - Y become those by light, where they lie.
void carry_to_light(const Color& light, Color& slopes) {
  for (std::size_t i = 0; i < light[0].size(); ++i) {
    const float x = slopes[0][i] * static_cast<float>(kScaleX) / 2, y = (slopes[1][i] - slopes[2][i]) / 2;
    std::array<float, kPlanes> of_cones{y + x, y - x, slopes[2][i]};
    for (std::size_t c = 0; c < kPlanes; ++c) {
      const float root = cone(light, c, i);
      of_cones[c] /= 3 * root * root;
    }
    for (std::size_t k = 0; k < kPlanes; ++k) {
      slopes[k][i] = 0;
      for (std::size_t c = 0; c < kPlanes; ++c) slopes[k][i] += of_cones[c] * static_cast<float>(kCones[c][k]);
    }
  }
}

// ---- scales -------------------------------------------------------------------------------------------------------

// Calls visit(place, half-sized place) for the four pixels that each of the halved plane is the mean of.
template <typename Visit>
void for_quarters(Size size, Visit&& visit) {
  const Size half = size.half();
  for (std::size_t y = 0; y < half.height; ++y) {
    for (std::size_t x = 0; x < half.width; ++x) {
      for (const std::size_t row : {2 * y, std::min(2 * y + 1, size.height - 1)}) {
        for (const std::size_t column : {2 * x, std::min(2 * x + 1, size.width - 1)})
          visit(row * size.width + column, y * half.width + x);
      }
    }
  }
}

Color halved(const Color& in, Size size) {
  Color out;
  for (std::size_t c = 0; c < kPlanes; ++c) {
    out[c].resize(size.half().area());
    for_quarters(size, [&](std::size_t from, std::size_t to) { out[c][to] += in[c][from] / 4; });
  }
  return out;
}

void add_doubled(const Color& in, Size size, Color& out) {
  for (std::size_t c = 0; c < kPlanes; ++c)
    for_quarters(size, [&](std::size_t to, std::size_t from) { out[c][to] += in[c][from] / 4; });
}

// ---- a plane ------------------------------------------------------------------------------------------------------

/// What the windows of a reference a and a test b hold.
struct Windows {
  Plane mean_a, mean_b, squares, products;

  Windows(const Plane& a, const Plane& b, Size size)
      : mean_a(blurred(a, size, false)),
        mean_b(blurred(b, size, false)),
        squares(blurred(product(b, b), size, false)),
        products(blurred(product(a, b), size, false)) {
    const Plane reference = blurred(product(a, a), size, false);
    std::ranges::transform(squares, reference, squares.begin(), std::plus<>());
  }
  [[nodiscard]] float near(std::size_t i) const { return 1 - (mean_a[i] - mean_b[i]) * (mean_a[i] - mean_b[i]); }
  [[nodiscard]] float covariance(std::size_t i) const { return 2 * (products[i] - mean_a[i] * mean_b[i]) + kFlatness; }
  [[nodiscard]] float variance(std::size_t i) const {
    return squares[i] - mean_a[i] * mean_a[i] - mean_b[i] * mean_b[i] + kFlatness;
  }
  [[nodiscard]] float lost(std::size_t i) const { return std::max(0.0F, 1 - near(i) * covariance(i) / variance(i)); }
  [[nodiscard]] float edges(const Plane& a, const Plane& b, std::size_t i) const {
    return (1 + std::abs(b[i] - mean_b[i])) / (1 + std::abs(a[i] - mean_a[i])) - 1;
  }
};

/// One plane at one scale: its share of the damage, and the slopes by the test.
class PlaneDamage {
 public:
  PlaneDamage(const Plane& a, const Plane& b, Size size, const PlaneSums& weights)
      : a_(a), b_(b), size_(size), weights_(weights), windows_(a, b, size) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const float edges = windows_.edges(a_, b_, i);
      add(kLost, windows_.lost(i));
      add(edges > 0 ? kAdded : kGone, std::abs(edges));
    }
    const auto n = static_cast<double>(a.size());
    for (const std::size_t map : {kLost, kAdded, kGone}) {
      norms_[map] /= n;
      norms_[map + 1] = std::sqrt(std::sqrt(norms_[map + 1] / n));
    }
  }

  [[nodiscard]] double value() const {
    double sum = 0;
    for (std::size_t norm = 0; norm < kSums; ++norm) sum += weights_[norm] * norms_[norm];
    return sum;
  }

  [[nodiscard]] Plane slopes() const {
    Plane by_test(b_.size()), by_mean(b_.size()), by_squares(b_.size()), by_products(b_.size());
    for (std::size_t i = 0; i < b_.size(); ++i) {
      const float edge = slope_of_edge(i), lost = slope_of(kLost, windows_.lost(i));
      const float variance = windows_.variance(i), near = windows_.near(i), covariance = windows_.covariance(i);
      const float a = windows_.mean_a[i], b = windows_.mean_b[i], shared = near * covariance / variance;
      by_test[i] = edge;
      by_mean[i] = lost * ((2 * near * a - 2 * (a - b) * covariance) - 2 * b * shared) / variance - edge;
      by_squares[i] = lost * shared / variance;
      by_products[i] = -2 * lost * near / variance;
    }
    const Plane mean = blurred(by_mean, size_, true), squares = blurred(by_squares, size_, true),
                products = blurred(by_products, size_, true);
    for (std::size_t i = 0; i < b_.size(); ++i) by_test[i] += mean[i] + 2 * b_[i] * squares[i] + a_[i] * products[i];
    return by_test;
  }

 private:
  void add(std::size_t map, float value) {
    norms_[map] += double{value};
    const double square = double{value} * value;
    norms_[map + 1] += square * square;
  }
  // The slope of a map's weighed mean and 4-norm by one of its values.
  [[nodiscard]] float slope_of(std::size_t map, float value) const {
    if (value <= 0) return 0;
    const double n = static_cast<double>(b_.size()), norm = norms_[map + 1], v = value;
    return static_cast<float>((weights_[map] + weights_[map + 1] * v * v * v / (norm * norm * norm)) / n);
  }
  [[nodiscard]] float slope_of_edge(std::size_t i) const {
    const float edges = windows_.edges(a_, b_, i), distance = b_[i] - windows_.mean_b[i];
    const float outer = edges > 0 ? slope_of(kAdded, edges) : -slope_of(kGone, -edges);
    return std::copysign(outer, outer * distance) / (1 + std::abs(a_[i] - windows_.mean_a[i]));
  }

  const Plane &a_, &b_;
  Size size_;
  PlaneSums weights_;
  Windows windows_;
  PlaneSums norms_{};
};

// By each sample of 0 … 255.
float light_slope(int value) {
  const double v = value / 255.0;
  return static_cast<float>((v <= 0.04045 ? 1 / 12.92 : 2.4 / 1.055 * std::pow((v + 0.055) / 1.055, 1.4)) / 255);
}

void write_samples(const Color& slopes, ImageView test, std::span<float> out) {
  static const LightTable by_value = [] {
    LightTable table{};
    for (int i = 0; i < 256; ++i) table[static_cast<std::size_t>(i)] = light_slope(i);
    return table;
  }();
  for (std::size_t y = 0; y < test.height; ++y) {
    for (std::size_t x = 0; x < 3 * test.width; ++x)
      out[3 * y * test.width + x] = slopes[x % 3][y * test.width + x / 3] * by_value[test.row(y)[x]];
  }
}

}  // namespace

Ssimulacra2Slopes::Ssimulacra2Slopes(ImageView reference) {
  Size size{reference.height, reference.width};
  for (Color light = light_of(reference); size.fits() && scales_.size() < kSsimulacra2Scales; size = size.half()) {
    Color xyb = xyb_of(light);
    scales_.push_back({size.height, size.width, {std::move(xyb[0]), std::move(xyb[1]), std::move(xyb[2])}});
    light = halved(light, size);
  }
}

double Ssimulacra2Slopes::damage(ImageView test, std::span<float> slopes) const {
  std::vector<Color> lights{light_of(test)}, by_light(scales_.size());
  double sum = 0;
  for (std::size_t s = 0; s < scales_.size(); ++s) {
    const Size size{scales_[s].height, scales_[s].width};
    const Color xyb = xyb_of(lights[s]);
    for (std::size_t c = 0; c < kPlanes; ++c) {
      const PlaneDamage plane(scales_[s].planes[c], xyb[c], size, weights_of(c, s, scales_.size()));
      sum += plane.value();
      if (!slopes.empty()) by_light[s][c] = plane.slopes();
    }
    if (s + 1 < scales_.size()) lights.push_back(halved(lights[s], size));
  }
  if (slopes.empty()) return sum;
  for (std::size_t s = scales_.size(); s-- > 0;) {
    carry_to_light(lights[s], by_light[s]);
    if (s + 1 < scales_.size()) add_doubled(by_light[s + 1], {scales_[s].height, scales_[s].width}, by_light[s]);
  }
  write_samples(by_light[0], test, slopes);
  return sum;
}

}  // namespace vaerans::kernels
