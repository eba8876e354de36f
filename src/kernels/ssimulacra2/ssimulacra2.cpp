#include "kernels/ssimulacra2/ssimulacra2.hpp"

#include <algorithm>
#include <cmath>

#include "base/memory.hpp"
#include "kernels/metrics/metrics_parts.hpp"
#include "kernels/ssimulacra2/ssimulacra2_parts.hpp"

namespace vaerans::kernels {
namespace ssimulacra2_parts {
namespace {

// The weights of SSIMULACRA 2.1, which its author fitted to subjective scores. For each plane and scale there are those
// of means, then those of 4-norms: similarity lost, edges added, edges gone. Pictures with fewer scales use the first
// of them, as the reference does.
constexpr std::array<double, kPlanes * kSsimulacra2Scales * kSums> kWeights{0,
                                                                            0.0007376606707406586,
                                                                            0,
                                                                            0,
                                                                            0.0007793481682867309,
                                                                            0,
                                                                            0,
                                                                            0.0004371155730107379,
                                                                            0,
                                                                            1.1041726426657346,
                                                                            0.00066284834129271,
                                                                            0.00015231632783718752,
                                                                            0,
                                                                            0.0016406437456599754,
                                                                            0,
                                                                            1.8422455520539298,
                                                                            11.441172603757666,
                                                                            0,
                                                                            0.0007989109436015163,
                                                                            0.000176816438078653,
                                                                            0,
                                                                            1.8787594979546387,
                                                                            10.94906990605142,
                                                                            0,
                                                                            0.0007289346991508072,
                                                                            0.9677937080626833,
                                                                            0,
                                                                            0.00014003424285435884,
                                                                            0.9981766977854967,
                                                                            0.00031949755934435053,
                                                                            0.0004550992113792063,
                                                                            0,
                                                                            0,
                                                                            0.0013648766163243398,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            7.466890328078848,
                                                                            0,
                                                                            17.445833984131262,
                                                                            0.0006235601634041466,
                                                                            0,
                                                                            0,
                                                                            6.683678146179332,
                                                                            0.00037724407979611296,
                                                                            1.027889937768264,
                                                                            225.20515300849274,
                                                                            0,
                                                                            0,
                                                                            19.213238186143016,
                                                                            0.0011401524586618361,
                                                                            0.001237755635509985,
                                                                            176.39317598450694,
                                                                            0,
                                                                            0,
                                                                            24.43300999870476,
                                                                            0.28520802612117757,
                                                                            0.0004485436923833408,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            34.77906344483772,
                                                                            44.835625328877896,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0.0008680556573291698,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0.0005313191874358747,
                                                                            0,
                                                                            0.00016533814161379112,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0.0004179171803251336,
                                                                            0.0017290828234722833,
                                                                            0,
                                                                            0.0020827005846636437,
                                                                            0,
                                                                            0,
                                                                            8.826982764996862,
                                                                            23.19243343998926,
                                                                            0,
                                                                            95.1080498811086,
                                                                            0.9863978034400682,
                                                                            0.9834382792465353,
                                                                            0.0012286405048278493,
                                                                            171.2667255897307,
                                                                            0.9807858872435379,
                                                                            0,
                                                                            0,
                                                                            0,
                                                                            0.0005130064588990679,
                                                                            0,
                                                                            0.00010854057858411537};

constexpr double kAll = 0.9562382616834844;  // a factor that all weights have

// Light is the power 2.4 of sRGB but for a straight piece near black.
float light_of(int value) noexcept {
  const double v = value / 255.0;
  return static_cast<float>(v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4));
}

}  // namespace

const LightTable& light_table() noexcept {
  static const LightTable table = [] {
    LightTable out{};
    for (int i = 0; i < 256; ++i) out[static_cast<std::size_t>(i)] = light_of(i);
    return out;
  }();
  return table;
}

Taps taps() noexcept {
  Taps out{};
  double sum = 0;
  for (std::size_t k = 0; k < out.size(); ++k) {
    const double distance = static_cast<double>(k) / 1.5;
    out[k] = std::exp(-0.5 * distance * distance);
    sum += k == 0 ? out[k] : 2 * out[k];
  }
  for (double& tap : out) tap /= sum;
  return out;
}

ScaleSums norms_of(const ScaleSums& sums, std::size_t pixels) noexcept {
  ScaleSums out = sums;
  for (PlaneSums& plane : out) {
    for (double& sum : plane) sum /= static_cast<double>(pixels);
    for (const std::size_t fourth : {kLost4, kAdded4, kGone4}) plane[fourth] = std::sqrt(std::sqrt(plane[fourth]));
  }
  return out;
}

PlaneSums weights_of(std::size_t plane, std::size_t scale, std::size_t scales) noexcept {
  PlaneSums out{};
  const double* weight = kWeights.data() + (plane * scales + scale) * kSums;
  for (const std::size_t norm : {kLost, kAdded, kGone, kLost4, kAdded4, kGone4}) out[norm] = *weight++ * kAll;
  return out;
}

double score_of(std::span<const ScaleSums> norms) noexcept {
  double sum = 0;
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    for (std::size_t scale = 0; scale < norms.size(); ++scale) {
      const PlaneSums weights = weights_of(plane, scale, norms.size());
      for (std::size_t norm = 0; norm < kSums; ++norm) sum += weights[norm] * norms[scale][plane][norm];
    }
  }
  const double seen = ((6.248496625763138e-05 * sum - 0.020884521182843837) * sum + 2.326765642916932) * sum;
  return seen > 0 ? 100 - 10 * std::pow(seen, 0.6276336467831387) : 100;
}

}  // namespace ssimulacra2_parts

