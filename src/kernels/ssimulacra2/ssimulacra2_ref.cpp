// The scalar twin: whole planes of doubles, one map after the other.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/ssimulacra2/ssimulacra2_parts.hpp"

namespace vaerans::kernels {
namespace {

using namespace ssimulacra2_parts;

struct Plane {
  std::size_t height = 0, width = 0;
  std::vector<double> values;

  Plane(std::size_t h, std::size_t w) : height(h), width(w), values(h * w) {}
  [[nodiscard]] double& at(std::size_t y, std::size_t x) { return values[y * width + x]; }
  [[nodiscard]] double at(std::size_t y, std::size_t x) const { return values[y * width + x]; }
};
using Planes = std::vector<Plane>;

Planes light_of(ImageView image) {
  Planes out(kPlanes, Plane(image.height, image.width));
  for (std::size_t c = 0; c < kPlanes; ++c) {
    for (std::size_t y = 0; y < image.height; ++y) {
      for (std::size_t x = 0; x < image.width; ++x)
        out[c].at(y, x) = double{light_table()[image.row(y)[x * image.channels + std::min(c, image.channels - 1)]]};
    }
  }
  return out;
}

Plane halved(const Plane& in) {
  Plane out((in.height + 1) / 2, (in.width + 1) / 2);
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      const std::size_t below = std::min(2 * y + 1, in.height - 1), right = std::min(2 * x + 1, in.width - 1);
      out.at(y, x) = (in.at(2 * y, 2 * x) + in.at(2 * y, right) + in.at(below, 2 * x) + in.at(below, right)) / 4;
    }
  }
  return out;
}

Planes xyb_of(const Planes& light) {
  Planes out = light;
  for (std::size_t i = 0; i < light[0].values.size(); ++i) {
    const auto cone = [&](std::size_t c) {
      double sum = kConeBias;
      for (std::size_t k = 0; k < kPlanes; ++k) sum += kCones[c][k] * light[k].values[i];
      return std::cbrt(sum) - kConeBiasRoot;
    };
    const double luma = (cone(0) + cone(1)) / 2;
    out[0].values[i] = (cone(0) - cone(1)) / 2 * kScaleX + kShiftX;
    out[1].values[i] = luma + kShiftY;
    out[2].values[i] = cone(2) - luma + kShiftB;
  }
  return out;
}

Plane product(const Plane& a, const Plane& b) {
  Plane out = a;
  for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] *= b.values[i];
  return out;
}

Plane blurred(const Plane& in) {
  const Taps weights = taps();
  constexpr auto kReach = static_cast<std::ptrdiff_t>(kRadius);
  const auto weight = [&](std::ptrdiff_t k) { return weights[static_cast<std::size_t>(std::abs(k))]; };
  Plane across(in.height, in.width), out(in.height, in.width);
  for (std::size_t y = 0; y < in.height; ++y) {
    for (std::size_t x = 0; x < in.width; ++x) {
      for (std::ptrdiff_t k = -kReach; k <= kReach; ++k) {
        const auto at = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(x) + k);  // wraps below 0
        if (at < in.width) across.at(y, x) += weight(k) * in.at(y, at);
      }
    }
  }
  for (std::size_t y = 0; y < in.height; ++y) {
    for (std::size_t x = 0; x < in.width; ++x) {
      for (std::ptrdiff_t k = -kReach; k <= kReach; ++k)
        out.at(y, x) += weight(k) * across.at(mirrored(static_cast<std::ptrdiff_t>(y) + k, in.height), x);
    }
  }
  return out;
}

void add(PlaneSums& sums, std::size_t sum, double v) {
  sums[sum] += v;
  sums[sum + 1] += v * v * v * v;
}

PlaneSums sums_of_plane(const Plane& a, const Plane& b) {
  const Plane mean_a = blurred(a), mean_b = blurred(b);
  const Plane aa = blurred(product(a, a)), bb = blurred(product(b, b)), ab = blurred(product(a, b));
  PlaneSums out{};
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double ma = mean_a.values[i], mb = mean_b.values[i];
    const double variances = aa.values[i] - ma * ma + bb.values[i] - mb * mb;
    const double shared = (1 - (ma - mb) * (ma - mb)) * (2 * (ab.values[i] - ma * mb) + kFlat);
    add(out, kLost, std::max(1 - shared / (variances + kFlat), 0.0));
    const double edges = (1 + std::abs(b.values[i] - mb)) / (1 + std::abs(a.values[i] - ma)) - 1;
    add(out, kAdded, std::max(edges, 0.0));
    add(out, kGone, std::max(-edges, 0.0));
  }
  return out;
}

ScaleSums norms_of_scale(const Planes& a, const Planes& b) {
  const Planes xyb_a = xyb_of(a), xyb_b = xyb_of(b);
  ScaleSums out{};
  for (std::size_t c = 0; c < kPlanes; ++c) out[c] = sums_of_plane(xyb_a[c], xyb_b[c]);
  return norms_of(out, a[0].values.size());
}

}  // namespace

Ssimulacra2Result ssimulacra2_ref(ImageView reference, ImageView test) {
  if (!same_shape(reference, test) || (reference.channels != 1 && reference.channels != 3))
    return {Status::bad_argument, 0, 0};
  std::vector<ScaleSums> norms;
  Planes a = light_of(reference), b = light_of(test);
  while (norms.size() < kSsimulacra2Scales && std::min(a[0].height, a[0].width) >= kSsimulacra2Least) {
    norms.push_back(norms_of_scale(a, b));
    std::ranges::transform(a, a.begin(), halved);
    std::ranges::transform(b, b.begin(), halved);
  }
  if (norms.empty()) return {Status::too_small, 0, 0};
  return {Status::ok, score_of(norms), static_cast<unsigned>(norms.size())};
}

}  // namespace vaerans::kernels
