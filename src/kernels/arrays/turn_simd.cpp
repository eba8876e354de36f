// Channels turned some numbers at a time, whose sums stay in registers. Products are rounded before they are added, as
// in the twin, so that all instruction sets give one result.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/arrays/turn_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/arrays/turn.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using F = hn::Vec<Floats>;
constexpr std::size_t kAtOnce = 4;

HWY_INLINE F add_product(F sum, F factor, const float* HWY_RESTRICT numbers) {
  return hn::Add(sum, hn::Mul(factor, hn::LoadU(Floats(), numbers)));
}

void TurnChannels(const float* HWY_RESTRICT matrix, std::size_t channels, const float* HWY_RESTRICT in, std::size_t n,
                  float* HWY_RESTRICT out, std::size_t stride) {
  const std::size_t lanes = hn::Lanes(Floats()), block = kAtOnce * lanes;
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    for (std::size_t c = 0; c < channels; ++c) {
      F s0 = hn::Zero(Floats()), s1 = s0, s2 = s0, s3 = s0;
      for (std::size_t k = 0; k < channels; ++k) {
        const F factor = hn::Set(Floats(), matrix[c * channels + k]);
        const float* const from = in + k * n + i;
        s0 = add_product(s0, factor, from);
        s1 = add_product(s1, factor, from + lanes);
        s2 = add_product(s2, factor, from + 2 * lanes);
        s3 = add_product(s3, factor, from + 3 * lanes);
      }
      float* const to = out + c * stride + i;
      hn::StoreU(s0, Floats(), to);
      hn::StoreU(s1, Floats(), to + lanes);
      hn::StoreU(s2, Floats(), to + 2 * lanes);
      hn::StoreU(s3, Floats(), to + 3 * lanes);
    }
  }
  turn_channels_ref(matrix, channels, in, n, i, out, stride);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(TurnChannels);
void turn_channels(const float* matrix, std::size_t channels, const float* in, std::size_t n, float* out,
                   std::size_t stride) noexcept {
  HWY_DYNAMIC_DISPATCH(TurnChannels)(matrix, channels, in, n, out, stride);
}

}  // namespace vaerans::kernels
#endif
