// rounding.hpp on vectors; included once per instruction set, after <hwy/highway.h>.
#if defined(VAERANS_KERNELS_ROUNDING_SIMD) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_ROUNDING_SIMD
#undef VAERANS_KERNELS_ROUNDING_SIMD
#else
#define VAERANS_KERNELS_ROUNDING_SIMD
#endif

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {

// v limited to 0..limit, NaN to 0, rounded, halves upwards.
template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<hwy::HWY_NAMESPACE::Rebind<std::int32_t, D>> round_clamped(
    D d, hwy::HWY_NAMESPACE::Vec<D> v, hwy::HWY_NAMESPACE::Vec<D> limit) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<std::int32_t, D> di;
  const auto positive = hn::IfThenElseZero(hn::Gt(v, hn::Zero(d)), v);
  const auto clamped = hn::IfThenElse(hn::Lt(positive, limit), positive, limit);
  const auto whole = hn::ConvertTo(di, clamped);
  const auto up = hn::Ge(hn::Sub(clamped, hn::ConvertTo(d, whole)), hn::Set(d, 0.5F));
  return hn::Sub(whole, hn::VecFromMask(di, hn::RebindMask(di, up)));  // a mask is -1
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
