// The vectorised quantisers. What does not fill a vector is left to the scalar twins.
#include "kernels/quantize/quantize.hpp"

#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantize/quantize_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <limits>
#include <type_traits>

#include "kernels/common/rounding_simd.hpp"
#include "kernels/quantize/quantize_ref.hpp"
#include "kernels/quantize/quantize_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// ---- ranges ----------------------------------------------------------------------------------------------------

// The sixteen lanes of Extremes in as many vectors as they take.
Range min_max_f32(std::span<const float> x) {
  const Floats d;
  const UInts du;
  constexpr std::size_t kVectors = Extremes::kLanes / hn::MaxLanes(Floats());
  Extremes all(x[0]);
  hn::Vec<Floats> low[kVectors];
  hn::Vec<Floats> high[kVectors];
  hn::Vec<UInts> magnitude[kVectors];
  for (std::size_t k = 0; k < kVectors; ++k) {
    low[k] = high[k] = hn::Set(d, x[0]);
    magnitude[k] = hn::Zero(du);
  }
  std::size_t i = whole_vectors(x.size(), Extremes::kLanes, [&](std::size_t at) {
    for (std::size_t k = 0; k < kVectors; ++k) {
      const auto v = hn::LoadU(d, x.data() + at + k * hn::Lanes(d));
      low[k] = hn::IfThenElse(hn::Lt(v, low[k]), v, low[k]);
      high[k] = hn::IfThenElse(hn::Gt(v, high[k]), v, high[k]);
      magnitude[k] = hn::Max(magnitude[k], hn::And(hn::BitCast(du, v), hn::Set(du, 0x7FFFFFFFU)));
    }
  });
  for (std::size_t k = 0; k < kVectors; ++k) {
    hn::StoreU(low[k], d, all.low.data() + k * hn::Lanes(d));
    hn::StoreU(high[k], d, all.high.data() + k * hn::Lanes(d));
    hn::StoreU(magnitude[k], du, all.magnitude.data() + k * hn::Lanes(d));
  }
  for (; i < x.size(); ++i) all.add(0, x[i]);
  return all.result();
}

// Running extremes of integers.
struct IntExtremes {
  hn::Vec<Ints> low;
  hn::Vec<Ints> high;

  IntExtremes()
      : low(hn::Set(Ints(), std::numeric_limits<std::int32_t>::max())),
        high(hn::Set(Ints(), std::numeric_limits<std::int32_t>::min())) {}
  HWY_INLINE void add(hn::Vec<Ints> v) {
    low = hn::Min(low, v);
    high = hn::Max(high, v);
  }
  // The extremes of what was added and of `rest`, either of which may be empty; {0, 0} if both are.
  IntRange with(std::span<const std::int32_t> rest, bool nothing_added) const {
    const IntRange tail = min_max_ref(rest);
    if (nothing_added) return tail;
    const Ints d;
    const IntRange mine{hn::GetLane(hn::MinOfLanes(d, low)), hn::GetLane(hn::MaxOfLanes(d, high))};
    if (rest.empty()) return mine;
    return {std::min(mine.min, tail.min), std::max(mine.max, tail.max)};
  }
};

IntRange min_max_i32(std::span<const std::int32_t> x) {
  IntExtremes extremes;
  const std::size_t i = whole_vectors(x.size(), hn::Lanes(Ints()),
                                      [&](std::size_t at) { extremes.add(hn::LoadU(Ints(), x.data() + at)); });
  return extremes.with(x.subspan(i), i == 0);
}

// ---- affine ----------------------------------------------------------------------------------------------------

template <class Symbol>
std::size_t affine(std::span<const float> x, float min, float scale, float limit, Symbol* out) {
  const Floats d;
  const hn::Rebind<Symbol, Floats> ds;
  return whole_vectors(x.size(), hn::Lanes(d), [&](std::size_t i) {
    const auto v = hn::Div(hn::Sub(hn::LoadU(d, x.data() + i), hn::Set(d, min)), hn::Set(d, scale));
    hn::StoreU(hn::DemoteTo(ds, round_clamped(d, v, hn::Set(d, limit))), ds, out + i);
  });
}

