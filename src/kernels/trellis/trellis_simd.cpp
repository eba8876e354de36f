// The trellises in vectors: 64 lanes of bytes going forward, costs of 16 bits in the search. What has no vectors of a
// known size, and the last numbers of a stream, go one by one.
#include <utility>

#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/trellis/trellis_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/trellis/trellis_each.hpp"

#ifndef VAERANS_KERNELS_TRELLIS_TABLES
#define VAERANS_KERNELS_TRELLIS_TABLES
namespace vaerans::kernels::trellis {

// Look-ups of a byte in 16, one for each instruction.
struct Tables {
  alignas(16) std::array<std::uint8_t, 16> next{};    // by state * 2 + parity
  alignas(16) std::array<std::uint8_t, 16> before{};  // by state + 8 * second way
  alignas(16) std::array<std::uint8_t, 16> subset{};  // likewise: of the number in between
  alignas(16) std::array<std::uint8_t, 16> bit{};     // 1 << state

  constexpr Tables() {
    for (std::size_t i = 0; i < 16; ++i) {
      const std::size_t way = kWays.into[i % kTrellisStates][i / kTrellisStates];
      next[i] = kTrellisNext[i / 2][i % 2];
      before[i] = static_cast<std::uint8_t>(way / 2);
      subset[i] = subset_of(way / 2, way % 2);
      bit[i] = static_cast<std::uint8_t>(1U << i % kTrellisStates);
    }
  }
};
inline constexpr Tables kTables;

using LastCosts = std::array<std::array<std::int16_t, kTrellisLanes>, kTrellisStates>;

}  // namespace vaerans::kernels::trellis
#endif

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR
template <class Symbol>
void Follow(std::span<const Symbol> symbols, std::int32_t zero, TrellisStates& states, std::uint16_t* out) {
  follow_trellis_ref(symbols, zero, states, out);
}
void Search(std::span<const float> x, std::span<std::uint8_t>, std::span<std::int32_t> out) {
  search_trellis_ref(x, out);
}
#else

using Bytes = hn::CappedTag<std::uint8_t, kTrellisLanes>;
using HalfBytes = hn::Half<Bytes>;
using Shorts = hn::RepartitionToWide<hn::RebindToSigned<Bytes>>;
using Floats = hn::CappedTag<float, 16>;
using Ints = hn::Rebind<std::int32_t, Floats>;
using B = hn::Vec<Bytes>;
using S = hn::Vec<Shorts>;
using I = hn::Vec<Ints>;
constexpr std::size_t kBytes = hn::MaxLanes(Bytes()), kShorts = hn::MaxLanes(Shorts()), kInts = hn::MaxLanes(Ints());

// Body of a loop over 0 … n - 1 that is written out.
template <std::size_t n, class Body>
HWY_INLINE void repeat(Body body) {
  [&]<std::size_t... i>(std::index_sequence<i...>) { (body(i), ...); }(std::make_index_sequence<n>());
}

// ---- decoder ---------------------------------------------------------------------------------------------------

struct TwoShorts {
  S low, high;
};
HWY_INLINE TwoShorts widen_bytes(B v) {
  return {hn::PromoteTo(Shorts(), hn::LowerHalf(v)), hn::PromoteTo(Shorts(), hn::UpperHalf(HalfBytes(), v))};
}
// The symbols of a vector of lanes as shorts, and as bytes, of which only the lowest bit counts.
HWY_INLINE TwoShorts load_symbols(const std::uint8_t* p, B& bytes) {
  bytes = hn::LoadU(Bytes(), p);
  return widen_bytes(bytes);
}
HWY_INLINE TwoShorts load_symbols(const std::uint16_t* p, B& bytes) {
  const hn::RebindToUnsigned<Shorts> d;
  const auto low = hn::LoadU(d, p), high = hn::LoadU(d, p + kShorts);
  bytes = hn::Combine(Bytes(), hn::TruncateTo(HalfBytes(), high), hn::TruncateTo(HalfBytes(), low));
  return {hn::BitCast(Shorts(), low), hn::BitCast(Shorts(), high)};
}

