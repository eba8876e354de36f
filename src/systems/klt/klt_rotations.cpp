#include "systems/klt/klt_rotations.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/bits.hpp"

namespace vaerans::klt {
namespace {

using kernels::PlaneRotation;

constexpr unsigned count_order = 2, angle_bits = 8;

std::size_t pairs(std::size_t channels) { return channels * (channels - 1) / 2; }

unsigned pair_bits(std::size_t channels) {
  const std::size_t n = pairs(channels);
  return n < 2 ? 0 : static_cast<unsigned>(std::bit_width(n - 1));
}

/// A symmetric matrix, row by row.
class Matrix {
 public:
  Matrix(std::span<double> values, std::size_t n) : values_(values), n_(n) {}
  [[nodiscard]] double& at(std::size_t row, std::size_t column) const { return values_[row * n_ + column]; }
  [[nodiscard]] std::size_t size() const { return n_; }

 private:
  std::span<double> values_;
  std::size_t n_;
};

/// The angle that would make the pair's covariance zero, rounded (Golub & Van Loan, Matrix Computations, 8.5.2).
std::int16_t half_tangent(double a, double b, double covariance) {
  const double tau = (b - a) / (2 * covariance);
  const double tangent = (tau < 0 ? -1 : 1) / (std::abs(tau) + std::sqrt(1 + tau * tau));
  return static_cast<std::int16_t>(std::floor(256 * tangent / (1 + std::sqrt(1 + tangent * tangent)) + 0.5));
}

/// What is left of the covariance of p and q.
double rotated_covariance(const Matrix& m, const PlaneRotation& r) {
  const auto [s, c] = kernels::sine_cosine(r.t);
  return s * c * (m.at(r.p, r.p) - m.at(r.q, r.q)) + (c * c - s * s) * m.at(r.p, r.q);
}

/// (a b before) / (a b after) - 1: the sum and the determinant stay, so a b falls as the covariance does.
double gain_of(const Matrix& m, const PlaneRotation& r) {
  const double before = m.at(r.p, r.p) * m.at(r.q, r.q), covariance = m.at(r.p, r.q), left = rotated_covariance(m, r);
  const double after = before - covariance * covariance + left * left;
  return after > 0 ? before / after - 1 : 0;
}

struct Choice {
  PlaneRotation rotation;
  double gain = 0;
};

/// The best of all pairs that gains more than `least`.
Choice best_rotation(const Matrix& m, double least) {
  Choice best{{}, least};
  for (std::size_t q = 1; q < m.size(); ++q) {
    for (std::size_t p = 0; p < q; ++p) {
      const double a = m.at(p, p), b = m.at(q, q), covariance = m.at(p, q);
      // An exact angle would gain r² / (1 - r²); a rounded one gains less.
      if (!(covariance * covariance * (1 + best.gain) > best.gain * a * b)) continue;
      const PlaneRotation rotation{static_cast<std::uint8_t>(p), static_cast<std::uint8_t>(q),
                                   half_tangent(a, b, covariance)};
      const double gain = rotation.t == 0 ? 0 : gain_of(m, rotation);
      if (gain > best.gain) best = {rotation, gain};
    }
  }
  return best.gain > least ? best : Choice{};
}

/// m = R m Rᵀ.
void rotate(const Matrix& m, const PlaneRotation& r) {
  const auto [s, c] = kernels::sine_cosine(r.t);
  for (std::size_t k = 0; k < m.size(); ++k) {
    const double p = m.at(r.p, k), q = m.at(r.q, k);
    m.at(r.p, k) = c * p - s * q;
    m.at(r.q, k) = s * p + c * q;
  }
  for (std::size_t k = 0; k < m.size(); ++k) {
    const double p = m.at(k, r.p), q = m.at(k, r.q);
    m.at(k, r.p) = c * p - s * q;
    m.at(k, r.q) = s * p + c * q;
  }
}

}  // namespace

std::size_t max_rotations(std::size_t channels) noexcept { return channels < 2 ? 0 : 4 * pairs(channels); }

void choose_rotations(std::span<double> matrix, std::size_t channels, std::size_t samples, Rotations& out) {
  out.clear();
  const Matrix m(matrix, channels);
  // samples · log2(1 + gain) / 2 bits must be more than the rotation takes; log2(1 + x) is at most x / ln 2.
  const double bits = pair_bits(channels) + angle_bits;
  const double least = 2 * std::numbers::ln2 * bits / static_cast<double>(samples);
  while (out.size() < max_rotations(channels)) {
    const Choice best = best_rotation(m, least);
    if (best.gain == 0) return;
    rotate(m, best.rotation);
    out.push_back(best.rotation);
  }
}

void write_side_info(std::span<const PlaneRotation> rotations, std::size_t channels, ByteBuffer& out) {
  out.clear();
  BitWriter bits(std::move(out));
  bits.golomb(rotations.size(), count_order);
  for (const PlaneRotation& r : rotations) {
    bits.bits(std::size_t{r.q} * (r.q - 1U) / 2 + r.p, pair_bits(channels));
    bits.bits(r.t < 0 ? 1 : 0, 1);
    bits.bits(static_cast<std::uint64_t>(std::abs(r.t) - 1), angle_bits - 1);
  }
  out = bits.take();
}

void read_side_info(std::span<const std::byte> side_info, std::size_t channels, Rotations& out) {
  out.clear();
  BitReader bits(side_info, "klt side information");
  const std::uint64_t count = bits.golomb(count_order);
  if (count > max_rotations(channels)) bits.corrupt("more rotations than any chain needs");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t pair = bits.bits(pair_bits(channels));
    if (pair >= pairs(channels)) bits.corrupt("a pair of channels that are not there");
    const bool negative = bits.bits(1) != 0;
    const auto t = static_cast<std::int16_t>(bits.bits(angle_bits - 1) + 1);
    if (t > kernels::kMaxHalfTangent) bits.corrupt("an angle of more than 45 degrees");
    std::size_t q = 1;
    while (pairs(q + 1) <= pair) ++q;
    out.push_back({static_cast<std::uint8_t>(pair - pairs(q)), static_cast<std::uint8_t>(q),
                   static_cast<std::int16_t>(negative ? -t : t)});
  }
  bits.expect_end();
}

}  // namespace vaerans::klt