void affine_u8(std::span<const float> x, float min, float scale, std::span<std::uint8_t> out) {
  const std::size_t i = affine(x, min, scale, 255.0F, out.data());
  quantize_affine_ref(x.subspan(i), min, scale, out.subspan(i));
}
void affine_u16(std::span<const float> x, float min, float scale, std::uint16_t max_level,
                std::span<std::uint16_t> out) {
  const std::size_t i = affine(x, min, scale, static_cast<float>(max_level), out.data());
  quantize_affine_ref(x.subspan(i), min, scale, max_level, out.subspan(i));
}

// ---- step ------------------------------------------------------------------------------------------------------

IntRange step_f32(std::span<const float> x, float step, float rounding, std::span<std::int32_t> out) {
  const Floats d;
  const Ints di;
  const auto limit = hn::Set(d, static_cast<float>(kMaxIndex));
  IntExtremes extremes;
  const std::size_t n = whole_vectors(x.size(), hn::Lanes(d), [&](std::size_t i) {
    const auto v = hn::LoadU(d, x.data() + i);
    const auto scaled = hn::Add(hn::Div(hn::Abs(v), hn::Set(d, step)), hn::Set(d, rounding));
    const auto positive = hn::IfThenElseZero(hn::Gt(scaled, hn::Zero(d)), scaled);  // NaN to 0
    const auto magnitude = hn::ConvertTo(di, hn::IfThenElse(hn::Lt(positive, limit), positive, limit));
    const auto negative = hn::RebindMask(di, hn::Lt(v, hn::Zero(d)));
    const auto index = hn::IfThenElse(negative, hn::Neg(magnitude), magnitude);
    extremes.add(index);
    hn::StoreU(index, di, out.data() + i);
  });
  (void)quantize_step_ref(x.subspan(n), step, rounding, out.subspan(n));
  return extremes.with(out.subspan(n), n == 0);
}

// Integers below 2^32 are divided as doubles. Their quotient is whole, or it lies below the next whole number by at
// least 2^-32 of itself, while a double rounds by 2^-53 only: so truncation gives the floor.
using Doubles = hn::CappedTag<double, 8>;
using HalfInts = hn::Rebind<std::int32_t, Doubles>;
using HalfUInts = hn::Rebind<std::uint32_t, Doubles>;

inline hn::Vec<HalfInts> load_i32(const std::int32_t* p) { return hn::LoadU(HalfInts(), p); }
inline hn::Vec<HalfInts> load_i32(const std::int16_t* p) {
  return hn::PromoteTo(HalfInts(), hn::LoadU(hn::Rebind<std::int16_t, Doubles>(), p));
}

inline hn::Vec<Doubles> to_double(hn::Vec<HalfUInts> v) {
  const Doubles d;
  const auto shifted = hn::BitCast(HalfInts(), hn::Xor(v, hn::Set(HalfUInts(), 0x80000000U)));  // minus 2^31
  return hn::Add(hn::PromoteTo(d, shifted), hn::Set(d, 2147483648.0));
}

template <class T>
IntRange step_int(std::span<const T> x, std::int32_t step, std::int32_t rounding, std::span<std::int32_t> out) {
  const HalfInts di;
  const HalfUInts du;
  const Doubles d;
  const auto divisor = hn::Set(d, std::max(step, 1));
  const auto added = hn::Set(du, static_cast<std::uint32_t>(std::max(rounding, 0)));
  const std::size_t n = whole_vectors(x.size(), hn::Lanes(di), [&](std::size_t i) {
    const auto v = load_i32(x.data() + i);
    const auto dividend = hn::Add(hn::BitCast(du, hn::Abs(v)), added);
    const auto quotient = hn::Min(hn::Div(to_double(dividend), divisor), hn::Set(d, kMaxIndex));
    const auto magnitude = hn::DemoteTo(di, quotient);
    hn::StoreU(hn::IfThenElse(hn::Lt(v, hn::Zero(di)), hn::Neg(magnitude), magnitude), di, out.data() + i);
  });
  (void)quantize_step_int_ref(x.subspan(n), step, rounding, out.subspan(n));
  return min_max_i32(out);
}

IntRange step_int_i16(std::span<const std::int16_t> x, std::int32_t step, std::int32_t rounding,
                      std::span<std::int32_t> out) {
  return step_int(x, step, rounding, out);
}
IntRange step_int_i32(std::span<const std::int32_t> x, std::int32_t step, std::int32_t rounding,
                      std::span<std::int32_t> out) {
  return step_int(x, step, rounding, out);
}