// u + kMultipleZero of an index and its quantiser, 0 or 1.
HWY_INLINE S multiple_of(S index, S quantizer) {
  const S negative = hn::BroadcastSignBit(index);
  const S odd = hn::IfThenZeroElse(hn::Eq(index, hn::Zero(Shorts())), quantizer);
  const S signed_odd = hn::Sub(hn::Xor(odd, negative), negative);
  return hn::Sub(hn::Add(hn::Add(index, index), hn::Set(Shorts(), kMultipleZero)), signed_odd);
}

template <class Symbol>
void Follow(std::span<const Symbol> symbols, std::int32_t zero, TrellisStates& states, std::uint16_t* out) {
  constexpr std::size_t kVectors = kTrellisLanes / kBytes;
  const B next = hn::LoadDup128(Bytes(), trellis::kTables.next.data()), one = hn::Set(Bytes(), 1);
  const S zeros = hn::Set(Shorts(), static_cast<std::int16_t>(zero));
  B state[kVectors];
  repeat<kVectors>([&](std::size_t v) { state[v] = hn::Load(Bytes(), states.of.data() + v * kBytes); });
  std::size_t i = 0;
  for (; i + kTrellisLanes <= symbols.size(); i += kTrellisLanes) {
    repeat<kVectors>([&](std::size_t v) {
      B bytes;
      const TwoShorts s = load_symbols(symbols.data() + i + v * kBytes, bytes);
      const TwoShorts quantizer = widen_bytes(hn::And(state[v], one));
      state[v] = hn::TableLookupBytes(next, hn::Or(hn::Add(state[v], state[v]), hn::And(bytes, one)));
      auto* const to = reinterpret_cast<std::int16_t*>(out + i + v * kBytes);
      hn::StoreU(multiple_of(hn::Sub(s.low, zeros), quantizer.low), Shorts(), to);
      hn::StoreU(multiple_of(hn::Sub(s.high, zeros), quantizer.high), Shorts(), to + kShorts);
    });
  }
  repeat<kVectors>([&](std::size_t v) { hn::Store(state[v], Bytes(), states.of.data() + v * kBytes); });
  follow_trellis_ref(symbols.subspan(i), zero, states, out + i);
}

// ---- search ----------------------------------------------------------------------------------------------------

struct FoldedInts {
  I periods, place;
};
HWY_INLINE FoldedInts fold(const float* x) {
  const Floats d;
  const auto magnitude = hn::Min(hn::Abs(hn::LoadU(d, x)), hn::Set(d, trellis::kLargest));
  const I periods = hn::ConvertTo(Ints(), hn::Mul(magnitude, hn::Set(d, 0.25F)));
  const auto rest = hn::Sub(magnitude, hn::Mul(hn::ConvertTo(d, periods), hn::Set(d, 4.0F)));
  const auto scaled = hn::Add(hn::Mul(rest, hn::Set(d, static_cast<float>(trellis::kUnit))), hn::Set(d, 0.5F));
  return {periods, hn::ConvertTo(Ints(), scaled)};
}

