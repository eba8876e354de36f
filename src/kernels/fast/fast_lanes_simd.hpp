// fast_lanes_ref.hpp on vectors. Included once per instruction set, after <hwy/highway.h>.
#if defined(VAERANS_KERNELS_FAST_LANES_SIMD) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_FAST_LANES_SIMD
#undef VAERANS_KERNELS_FAST_LANES_SIMD
#else
#define VAERANS_KERNELS_FAST_LANES_SIMD
#endif

#include <cstddef>
#include <cstdint>

#include "kernels/fast/fast_lanes_ref.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR
using FastLanesSimd = FastLanesRef;
#else

namespace fast_lanes {
namespace hn = hwy::HWY_NAMESPACE;

using D8 = hn::FixedTag<std::int16_t, 8>;
using D4 = hn::FixedTag<std::int16_t, 4>;
using Quad = hn::FixedTag<std::int32_t, 4>;
// Taps: 16 side by side where vectors hold as many.
using D = hn::CappedTag<std::int16_t, 16>;
using Sums = hn::RepartitionToWide<D>;
using V = hn::Vec<D>;
constexpr std::size_t kVectors = 32 / hn::MaxLanes(D());

#if HWY_MAX_BYTES >= 32
HWY_INLINE V both(hn::Vec<D8> low, hn::Vec<D8> high) { return hn::Combine(D(), high, low); }
HWY_INLINE V everywhere(hn::Vec<D8> v) { return both(v, v); }
HWY_INLINE hn::Vec<Quad> folded(hn::Vec<Sums> v) { return hn::Add(hn::LowerHalf(Quad(), v), hn::UpperHalf(Quad(), v)); }
#else
HWY_INLINE V everywhere(hn::Vec<D8> v) { return v; }
HWY_INLINE hn::Vec<Quad> folded(hn::Vec<Sums> v) { return v; }
#endif

}  // namespace fast_lanes

struct FastLanesSimd {
  using Eight = fast_lanes::hn::Vec<fast_lanes::D8>;
  using Four = fast_lanes::hn::Vec<fast_lanes::D4>;
  struct Taps {
    fast_lanes::V part[fast_lanes::kVectors];
  };

  static HWY_INLINE Eight load(const std::int16_t* p) { return fast_lanes::hn::LoadU(fast_lanes::D8(), p); }
  static HWY_INLINE Eight less(const std::int16_t* p, int base) {
    return fast_lanes::hn::Sub(load(p), fast_lanes::hn::Set(fast_lanes::D8(), static_cast<std::int16_t>(base)));
  }
  static HWY_INLINE Eight less(const std::int16_t* p, int from_p, const std::int16_t* q, int from_q) {
    using namespace fast_lanes;
    const auto low = hn::Sub(hn::LoadU(D4(), p), hn::Set(D4(), static_cast<std::int16_t>(from_p)));
    const auto high = hn::Sub(hn::LoadU(D4(), q), hn::Set(D4(), static_cast<std::int16_t>(from_q)));
    return hn::Combine(D8(), high, low);
  }
  static HWY_INLINE Taps taps(Eight a, Eight b, Eight c, Eight d) {
#if HWY_MAX_BYTES >= 32
    return {{fast_lanes::both(a, b), fast_lanes::both(c, d)}};
#else
    return {{a, b, c, d}};
#endif
  }

