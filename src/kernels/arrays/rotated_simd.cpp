// Numbers of rotated channels in vectors. What does not fill a block of them is left to the scalar twin.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/arrays/rotated_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/arrays/restore_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
template <class Out>
void RestoreRotated(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* matrix,
                    const Affine* affines, Out* out) {
  restore_rotated_ref(in, channels, n, 0, matrix, affines, out);
}
#else
constexpr std::size_t kAtOnce = 4;  // vectors of numbers, whose sums stay in registers

// sum + the low factors' product + the high ones': two channels side by side in each word.
HWY_INLINE I add_products(I sum, I numbers, I factors) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
  const hn::Repartition<std::int16_t, Ints> d;
  I rest = hn::Zero(Ints());
  return hn::ReorderWidenMulAccumulate(Ints(), hn::BitCast(d, numbers), hn::BitCast(d, factors), sum, rest);
#else
  const auto low = [](I v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); };
  const I high = hn::Mul(hn::ShiftRight<16>(numbers), hn::ShiftRight<16>(factors));
  return hn::Add(sum, hn::Add(hn::Mul(low(numbers), low(factors)), high));
#endif
}
HWY_INLINE I word_of(std::int32_t low, std::int32_t high) {
  return hn::Set(Ints(), static_cast<std::int32_t>((static_cast<std::uint32_t>(high) << 16U) | (low & 0xFFFF)));
}

// Two channels side by side, for a block of numbers.
HWY_INLINE void pair_up(const Whole* HWY_RESTRICT low, const Whole* HWY_RESTRICT high, std::int32_t* HWY_RESTRICT out) {
  const hn::Rebind<std::int16_t, Ints> d;
  for (std::size_t i = 0; i < kAtOnce * hn::Lanes(Ints()); i += hn::Lanes(Ints())) {
    const I a = hn::And(hn::PromoteTo(Ints(), hn::LoadU(d, &low[i].value)), hn::Set(Ints(), 0xFFFF));
    const I b = high == nullptr ? hn::Zero(Ints()) : hn::PromoteTo(Ints(), hn::LoadU(d, &high[i].value));
    hn::StoreU(hn::Or(a, hn::ShiftLeft<16>(b)), Ints(), out + i);
  }
}

template <class Out>
HWY_INLINE void rotated_block(const std::int32_t* HWY_RESTRICT pairs, std::size_t channels,
                              const std::int8_t* HWY_RESTRICT row, Affine affine, Out* HWY_RESTRICT out) {
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  I s0 = hn::Zero(Ints()), s1 = s0, s2 = s0, s3 = s0;
  for (std::size_t k = 0; k < channels; k += 2, pairs += kAtOnce * lanes) {
    const I factors = word_of(row[k], k + 1 < channels ? row[k + 1] : 0);
    s0 = add_products(s0, hn::LoadU(Ints(), pairs), factors);
    s1 = add_products(s1, hn::LoadU(Ints(), pairs + lanes), factors);
    s2 = add_products(s2, hn::LoadU(Ints(), pairs + 2 * lanes), factors);
    s3 = add_products(s3, hn::LoadU(Ints(), pairs + 3 * lanes), factors);
  }
  const F step = hn::Set(d, affine.step), center = hn::Set(d, affine.center);
  store(scaled(s0, step, center), out);
  store(scaled(s1, step, center), out + lanes);
  store(scaled(s2, step, center), out + 2 * lanes);
  store(scaled(s3, step, center), out + 3 * lanes);
}

template <class Out>
void RestoreRotated(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* matrix,
                    const Affine* affines, Out* out) {
  const std::size_t block = kAtOnce * hn::Lanes(Ints());
  std::array<std::int32_t, kMaxMixedChannels / 2 * kAtOnce * hn::MaxLanes(Ints())> pairs;
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    for (std::size_t k = 0; k < channels; k += 2)
      pair_up(in + k * n + i, k + 1 < channels ? in + (k + 1) * n + i : nullptr, pairs.data() + k / 2 * block);
    for (std::size_t c = 0; c < channels; ++c)
      rotated_block(pairs.data(), channels, matrix + c * channels, affines[c], out + c * n + i);
  }
  restore_rotated_ref(in, channels, n, i, matrix, affines, out);
}
#endif

void Rotated_float(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* matrix, const Affine* a,
                   float* out) {
  RestoreRotated(in, channels, n, matrix, a, out);
}
void Rotated_half(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* matrix, const Affine* a,
                  Half* out) {
  RestoreRotated(in, channels, n, matrix, a, out);
}
void Rotated_brain(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* matrix, const Affine* a,
                   Brain* out) {
  RestoreRotated(in, channels, n, matrix, a, out);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

// NOLINTBEGIN(bugprone-macro-parentheses): types take no parentheses
#define VAERANS_ROTATED(name, Out)                                                                                  \
  HWY_EXPORT(Rotated_##name);                                                                                       \
  template <>                                                                                                       \
  void restore_rotated(const Whole* in, std::size_t channels, std::size_t n, const std::int8_t* m, const Affine* a, \
                       Out* out) noexcept {                                                                         \
    HWY_DYNAMIC_DISPATCH(Rotated_##name)(in, channels, n, m, a, out);                                               \
  }
// NOLINTEND(bugprone-macro-parentheses)
VAERANS_ROTATED(float, float)
VAERANS_ROTATED(half, Half)
VAERANS_ROTATED(brain, Brain)
#undef VAERANS_ROTATED

}  // namespace vaerans::kernels
#endif