// The squared distances of a vector of lanes to the four subsets.
struct Distances {
  S of[4];
};
// fold() without the number of periods: 256 is added to the place where there are any.
HWY_INLINE I far_and_place(const float* x) {
  const Floats d;
  const auto magnitude = hn::Min(hn::Abs(hn::LoadU(d, x)), hn::Set(d, trellis::kLargest)), four = hn::Set(d, 4.0F);
  const auto rest = hn::Sub(magnitude, hn::Mul(hn::Floor(hn::Mul(magnitude, hn::Set(d, 0.25F))), four));
  const auto scaled = hn::Add(hn::Mul(rest, hn::Set(d, static_cast<float>(trellis::kUnit))), hn::Set(d, 0.5F));
  // In a float of 2^23 and more the lowest bits are a whole number.
  const auto far = hn::IfThenElse(hn::Ge(magnitude, four), hn::Set(d, 0x1p23F + 256), hn::Set(d, 0x1p23F));
  return hn::And(hn::BitCast(Ints(), hn::Add(hn::Floor(scaled), far)), hn::Set(Ints(), 511));
}
HWY_INLINE Distances distances(const float* x) {
  const Shorts d;
  constexpr auto kUnit = static_cast<std::int16_t>(trellis::kUnit), kPeriod = static_cast<std::int16_t>(4 * kUnit);
  const hn::Half<Shorts> half;
  const S both = hn::Combine(d, hn::DemoteTo(half, far_and_place(x + kInts)), hn::DemoteTo(half, far_and_place(x)));
  const S place = hn::And(both, hn::Set(d, 255));
  const S below = hn::ShiftRight<3>(hn::And(both, hn::Set(d, 256)));  // a step, or none near zero
  const auto inside = [&](int subset) {
    return hn::Abs(hn::Sub(place, hn::Set(d, static_cast<std::int16_t>(subset * kUnit))));
  };
  const auto above = [&](int end) { return hn::Sub(hn::Set(d, static_cast<std::int16_t>(end)), place); };
  const auto square = [](S v) { return hn::Mul(v, v); };
  return {{square(hn::Min(place, above(kPeriod))), square(hn::Min(inside(1), above(kPeriod + kUnit))),
           square(inside(2)), square(hn::Min(inside(3), hn::Add(place, below)))}};
}

// One number further: `costs` are those of the best ways into each state. Returns which of the two ways each took.
HWY_INLINE S advance(S* HWY_RESTRICT costs, const Distances& d) {
  S next[kTrellisStates];
  S taken = hn::Zero(Shorts());
  repeat<kTrellisStates>([&](std::size_t state) {
    const auto cost = [&](std::size_t which) {
      const std::size_t way = trellis::kWays.into[state][which];
      return hn::Add(costs[way / 2], d.of[trellis::subset_of(way / 2, way % 2)]);
    };
    const S first = cost(0), second = cost(1);
    const S bit = hn::Set(Shorts(), static_cast<std::int16_t>(1U << state));
    taken = hn::Or(taken, hn::IfThenElseZero(hn::Lt(second, first), bit));
    next[state] = hn::Min(first, second);
  });
  repeat<kTrellisStates>([&](std::size_t state) { costs[state] = next[state]; });
  return taken;
}

HWY_INLINE void settle(S* HWY_RESTRICT costs) {
  S least = costs[0];
  repeat<kTrellisStates>([&](std::size_t state) { least = hn::Min(least, costs[state]); });
  repeat<kTrellisStates>([&](std::size_t state) { costs[state] = hn::Sub(costs[state], least); });
}

// All numbers of a vector of lanes, the first of which is `lane`.
HWY_INLINE void search_lanes(std::span<const float> x, std::size_t lane, std::uint8_t* HWY_RESTRICT taken,
                             trellis::LastCosts& last) {
  S costs[kTrellisStates];
  repeat<kTrellisStates>([&](std::size_t state) {
    costs[state] = hn::Set(Shorts(), static_cast<std::int16_t>(state == 0 ? 0 : trellis::kEarly));
  });
  std::size_t until = trellis::kSettle;
  for (std::size_t i = lane; i < x.size(); i += kTrellisLanes) {
    const S ways = advance(costs, distances(x.data() + i));
    const hn::Rebind<std::uint8_t, Shorts> narrow;
    hn::StoreU(hn::DemoteTo(narrow, ways), narrow, taken + i);
    if (--until != 0) continue;
    settle(costs);
    until = trellis::kSettle;
  }
  repeat<kTrellisStates>([&](std::size_t state) { hn::StoreU(costs[state], Shorts(), last[state].data() + lane); });
}

