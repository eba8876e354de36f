// The scalar twins: one sample after the other.
#include <algorithm>

#include "kernels/klt/plane_rotation.hpp"

namespace vaerans::kernels {
namespace {

void rotate_sample(float* sample, std::size_t plane, const PlaneRotation& r, float sine, float cosine) noexcept {
  const float a = sample[r.p * plane], b = sample[r.q * plane];
  sample[r.p * plane] = cosine * a - sine * b;
  sample[r.q * plane] = sine * a + cosine * b;
}

}  // namespace

void rotate_planes_ref(const float* in, float* out, std::size_t channels, std::size_t plane,
                       std::span<const PlaneRotation> rotations) noexcept {
  if (in != out) std::copy(in, in + channels * plane, out);
  for (const PlaneRotation& r : rotations) {
    const auto [sine, cosine] = sine_cosine(r.t);
    for (std::size_t i = 0; i < plane; ++i) {
      rotate_sample(out + i, plane, r, static_cast<float>(sine), static_cast<float>(cosine));
    }
  }
}

void unrotate_planes_ref(const float* in, float* out, std::size_t channels, std::size_t plane,
                         std::span<const PlaneRotation> rotations) noexcept {
  if (in != out) std::copy(in, in + channels * plane, out);
  for (auto r = rotations.rbegin(); r != rotations.rend(); ++r) {
    const auto [sine, cosine] = sine_cosine(r->t);
    for (std::size_t i = 0; i < plane; ++i) {
      rotate_sample(out + i, plane, *r, static_cast<float>(-sine), static_cast<float>(cosine));
    }
  }
}

}  // namespace vaerans::kernels
