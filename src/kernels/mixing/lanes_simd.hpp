// Eight 32-bit integers in one vector, or in two where vectors hold four; lanes_ref.hpp says what the functions do.
// Included once per instruction set, after <hwy/highway.h>.
#if defined(VAERANS_KERNELS_MIXING_LANES_SIMD) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_MIXING_LANES_SIMD
#undef VAERANS_KERNELS_MIXING_LANES_SIMD
#else
#define VAERANS_KERNELS_MIXING_LANES_SIMD
#endif

#include <cstdint>

#include "kernels/mixing/lanes_ref.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
using LanesSimd = LanesRef;
#else

namespace mixing_lanes {
namespace hn = hwy::HWY_NAMESPACE;

using Quad = hn::FixedTag<std::int32_t, 4>;
using QuadVec = hn::Vec<Quad>;

// Two integers as the halves of a 64-bit one, so that four become a vector without a detour over memory.
HWY_INLINE std::uint64_t pair(std::int32_t low, std::int32_t high) {
  return static_cast<std::uint32_t>(low) | std::uint64_t{static_cast<std::uint32_t>(high)} << 32U;
}
HWY_INLINE QuadVec quad(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d) {
  const hn::FixedTag<std::uint64_t, 2> d64;
  return hn::BitCast(Quad(), hn::InterleaveLower(d64, hn::Set(d64, pair(a, b)), hn::Set(d64, pair(c, d))));
}

// Functions that are the same on one vector of eight and on each of two of four.
template <class D>
struct Common {
  using Vec = hn::Vec<D>;
  static HWY_INLINE Vec add(Vec a, Vec b) { return hn::Add(a, b); }
  static HWY_INLINE Vec sub(Vec a, Vec b) { return hn::Sub(a, b); }
  static HWY_INLINE Vec mul(Vec a, Vec b) { return hn::Mul(a, b); }
  static HWY_INLINE Vec mul_short(Vec a, Vec b) {
#if HWY_ARCH_X86  // the sum of both halves' products; those of the upper halves are 0
    const hn::RepartitionToNarrow<D> shorts;
    Vec rest = hn::Zero(D());
    return hn::ReorderWidenMulAccumulate(D(), hn::BitCast(shorts, a), hn::BitCast(shorts, b), hn::Zero(D()), rest);
#else
    return hn::Mul(a, b);
#endif
  }
  static HWY_INLINE Vec min(Vec a, Vec b) { return hn::Min(a, b); }
  static HWY_INLINE Vec max(Vec a, Vec b) { return hn::Max(a, b); }
  static HWY_INLINE Vec abs(Vec a) { return hn::Abs(a); }
  template <int n>
  static HWY_INLINE Vec shl(Vec a) {
    return hn::ShiftLeft<n>(a);
  }
  template <int n>
  static HWY_INLINE Vec shr(Vec a) {
    return hn::ShiftRight<n>(a);
  }
  static HWY_INLINE Vec shr_by(Vec a, int n) { return hn::ShiftRightSame(a, n); }
  static HWY_INLINE Vec float_bits(Vec a) { return hn::BitCast(D(), hn::ConvertTo(hn::Rebind<float, D>(), a)); }
  static HWY_INLINE std::int32_t sum(Vec a) { return hn::GetLane(hn::SumOfLanes(D(), a)); }
  static HWY_INLINE std::int64_t dot(Vec a, Vec b) {
    const hn::RepartitionToWide<D> wide;
    const auto odd = [&](Vec v) { return hn::BitCast(D(), hn::ShiftRight<32>(hn::BitCast(wide, v))); };
    return hn::GetLane(hn::SumOfLanes(wide, hn::Add(hn::MulEven(a, b), hn::MulEven(odd(a), odd(b)))));
  }
  // Loads that need no gather instruction: those are slow on CPUs of every maker, some by a microcode update.
  static HWY_INLINE void indices(Vec index, std::int32_t* out) { hn::StoreU(index, D(), out); }
};

}  // namespace mixing_lanes

#if HWY_MAX_BYTES >= 32

struct LanesSimd : mixing_lanes::Common<hwy::HWY_NAMESPACE::FixedTag<std::int32_t, 8>> {
  using D = hwy::HWY_NAMESPACE::FixedTag<std::int32_t, 8>;
  using Quad = mixing_lanes::Quad;
  using Lanes = Vec;

