// The vectorised way back from symbols. What does not fill a vector is left to the scalar twins.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantize/dequantize_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/quantize/quantize_ref.hpp"
#include "kernels/quantize/quantize_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {

template <class Symbol>
HWY_INLINE hn::Vec<Ints> indices(const Symbol* sym, std::int32_t offset) {
  const Ints di;
  return hn::Add(hn::PromoteTo(di, hn::LoadU(hn::Rebind<Symbol, Ints>(), sym)), hn::Set(di, offset));
}

template <class Symbol>
void back(std::span<const Symbol> sym, std::int32_t offset, float scale, float bias, std::span<float> out) {
  const Floats d;
  const std::size_t n = whole_vectors(sym.size(), hn::Lanes(d), [&](std::size_t i) {
    const auto q = hn::ConvertTo(d, indices(sym.data() + i, offset));
    hn::StoreU(hn::Add(hn::Set(d, bias), hn::Mul(hn::Set(d, scale), q)), d, out.data() + i);
  });
  dequantize_ref(sym.subspan(n), offset, scale, bias, out.subspan(n));
}

template <class Symbol>
void back_step(std::span<const Symbol> sym, std::int32_t offset, float step, float shrink, std::span<float> out) {
  const Floats d;
  const auto zero = hn::Zero(d);
  const auto towards = hn::Set(d, shrink);
  const std::size_t n = whole_vectors(sym.size(), hn::Lanes(d), [&](std::size_t i) {
    const auto q = hn::ConvertTo(d, indices(sym.data() + i, offset));
    const auto pull = hn::IfThenElse(hn::Lt(q, zero), hn::Neg(towards), hn::IfThenElseZero(hn::Gt(q, zero), towards));
    hn::StoreU(hn::Mul(hn::Sub(q, pull), hn::Set(d, step)), d, out.data() + i);
  });
  dequantize_step_ref(sym.subspan(n), offset, step, shrink, out.subspan(n));
}

// Arithmetic modulo 2^bits of T may as well be done in T.
template <class Symbol, class T>
void back_int(std::span<const Symbol> sym, std::int32_t offset, std::int32_t step, std::span<T> out) {
  using D = hn::CappedTag<T, 64 / sizeof(T)>;
  const D d;
  const hn::RebindToUnsigned<D> du;
  const auto shift = hn::Set(d, static_cast<T>(offset));
  const auto factor = hn::Set(d, static_cast<T>(step));
  const std::size_t n = whole_vectors(sym.size(), hn::Lanes(d), [&](std::size_t i) {
    const auto loaded = hn::LoadU(hn::Rebind<Symbol, D>(), sym.data() + i);
    hn::Vec<decltype(du)> v;
    if constexpr (sizeof(Symbol) == sizeof(T)) {
      v = loaded;
    } else {
      v = hn::PromoteTo(du, loaded);
    }
    hn::StoreU(hn::Mul(hn::Add(hn::BitCast(d, v), shift), factor), d, out.data() + i);
  });
  dequantize_int_ref(sym.subspan(n), offset, step, out.subspan(n));
}

#define VAERANS_BACK(name, Symbol)                                                                                    \
  void back_##name(std::span<const Symbol> sym, std::int32_t offset, float scale, float bias, std::span<float> out) { \
    back(sym, offset, scale, bias, out);                                                                              \
  }                                                                                                                   \
  void back_step_##name(std::span<const Symbol> sym, std::int32_t offset, float step, float shrink,                   \
                        std::span<float> out) {                                                                       \
    back_step(sym, offset, step, shrink, out);                                                                        \
  }                                                                                                                   \
  void back_i16_##name(std::span<const Symbol> sym, std::int32_t offset, std::int32_t step,                           \
                       std::span<std::int16_t> out) {                                                                 \
    back_int(sym, offset, step, out);                                                                                 \
  }                                                                                                                   \
  void back_i32_##name(std::span<const Symbol> sym, std::int32_t offset, std::int32_t step,                           \
                       std::span<std::int32_t> out) {                                                                 \
    back_int(sym, offset, step, out);                                                                                 \
  }
VAERANS_BACK(u8, std::uint8_t)
VAERANS_BACK(u16, std::uint16_t)
#undef VAERANS_BACK

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {
namespace {

using U8 = std::uint8_t;
using U16 = std::uint16_t;
using I16 = std::int16_t;
using I32 = std::int32_t;

}  // namespace

#define VAERANS_DEQUANTIZE(name, Symbol)                                                                             \
  HWY_EXPORT(back_##name);                                                                                           \
  HWY_EXPORT(back_step_##name);                                                                                      \
  HWY_EXPORT(back_i16_##name);                                                                                       \
  HWY_EXPORT(back_i32_##name);                                                                                       \
  template <>                                                                                                        \
  void dequantize(std::span<const Symbol> sym, I32 offset, float scale, float bias, std::span<float> out) noexcept { \
    on_common(sym, out, [&](auto in, auto to) { HWY_DYNAMIC_DISPATCH(back_##name)(in, offset, scale, bias, to); });  \
  }                                                                                                                  \
  template <>                                                                                                        \
  void dequantize_step(std::span<const Symbol> sym, I32 offset, float step, float shrink,                            \
                       std::span<float> out) noexcept {                                                              \
    on_common(sym, out,                                                                                              \
              [&](auto in, auto to) { HWY_DYNAMIC_DISPATCH(back_step_##name)(in, offset, step, shrink, to); });      \
  }                                                                                                                  \
  template <>                                                                                                        \
  void dequantize_int(std::span<const Symbol> sym, I32 offset, I32 step, std::span<I16> out) noexcept {              \
    on_common(sym, out, [&](auto in, auto to) { HWY_DYNAMIC_DISPATCH(back_i16_##name)(in, offset, step, to); });     \
  }                                                                                                                  \
  template <>                                                                                                        \
  void dequantize_int(std::span<const Symbol> sym, I32 offset, I32 step, std::span<I32> out) noexcept {              \
    on_common(sym, out, [&](auto in, auto to) { HWY_DYNAMIC_DISPATCH(back_i32_##name)(in, offset, step, to); });     \
  }
VAERANS_DEQUANTIZE(u8, U8)
VAERANS_DEQUANTIZE(u16, U16)
#undef VAERANS_DEQUANTIZE

}  // namespace vaerans::kernels
#endif
