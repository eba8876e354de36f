// Rotations of pairs of channel planes: an orthonormal transform of the channels as a product of few plane (Givens)
// rotations, each of which is two small integers and a third one for its angle.
//
// The angle is t / 256 = tan(angle / 2), so that sine and cosine are rational: u = t / 256 gives
// cos = (1 - u^2) / (1 + u^2) and sin = 2 u / (1 + u^2), which IEEE arithmetic makes the same numbers everywhere,
// unlike a library's sin(). Any sequence of such rotations is orthonormal, whatever the precision of t.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace vaerans::kernels {

// Samples of planes p and q, p < q, become cos * p - sin * q and sin * p + cos * q.
struct PlaneRotation {
  std::uint8_t p = 0, q = 0;
  std::int16_t t = 0;
  bool operator==(const PlaneRotation&) const = default;
};

// |t| of an angle of 45 degrees, the largest that a Jacobi step needs: round(256 * tan(pi / 8)).
inline constexpr std::int16_t kMaxHalfTangent = 106;

// Channels are numbered by a byte and pairs of them are tried one by one.
inline constexpr std::size_t kMaxRotatedChannels = 64;

struct SineCosine {
  double sine, cosine;
};
[[nodiscard]] constexpr SineCosine sine_cosine(std::int16_t t) noexcept {
  const double u = t / 256.0, scale = 1 / (1 + u * u);
  return {2 * u * scale, (1 - u * u) * scale};
}

// in, out: `channels` planes of `plane` floats, one after the other. in == out is allowed, partial overlap is not.
// Requires p < q < channels in each rotation. The inverse takes the rotations from the last to the first, backwards.
void rotate_planes(const float* in, float* out, std::size_t channels, std::size_t plane,
                   std::span<const PlaneRotation> rotations) noexcept;
void unrotate_planes(const float* in, float* out, std::size_t channels, std::size_t plane,
                     std::span<const PlaneRotation> rotations) noexcept;

// The scalar twins: the same bits. Tests compare with them.
void rotate_planes_ref(const float* in, float* out, std::size_t channels, std::size_t plane,
                       std::span<const PlaneRotation> rotations) noexcept;
void unrotate_planes_ref(const float* in, float* out, std::size_t channels, std::size_t plane,
                         std::span<const PlaneRotation> rotations) noexcept;

}  // namespace vaerans::kernels