  static HWY_INLINE Lanes set(std::int32_t v) { return hwy::HWY_NAMESPACE::Set(D(), v); }
  static HWY_INLINE Lanes of(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d, std::int32_t e,
                             std::int32_t f, std::int32_t g, std::int32_t h) {
    return hwy::HWY_NAMESPACE::Combine(D(), mixing_lanes::quad(e, f, g, h), mixing_lanes::quad(a, b, c, d));
  }
  static HWY_INLINE Lanes load(const std::int32_t* p) { return hwy::HWY_NAMESPACE::LoadU(D(), p); }
  static HWY_INLINE Lanes load_halves(const std::int32_t* p, const std::int32_t* q) {
    namespace hn = hwy::HWY_NAMESPACE;
    return hn::Combine(D(), hn::LoadU(Quad(), q), hn::LoadU(Quad(), p));
  }
  static HWY_INLINE void store(Lanes v, std::int32_t* p) { hwy::HWY_NAMESPACE::StoreU(v, D(), p); }
  static HWY_INLINE Lanes gather(const std::int32_t* table, Lanes index) {
    std::int32_t i[8];
    indices(index, i);
    return of(table[i[0]], table[i[1]], table[i[2]], table[i[3]], table[i[4]], table[i[5]], table[i[6]], table[i[7]]);
  }
};

#else

struct LanesSimd {
  using Half = mixing_lanes::Common<mixing_lanes::Quad>;
  using Quad = mixing_lanes::Quad;
  struct Lanes {
    Half::Vec low, high;
  };

  static HWY_INLINE Lanes set(std::int32_t v) {
    const auto x = hwy::HWY_NAMESPACE::Set(Quad(), v);
    return {x, x};
  }
  static HWY_INLINE Lanes of(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d, std::int32_t e,
                             std::int32_t f, std::int32_t g, std::int32_t h) {
    return {mixing_lanes::quad(a, b, c, d), mixing_lanes::quad(e, f, g, h)};
  }
  static HWY_INLINE Lanes load(const std::int32_t* p) { return load_halves(p, p + 4); }
  static HWY_INLINE Lanes load_halves(const std::int32_t* p, const std::int32_t* q) {
    return {hwy::HWY_NAMESPACE::LoadU(Quad(), p), hwy::HWY_NAMESPACE::LoadU(Quad(), q)};
  }
  static HWY_INLINE void store(Lanes v, std::int32_t* p) {
    hwy::HWY_NAMESPACE::StoreU(v.low, Quad(), p);
    hwy::HWY_NAMESPACE::StoreU(v.high, Quad(), p + 4);
  }
  static HWY_INLINE Lanes add(Lanes a, Lanes b) { return {Half::add(a.low, b.low), Half::add(a.high, b.high)}; }
  static HWY_INLINE Lanes sub(Lanes a, Lanes b) { return {Half::sub(a.low, b.low), Half::sub(a.high, b.high)}; }
  static HWY_INLINE Lanes mul(Lanes a, Lanes b) { return {Half::mul(a.low, b.low), Half::mul(a.high, b.high)}; }
  static HWY_INLINE Lanes mul_short(Lanes a, Lanes b) {
    return {Half::mul_short(a.low, b.low), Half::mul_short(a.high, b.high)};
  }
  static HWY_INLINE Lanes min(Lanes a, Lanes b) { return {Half::min(a.low, b.low), Half::min(a.high, b.high)}; }
  static HWY_INLINE Lanes max(Lanes a, Lanes b) { return {Half::max(a.low, b.low), Half::max(a.high, b.high)}; }
  static HWY_INLINE Lanes abs(Lanes a) { return {Half::abs(a.low), Half::abs(a.high)}; }
  template <int n>
  static HWY_INLINE Lanes shl(Lanes a) {
    return {Half::shl<n>(a.low), Half::shl<n>(a.high)};
  }
  template <int n>
  static HWY_INLINE Lanes shr(Lanes a) {
    return {Half::shr<n>(a.low), Half::shr<n>(a.high)};
  }
  static HWY_INLINE Lanes shr_by(Lanes a, int n) { return {Half::shr_by(a.low, n), Half::shr_by(a.high, n)}; }
  static HWY_INLINE Lanes float_bits(Lanes a) { return {Half::float_bits(a.low), Half::float_bits(a.high)}; }
  static HWY_INLINE std::int64_t dot(Lanes a, Lanes b) { return Half::dot(a.low, b.low) + Half::dot(a.high, b.high); }
  static HWY_INLINE std::int32_t sum(Lanes a) { return Half::sum(Half::add(a.low, a.high)); }
  static HWY_INLINE Lanes gather(const std::int32_t* table, Lanes index) {
    std::int32_t i[8];
    store(index, i);
    return of(table[i[0]], table[i[1]], table[i[2]], table[i[3]], table[i[4]], table[i[5]], table[i[6]], table[i[7]]);
  }
};

#endif
#endif

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