// From the last states back: the ways that were taken become the subsets of the numbers.
HWY_INLINE void trace(std::span<std::uint8_t> room, const TrellisStates& last) {
  constexpr std::size_t kVectors = kTrellisLanes / kBytes;
  const Bytes d;
  const B before = hn::LoadDup128(d, trellis::kTables.before.data()),
          bit = hn::LoadDup128(d, trellis::kTables.bit.data());
  const B subset = hn::LoadDup128(d, trellis::kTables.subset.data()), eight = hn::Set(d, kTrellisStates);
  B state[kVectors];
  repeat<kVectors>([&](std::size_t v) { state[v] = hn::Load(d, last.of.data() + v * kBytes); });
  for (std::size_t i = room.size(); i != 0;) {
    i -= kTrellisLanes;
    repeat<kVectors>([&](std::size_t v) {
      std::uint8_t* const at = room.data() + i + v * kBytes;
      const B taken = hn::And(hn::LoadU(d, at), hn::TableLookupBytes(bit, state[v]));
      const B way = hn::Or(state[v], hn::IfThenZeroElse(hn::Eq(taken, hn::Zero(d)), eight));
      hn::StoreU(hn::TableLookupBytes(subset, way), d, at);
      state[v] = hn::TableLookupBytes(before, way);
    });
  }
}

// The multiples of the chosen subsets: nearest() of trellis_each.hpp.
HWY_INLINE void place_numbers(std::span<const float> x, const std::uint8_t* HWY_RESTRICT subsets,
                              std::int32_t* HWY_RESTRICT out) {
  const Ints d;
  for (std::size_t i = 0; i < x.size(); i += kInts) {
    const FoldedInts a = fold(x.data() + i);
    const I subset = hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint8_t, Ints>(), subsets + i));
    const I from = hn::Add(hn::Sub(a.place, hn::ShiftLeft<5>(subset)), hn::Set(d, trellis::kPeriod / 2));
    const I u = hn::Add(hn::ShiftLeft<2>(hn::Add(a.periods, hn::ShiftRight<7>(from))), subset);
    const auto near = hn::And(hn::Eq(a.periods, hn::Zero(d)), hn::Eq(subset, hn::Set(d, 3)));
    const auto none = hn::And(near, hn::Lt(a.place, hn::Set(d, 3 * trellis::kUnit / 2)));
    const I magnitude = hn::IfThenZeroElse(none, u);
    const I negative = hn::BroadcastSignBit(hn::BitCast(d, hn::LoadU(Floats(), x.data() + i)));
    hn::StoreU(hn::Sub(hn::Xor(magnitude, negative), negative), d, out + i);
  }
}

void Search(std::span<const float> x, std::span<std::uint8_t> room, std::span<std::int32_t> out) {
  trellis::LastCosts costs;
  for (std::size_t lane = 0; lane < kTrellisLanes; lane += kShorts) search_lanes(x, lane, room.data(), costs);
  TrellisStates last;
  for (std::size_t lane = 0; lane < kTrellisLanes; ++lane) {
    for (std::size_t state = 1; state < kTrellisStates; ++state) {
      if (costs[state][lane] < costs[last.of[lane]][lane]) last.of[lane] = static_cast<std::uint8_t>(state);
    }
  }
  trace(room, last);
  place_numbers(x, room.data(), out.data());
}

#endif

void FollowBytes(std::span<const std::uint8_t> s, std::int32_t zero, TrellisStates& states, std::uint16_t* out) {
  Follow(s, zero, states, out);
}
void FollowShorts(std::span<const std::uint16_t> s, std::int32_t zero, TrellisStates& states, std::uint16_t* out) {
  Follow(s, zero, states, out);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(FollowBytes);
HWY_EXPORT(FollowShorts);
HWY_EXPORT(Search);

template <>
void follow_trellis(std::span<const std::uint8_t> s, std::int32_t zero, TrellisStates& states,
                    std::uint16_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(FollowBytes)(s, zero, states, out);
}
template <>
void follow_trellis(std::span<const std::uint16_t> s, std::int32_t zero, TrellisStates& states,
                    std::uint16_t* out) noexcept {
  HWY_DYNAMIC_DISPATCH(FollowShorts)(s, zero, states, out);
}
void search_trellis(std::span<const float> x, std::span<std::uint8_t> room, std::span<std::int32_t> out) noexcept {
  HWY_DYNAMIC_DISPATCH(Search)(x, room, out);
}

}  // namespace vaerans::kernels
#endif