  static HWY_INLINE Four opinions(const Taps& fast, const Taps& slow, const Taps& taps, int third, int fourth,
                                  int& power) {
    using namespace fast_lanes;
    const auto f = dot(fast, taps), s = dot(slow, taps), p = dot(taps, taps);
    // Sums of pairs of lanes: f f s s, then f s.
    const auto fs = hn::Add(hn::InterleaveLower(Quad(), f, s), hn::InterleaveUpper(Quad(), f, s));
    const hn::Repartition<std::int64_t, Quad> d64;
    const auto linear = hn::ShiftRight<8>(hn::Add(fs, hn::Shuffle1032(fs)));
    power = hn::GetLane(hn::SumOfLanes(Quad(), p));
    const auto low = std::uint64_t{static_cast<std::uint32_t>(third)};
    const auto high = std::uint64_t{static_cast<std::uint32_t>(fourth)};
    const auto others = hn::Set(d64, static_cast<std::int64_t>(low | high << 32U));
    return hn::DemoteTo(D4(), hn::BitCast(Quad(), hn::InterleaveLower(d64, hn::BitCast(d64, linear), others)));
  }
  static HWY_INLINE Eight sum_errors(const std::int16_t* north, const std::int16_t* west) {
    namespace hn = fast_lanes::hn;
    const Eight near = hn::Add(load(north), load(west));
    const Eight above = hn::Add(load(north - 8), load(north + 8)), far = hn::Add(load(west - 8), load(north + 16));
    return hn::ShiftRight<4>(hn::Add(hn::Add(near, near), hn::Add(above, far)));
  }
  static HWY_INLINE int fifth(Eight v) { return fast_lanes::hn::ExtractLane(v, 4); }
  using Blend = FastLanesRef::Blend;
  static HWY_INLINE Blend blend(Four opinions, Eight errors) {
    using namespace fast_lanes;
    const hn::RebindToFloat<Quad> df;
    const auto far = hn::Add(hn::PromoteTo(Quad(), hn::LowerHalf(D4(), errors)), hn::Set(Quad(), 16));
    const hn::RebindToUnsigned<Quad> du;
    const auto bits = hn::BitCast(du, hn::ConvertTo(df, hn::Mul(far, far)));
    const auto inverse = hn::BitCast(df, hn::Sub(hn::Set(du, FastLanesRef::kInverse), bits));
    const auto weight = hn::Max(hn::ConvertTo(Quad(), inverse), hn::Set(Quad(), 1));
    const auto moved = hn::Mul(weight, hn::PromoteTo(Quad(), opinions));
    const auto pairs = hn::Add(hn::InterleaveLower(Quad(), moved, weight), hn::InterleaveUpper(Quad(), moved, weight));
    const auto both = hn::Add(pairs, hn::Shuffle1032(pairs));
    const auto bottom = hn::BitCast(Quad(), hn::ConvertTo(df, both));
    return {hn::GetLane(both), static_cast<std::uint32_t>(hn::ExtractLane(bottom, 1))};
  }
  static HWY_INLINE Eight miss(int target, Four opinions, int blend, std::int16_t* errors) {
    using namespace fast_lanes;
    const Eight all = hn::Combine(D8(), hn::Set(D4(), static_cast<std::int16_t>(blend)), opinions);
    const Eight missed = hn::SaturatedSub(hn::Set(D8(), static_cast<std::int16_t>(target)), all);
    const hn::RebindToUnsigned<D8> du;  // the magnitude of -2^15 has no sign
    const auto far = hn::BitCast(du, hn::Abs(missed));
    hn::StoreU(hn::BitCast(D8(), hn::Min(far, hn::Set(du, static_cast<std::uint16_t>(kErrorLimit)))), D8(), errors);
    return missed;
  }
  static HWY_INLINE void learn(Eight missed, int reciprocal, int shift, const Taps& taps, Taps& fast, Taps& slow) {
    using namespace fast_lanes;
    const auto product = hn::Mul(hn::PromoteTo(Quad(), hn::LowerHalf(D4(), missed)), hn::Set(Quad(), reciprocal));
    const auto gains = hn::DemoteTo(D4(), hn::ShiftRightSame(product, shift));
    const Eight gain = hn::Combine(D8(), gains, gains);
    const V by_fast = everywhere(hn::Broadcast<0>(gain));
    const V by_slow = everywhere(hn::Broadcast<1>(hn::ShiftRight<4>(gain)));
    for (std::size_t i = 0; i < kVectors; ++i) {
      const V tap = hn::ShiftLeft<6>(taps.part[i]);
      fast.part[i] = hn::SaturatedAdd(fast.part[i], hn::MulFixedPoint15(tap, by_fast));
      slow.part[i] = hn::SaturatedAdd(slow.part[i], hn::MulFixedPoint15(tap, by_slow));
    }
  }

  static HWY_INLINE int average(const std::array<FastCell*, 3>& cells, int slot, std::uint16_t* out) {
    using namespace fast_lanes;
    const Cells d;
    const hn::RebindToUnsigned<Cells> du;
    const auto part = [&](std::size_t k, std::size_t i) { return hn::BitCast(du, hn::Load(d, cells[k]->data() + i)); };
    const auto behind = hn::SaturatedAdd(hn::Set(d, static_cast<std::int16_t>(slot)), hn::Set(d, 1));
    std::size_t before = 0;
    for (std::size_t i = 0; i < kFastSymbols; i += hn::MaxLanes(d)) {
      const auto v = hn::AverageRound(part(0, i), hn::AverageRound(part(1, i), part(2, i)));
      const auto least = hn::ShiftLeft<2>(hn::Iota(d, static_cast<std::int16_t>(i)));
      const auto start = hn::Add(hn::BitCast(d, hn::Sub(v, hn::ShiftRight<8>(v))), least);
      hn::Store(hn::BitCast(du, start), du, out + i);
      before += hn::CountTrue(d, hn::Gt(behind, start));
    }
    return static_cast<int>(before) - 1;
  }
  static HWY_INLINE void move(const std::array<FastCell*, 3>& cells, const std::int16_t* target,
                              const std::array<int, 3>& rates) {
    using namespace fast_lanes;
    const Cells d;
    for (std::size_t i = 0; i < kFastSymbols; i += hn::MaxLanes(d)) {
      const auto aim = hn::LoadU(d, target + i);
      for (std::size_t k = 0; k < cells.size(); ++k) {
        const auto v = hn::Load(d, cells[k]->data() + i);
        hn::Store(hn::Add(v, hn::ShiftRightSame(hn::Sub(aim, v), rates[k])), d, cells[k]->data() + i);
      }
    }
  }

 private:
  using Cells = fast_lanes::hn::CappedTag<std::int16_t, kFastSymbols>;

  static HWY_INLINE fast_lanes::hn::Vec<fast_lanes::Quad> dot(const Taps& a, const Taps& b) {
    using namespace fast_lanes;
    auto sum = hn::Zero(Sums()), other = hn::Zero(Sums());
    for (std::size_t i = 0; i < kVectors; ++i)
      sum = hn::ReorderWidenMulAccumulate(Sums(), a.part[i], b.part[i], sum, other);
    return folded(hn::Add(sum, other));
  }
};

#endif

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