namespace {

using namespace ssimulacra2_parts;

std::size_t half(std::size_t n) noexcept { return (n + 1) / 2; }
std::size_t half_planes(std::size_t height, std::size_t width) noexcept { return kPlanes * half(height) * half(width); }

// Halved in light: the mean of 2 × 2 pixels, an odd last row or column repeated.
LightPlanes halved(ImageView in, float* out) noexcept {
  const LightTable& light = light_table();
  const LightPlanes planes{out, half(in.height), half(in.width)};
  for (std::size_t c = 0; c < kPlanes; ++c) {
    const std::size_t channel = std::min(c, in.channels - 1);
    for (std::size_t y = 0; y < planes.height; ++y) {
      const std::uint8_t* const above = in.row(2 * y) + channel;
      const std::uint8_t* const below = in.row(std::min(2 * y + 1, in.height - 1)) + channel;
      float* const row = planes.row(c, y);
      for (std::size_t x = 0; x < planes.width; ++x) {
        const std::size_t left = 2 * x * in.channels, right = std::min(2 * x + 1, in.width - 1) * in.channels;
        row[x] = ((light[above[left]] + light[above[right]]) + (light[below[left]] + light[below[right]])) * 0.25F;
      }
    }
  }
  return planes;
}

// In place: a plane's rows move up behind those of the plane before.
LightPlanes halved(const LightPlanes& in) noexcept {
  const LightPlanes out{in.data, half(in.height), half(in.width)};
  for (std::size_t c = 0; c < kPlanes; ++c) parts::halve(in.row(c, 0), in.height, in.width, in.width, out.row(c, 0));
  return out;
}

bool fits(std::size_t height, std::size_t width) noexcept { return std::min(height, width) >= kSsimulacra2Least; }
bool compared(ImageView a, ImageView b) noexcept { return same_shape(a, b) && (a.channels == 1 || a.channels == 3); }

}  // namespace

std::size_t ssimulacra2_scratch_size(std::size_t height, std::size_t width) noexcept {
  const std::size_t planes = Workspace::bytes<float>(half_planes(height, width));
  return (2 * planes + Workspace::bytes<float>(kStripScratch + 16)) / sizeof(double);
}

Ssimulacra2Result ssimulacra2(ImageView reference, ImageView test, std::span<double> scratch) noexcept {
  if (!compared(reference, test) || scratch.size() < ssimulacra2_scratch_size(reference.height, reference.width))
    return {Status::bad_argument, 0, 0};
  if (!fits(reference.height, reference.width)) return {Status::too_small, 0, 0};
  Workspace work(std::as_writable_bytes(scratch));
  const std::size_t planes = half_planes(reference.height, reference.width);
  float* const first = work.take<float>(planes).data();
  float* const second = work.take<float>(planes).data();
  float* const strip = work.take<float>(kStripScratch + 16).data();
  std::array<ScaleSums, kSsimulacra2Scales> norms;
  norms[0] = norms_of(sums_of(reference, test, strip), reference.height * reference.width);
  LightPlanes a = halved(reference, first), b = halved(test, second);
  unsigned scales = 1;
  for (; scales < kSsimulacra2Scales && fits(a.height, a.width); a = halved(a), b = halved(b))
    norms[scales++] = norms_of(sums_of(a, b, strip), a.height * a.width);
  return {Status::ok, score_of(std::span(norms).first(scales)), scales};
}

}  // namespace vaerans::kernels
