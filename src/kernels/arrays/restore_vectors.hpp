// Vectors of integers as numbers of every type; included once per instruction set, after <hwy/highway.h>. Internal.
#if defined(VAERANS_KERNELS_RESTORE_VECTORS) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_RESTORE_VECTORS
#undef VAERANS_KERNELS_RESTORE_VECTORS
#else
#define VAERANS_KERNELS_RESTORE_VECTORS
#endif

#include "kernels/arrays/restore_ref.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Ints = hn::Rebind<std::int32_t, Floats>;
using Words = hn::Rebind<std::uint32_t, Floats>;
using Shorts = hn::Rebind<std::uint16_t, Floats>;
using Halves = hn::Rebind<hwy::float16_t, Floats>;
using F = hn::Vec<Floats>;
using I = hn::Vec<Ints>;

template <class Symbol>
HWY_INLINE I load(const Symbol* p) {
  return hn::PromoteTo(Ints(), hn::LoadU(hn::Rebind<Symbol, Ints>(), p));
}

HWY_INLINE F scaled(I q, F step, F center) { return hn::Add(hn::Mul(hn::ConvertTo(Floats(), q), step), center); }

// The bits of a number as 16 bits in the low half of each word.
#if (HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2) || HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
// These have no instruction for it, and Highway's emulation rounds otherwise: to_half() of base/half.hpp, in vectors.
HWY_INLINE hn::Vec<Words> half_bits(F v) {
  const Words d;
  const auto set = [&](std::uint32_t bits) { return hn::Set(d, bits); };
  const auto bits = hn::BitCast(d, v);
  const auto magnitude = hn::And(bits, set(0x7FFFFFFFU));
  const auto sum = hn::Add(hn::BitCast(Floats(), magnitude), hn::Set(Floats(), 0.5F));
  const auto small = hn::Sub(hn::BitCast(d, sum), set(0x3F000000U));
  const auto odd = hn::And(hn::ShiftRight<13>(magnitude), set(1));
  const auto normal = hn::ShiftRight<13>(hn::Add(hn::Sub(magnitude, set(0x38000000U - 0xFFFU)), odd));
  const auto finite = hn::IfThenElse(hn::Lt(magnitude, set(0x38800000U)), small, normal);
  const auto half = hn::IfThenElse(hn::Lt(magnitude, set(0x477FF000U)), finite, set(0x7C00U));
  return hn::Or(half, hn::And(hn::ShiftRight<16>(bits), set(0x8000U)));
}
HWY_INLINE hn::Vec<Shorts> half_shorts(F v) { return hn::TruncateTo(Shorts(), half_bits(v)); }
#else
HWY_INLINE hn::Vec<Shorts> half_shorts(F v) { return hn::BitCast(Shorts(), hn::DemoteTo(Halves(), v)); }
HWY_INLINE hn::Vec<Words> half_bits(F v) { return hn::PromoteTo(Words(), half_shorts(v)); }
#endif
// Rounded to bfloat16 in the high half of each word; the low half is of no use.
HWY_INLINE hn::Vec<Words> brain_bits(F v) {
  const Words d;
  const auto bits = hn::BitCast(d, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1));
  return hn::Add(bits, hn::Add(odd, hn::Set(d, 0x7FFF)));
}

HWY_INLINE void store(F v, Whole* out) {
  hn::StoreU(hn::DemoteTo(hn::RebindToSigned<Shorts>(), hn::ConvertTo(Ints(), v)), hn::RebindToSigned<Shorts>(),
             &out->value);
}
HWY_INLINE void store(F v, float* out) { hn::StoreU(v, Floats(), out); }
HWY_INLINE void store(F v, Half* out) { hn::StoreU(half_shorts(v), Shorts(), &out->bits); }
HWY_INLINE void store(F v, Brain* out) {
  hn::StoreU(hn::TruncateTo(Shorts(), hn::ShiftRight<16>(brain_bits(v))), Shorts(), &out->bits);
}

#if HWY_TARGET != HWY_SCALAR
// even[0], odd[0], even[1], odd[1] …
template <class Out>
HWY_INLINE void store_bits(hn::Vec<Words> pairs, Out* out) {
  const hn::Repartition<std::uint16_t, Words> d;
  hn::StoreU(hn::BitCast(d, pairs), d, &out->bits);
}
HWY_INLINE void store_pairs(F even, F odd, Whole* out) {
  const auto low = hn::And(hn::BitCast(Words(), hn::ConvertTo(Ints(), even)), hn::Set(Words(), 0xFFFFU));
  const auto pairs = hn::Or(low, hn::ShiftLeft<16>(hn::BitCast(Words(), hn::ConvertTo(Ints(), odd))));
  const hn::Repartition<std::int16_t, Words> d;
  hn::StoreU(hn::BitCast(d, pairs), d, &out->value);
}
HWY_INLINE void store_pairs(F even, F odd, float* out) { hn::StoreInterleaved2(even, odd, Floats(), out); }
HWY_INLINE void store_pairs(F even, F odd, Half* out) {
  const auto pairs = hn::Or(half_bits(even), hn::ShiftLeft<16>(half_bits(odd)));
  store_bits(pairs, out);
}
HWY_INLINE void store_pairs(F even, F odd, Brain* out) {
  const auto high = hn::And(brain_bits(odd), hn::Set(Words(), 0xFFFF0000U));
  const auto pairs = hn::Or(hn::ShiftRight<16>(brain_bits(even)), high);
  store_bits(pairs, out);
}

#endif

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