// ---- symbols ---------------------------------------------------------------------------------------------------

template <class Symbol>
bool symbols_of(std::span<const std::int32_t> q, std::int32_t offset, std::span<Symbol> out) {
  const Ints di;
  const hn::Rebind<Symbol, Ints> ds;
  const auto limit = hn::Set(di, std::numeric_limits<Symbol>::max());
  auto all_bits = hn::Zero(di);
  const std::size_t n = whole_vectors(q.size(), hn::Lanes(di), [&](std::size_t i) {
    const auto symbol = hn::Sub(hn::LoadU(di, q.data() + i), hn::Set(di, offset));
    all_bits = hn::Or(all_bits, symbol);
    hn::StoreU(hn::DemoteTo(ds, hn::And(symbol, limit)), ds, out.data() + i);
  });
  const bool fits = hn::AllTrue(di, hn::Eq(hn::AndNot(limit, all_bits), hn::Zero(di)));
  return to_symbols_ref(q.subspan(n), offset, out.subspan(n)) && fits;
}

bool symbols_u8(std::span<const std::int32_t> q, std::int32_t offset, std::span<std::uint8_t> out) {
  return symbols_of(q, offset, out);
}
bool symbols_u16(std::span<const std::int32_t> q, std::int32_t offset, std::span<std::uint16_t> out) {
  return symbols_of(q, offset, out);
}

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

HWY_EXPORT(min_max_f32);
HWY_EXPORT(min_max_i32);
HWY_EXPORT(affine_u8);
HWY_EXPORT(affine_u16);
HWY_EXPORT(step_f32);
HWY_EXPORT(step_int_i16);
HWY_EXPORT(step_int_i32);
HWY_EXPORT(symbols_u8);
HWY_EXPORT(symbols_u16);

Range min_max(std::span<const float> x) noexcept { return x.empty() ? Range{} : HWY_DYNAMIC_DISPATCH(min_max_f32)(x); }

IntRange min_max(std::span<const I32> x) noexcept { return HWY_DYNAMIC_DISPATCH(min_max_i32)(x); }

void quantize_affine(std::span<const float> x, float min, float scale, std::span<U8> out) noexcept {
  if (!(scale > 0.0F)) return quantize_affine_ref(x, min, scale, out);
  on_common(x, out, [&](auto in, auto to) { HWY_DYNAMIC_DISPATCH(affine_u8)(in, min, scale, to); });
}

void quantize_affine(std::span<const float> x, float min, float scale, U16 max_level, std::span<U16> out) noexcept {
  if (!(scale > 0.0F)) return quantize_affine_ref(x, min, scale, max_level, out);
  on_common(x, out, [&](auto in, auto to) { HWY_DYNAMIC_DISPATCH(affine_u16)(in, min, scale, max_level, to); });
}

IntRange quantize_step(std::span<const float> x, float step, float rounding, std::span<I32> out) noexcept {
  return on_common(x, out, [&](auto in, auto to) { return HWY_DYNAMIC_DISPATCH(step_f32)(in, step, rounding, to); });
}

template <>
IntRange quantize_step_int(std::span<const I16> x, I32 step, I32 rounding, std::span<I32> out) noexcept {
  return on_common(x, out,
                   [&](auto in, auto to) { return HWY_DYNAMIC_DISPATCH(step_int_i16)(in, step, rounding, to); });
}
template <>
IntRange quantize_step_int(std::span<const I32> x, I32 step, I32 rounding, std::span<I32> out) noexcept {
  return on_common(x, out,
                   [&](auto in, auto to) { return HWY_DYNAMIC_DISPATCH(step_int_i32)(in, step, rounding, to); });
}

template <>
bool to_symbols(std::span<const I32> q, I32 offset, std::span<U8> out) noexcept {
  return on_common(q, out, [&](auto in, auto to) { return HWY_DYNAMIC_DISPATCH(symbols_u8)(in, offset, to); });
}
template <>
bool to_symbols(std::span<const I32> q, I32 offset, std::span<U16> out) noexcept {
  return on_common(q, out, [&](auto in, auto to) { return HWY_DYNAMIC_DISPATCH(symbols_u16)(in, offset, to); });
}

}  // namespace vaerans::kernels
#endif
