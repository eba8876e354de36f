#include "kernels/metrics/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/memory.hpp"
#include "kernels/metrics/metrics_parts.hpp"

namespace vaerans::kernels {
namespace parts {

GaussianWeights gaussian_weights() noexcept {
  GaussianWeights weights{};
  double sum = 0;
  for (int k = -5; k <= 5; ++k) {
    const double distance = k / 1.5;
    const double weight = std::exp(-0.5 * distance * distance);
    sum += weight;
    if (k >= 0) weights[static_cast<std::size_t>(k)] = weight;
  }
  for (double& w : weights) w /= sum;
  return weights;
}

unsigned scales_of(std::size_t height, std::size_t width) noexcept {
  unsigned scales = 0;
  while (scales < kMsSsimScales && std::min(height, width) >= kMaxTaps << scales) ++scales;
  return scales;
}

double scale_factor(double mean, unsigned scale, unsigned scales) noexcept {
  constexpr std::array<double, kMsSsimScales> weights{0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
  double weight_sum = 0;
  for (unsigned s = 0; s < scales; ++s) weight_sum += weights[s];
  return std::pow(std::max(mean, 0.0), weights[scale] / weight_sum);
}

}  // namespace parts

namespace {

using parts::Part;
using parts::PlanePair;

// Scratch of the twins, to which images of many channels fall back: see metrics_ref.cpp.
std::size_t twin_rows(std::size_t width, std::size_t taps) noexcept { return (taps + 2) * 4 * width; }
std::size_t half_size(std::size_t n) noexcept { return (n + 1) / 2; }
std::size_t half_plane(std::size_t height, std::size_t width) noexcept { return half_size(height) * half_size(width); }

// Bytes of one channel, halved planes, sums.
std::size_t ms_ssim_doubles(std::size_t height, std::size_t width) noexcept {
  const std::size_t bytes =
      2 * Workspace::bytes<std::uint8_t>(height * width) + 2 * Workspace::bytes<float>(half_plane(height, width));
  return bytes / sizeof(double) + parts::kSumScratch;
}

const std::uint8_t* copy_channel(ImageView image, std::size_t channel, std::uint8_t* out) noexcept {
  for (std::size_t y = 0; y < image.height; ++y) {
    const std::uint8_t* const row = image.row(y) + channel;
    for (std::size_t x = 0; x < image.width; ++x) out[y * image.width + x] = row[x * image.channels];
  }
  return out;
}

template <class T>
double gaussian_mean(const PlanePair<T>& planes, Part part, double* scratch) noexcept {
  const std::size_t rows = planes.height - (parts::kMaxTaps - 1);
  const std::size_t columns = planes.length - (parts::kMaxTaps - 1);
  return parts::gaussian_sum(planes, part, scratch) / (static_cast<double>(rows) * static_cast<double>(columns));
}

template <class T>
PlanePair<float> halved(const PlanePair<T>& in, float* a, float* b) noexcept {
  parts::halve(in.a, in.height, in.length, in.a_stride, a);
  parts::halve(in.b, in.height, in.length, in.b_stride, b);
  const std::size_t width = half_size(in.length);
  return {a, b, width, width, half_size(in.height), width, 1};
}

// The product of one channel's scales; step is 1.
double ms_ssim_channel(const PlanePair<std::uint8_t>& full, unsigned scales, Workspace work) noexcept {
  const std::size_t half = half_plane(full.height, full.length);
  float* const a = work.take<float>(half).data();
  float* const b = work.take<float>(half).data();
  double* const rows = work.take<double>(parts::kSumScratch).data();
  const auto part = [&](unsigned scale) { return scale + 1 == scales ? Part::ssim : Part::contrast_structure; };
  double product = parts::scale_factor(gaussian_mean(full, part(0), rows), 0, scales);
  if (scales == 1) return product;
  PlanePair<float> planes = halved(full, a, b);
  for (unsigned scale = 1; scale < scales; ++scale) {
    if (scale > 1) planes = halved(planes, a, b);
    product *= parts::scale_factor(gaussian_mean(planes, part(scale), rows), scale, scales);
  }
  return product;
}

}  // namespace

double mse(ImageView a, ImageView b) noexcept {
  if (!same_shape(a, b) || a.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::uint64_t total = 0;
  for (std::size_t y = 0; y < a.height; ++y) total += parts::squared_error(a.row(y), b.row(y), a.row_bytes());
  return static_cast<double>(total) / (static_cast<double>(a.height) * static_cast<double>(a.row_bytes()));
}

double psnr_of_mse(double mse) noexcept {
  if (mse == 0.0) return std::numeric_limits<double>::infinity();
  return 10.0 * std::log10(255.0 * 255.0 / mse);
}

double psnr(ImageView a, ImageView b) noexcept { return psnr_of_mse(mse(a, b)); }

std::size_t ssim_scratch_size(std::size_t width, SsimWindow window) noexcept {
  return std::max(parts::kSumScratch, twin_rows(width, window_size(window)));
}

SsimResult ssim(ImageView a, ImageView b, SsimWindow kind, std::span<double> scratch) noexcept {
  const std::size_t taps = window_size(kind);
  if (a.channels > parts::kMaxStep) return ssim_ref(a, b, kind, scratch);
  if (!same_shape(a, b) || scratch.size() < ssim_scratch_size(a.width, kind)) return {Status::bad_argument, 0};
  if (a.channels == 0 || std::min(a.height, a.width) < taps) return {Status::too_small, 0};
  const PlanePair<std::uint8_t> planes{a.data, b.data, a.stride, b.stride, a.height, a.row_bytes(), a.channels};
  const double sum = kind == SsimWindow::uniform7 ? parts::box_sum(planes, scratch.data())
                                                  : parts::gaussian_sum(planes, Part::ssim, scratch.data());
  const std::size_t windows = (a.height - taps + 1) * (a.width - taps + 1) * a.channels;
  return {Status::ok, sum / static_cast<double>(windows)};
}

std::size_t ms_ssim_scratch_size(std::size_t height, std::size_t width) noexcept {
  return std::max(2 * half_plane(height, width) + twin_rows(width, parts::kMaxTaps), ms_ssim_doubles(height, width));
}

MsSsimResult ms_ssim(ImageView a, ImageView b, std::span<double> scratch) noexcept {
  if (!same_shape(a, b) || scratch.size() < ms_ssim_scratch_size(a.height, a.width)) {
    return {Status::bad_argument, 0, 0};
  }
  const unsigned scales = parts::scales_of(a.height, a.width);
  if (scales == 0 || a.channels == 0) return {Status::too_small, 0, 0};
  Workspace work(std::as_writable_bytes(scratch));
  std::uint8_t* const plane_a = work.take<std::uint8_t>(a.height * a.width).data();
  std::uint8_t* const plane_b = work.take<std::uint8_t>(a.height * a.width).data();
  double sum = 0;
  for (std::size_t c = 0; c < a.channels; ++c) {
    const PlanePair<std::uint8_t> planes{
        copy_channel(a, c, plane_a), copy_channel(b, c, plane_b), a.width, a.width, a.height, a.width, 1};
    sum += ms_ssim_channel(planes, scales, work);
  }
  return {Status::ok, sum / static_cast<double>(a.channels), scales};
}

}  // namespace vaerans::kernels
