#include <algorithm>
#include <cmath>

#include "kernels/klt/covariance.hpp"
#include "store/blob/fit/rotation.hpp"
#include "store/blob/fit/samples.hpp"
#include "systems/klt/klt_rotations.hpp"

namespace vaerans::blob {
namespace {

constexpr double kLeastGain = 0.05, kMostTaken = 0.5;     // bits for each number: what is saved, what a rotation takes
constexpr std::uint64_t kMostChannels = 16;               // more would be read at less than a gigabyte a second
constexpr std::uint64_t kPlaces = 512;                    // that are looked at
constexpr double kRounded = 1.0 / 12, kDependent = 0.26;  // variance of the errors, in steps

using Matrix = RecycledVector<double>;

Matrix covariance_of(std::span<const float> samples, std::uint64_t channels, std::uint64_t n, double noise) {
  Matrix out(channels * channels);
  kernels::covariance(samples.data(), channels, n, out);
  for (std::uint64_t c = 0; c < channels; ++c) out[c * channels + c] += noise;
  return out;
}

/// The product of the rotations: row k makes what is coded as channel k.
Matrix product_of(std::span<const kernels::PlaneRotation> rotations, std::uint64_t n) {
  Matrix out(n * n);
  for (std::uint64_t i = 0; i < n; ++i) out[i * n + i] = 1;
  for (const kernels::PlaneRotation& r : rotations) {
    const auto [sine, cosine] = kernels::sine_cosine(r.t);
    for (std::uint64_t k = 0; k < n; ++k) {
      const double p = out[r.p * n + k], q = out[r.q * n + k];
      out[r.p * n + k] = cosine * p - sine * q;
      out[r.q * n + k] = sine * p + cosine * q;
    }
  }
  return out;
}

/// Bits for each number that the rotation saves where channels have this covariance.
double gain_of(const Matrix& rotation, const Matrix& covariance, std::uint64_t n) {
  double bits = 0;
  for (std::uint64_t k = 0; k < n; ++k) {
    double variance = 0;
    for (std::uint64_t a = 0; a < n; ++a) {
      double sum = 0;
      for (std::uint64_t b = 0; b < n; ++b) sum += covariance[a * n + b] * rotation[k * n + b];
      variance += sum * rotation[k * n + a];
    }
    bits += std::log2(covariance[k * n + k] / variance);
  }
  return bits / 2 / static_cast<double>(n);
}

}  // namespace

RecycledVector<std::int8_t> fit_rotation(std::span<const float> x, const Header& h) {
  const std::uint64_t n = h.geometry.channels;
  const double takes = 8.0 * static_cast<double>(n * n) / static_cast<double>(x.size());
  if (!can_rotate(h.geometry) || n > kMostChannels || takes > kMostTaken) return {};
  const Samples samples = samples_of(x, h, kPlaces);
  const double noise = h.trellis ? kDependent : kRounded;
  const Matrix low = covariance_of(samples.low, n, samples.n_low, noise);
  const Matrix details = h.geometry.haar ? covariance_of(samples.details, n, samples.n_details, noise) : low;
  Matrix diagonal = details;
  klt::Rotations rotations;
  klt::choose_rotations(diagonal, n, x.size() / n, rotations);
  const Matrix rotation = product_of(rotations, n);
  const double gain = 0.75 * gain_of(rotation, details, n) + 0.25 * gain_of(rotation, low, n);
  if (!(gain - takes > kLeastGain)) return {};
  // What is coded as channel k has row k of the product; numbers are made by its transpose, which is its inverse.
  RecycledVector<std::int8_t> out(n * n);
  for (std::uint64_t c = 0; c < n; ++c)
    for (std::uint64_t k = 0; k < n; ++k) {
      const double factor = std::floor(rotation[k * n + c] * kRotationUnit + 0.5);
      out[c * n + k] = static_cast<std::int8_t>(std::clamp(factor, -127.0, 127.0));
    }
  return out;
}

}  // namespace vaerans::blob
