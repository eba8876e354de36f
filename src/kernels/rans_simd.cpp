// The entropy coder's loops over vectors of lanes: 8 states at a time with AVX-512, 4 with AVX2, 2 with SSE4 and NEON.
//
// Look-ups are done one by one: hardware gathers are slower on most CPUs than loading entries and pairing them up. All
// else is the same few instructions for all lanes, and the moving of units is a shuffle by a table indexed by mask.
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/rans_state.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rans_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef VAERANS_KERNELS_RANS_SHUFFLES
#define VAERANS_KERNELS_RANS_SHUFFLES
namespace vaerans::kernels::rans {

// Byte shuffles of 8 units for each set of lanes. expand: unit number k to the k-th lane of the set, zeros to the others.
// compact: the units of the set's lanes to the end of the 8, in their order.
struct Shuffles {
  alignas(64) std::array<std::array<std::uint8_t, 16>, 256> expand{};
  alignas(64) std::array<std::array<std::uint8_t, 16>, 256> compact{};

  constexpr Shuffles() {
    constexpr std::uint8_t zero = 0x80;
    for (std::size_t set = 0; set < 256; ++set) {
      compact[set].fill(zero);
      std::size_t units = 0;
      std::size_t at = kUnitsAtOnce - static_cast<std::size_t>(std::popcount(set));
      for (std::size_t lane = 0; lane < kUnitsAtOnce; ++lane) {
        const bool member = (set >> lane & 1U) != 0;
        for (std::size_t byte = 0; byte < 2; ++byte) {
          expand[set][2 * lane + byte] = member ? static_cast<std::uint8_t>(2 * units + byte) : zero;
          if (member) compact[set][2 * at + byte] = static_cast<std::uint8_t>(2 * lane + byte);
        }
        units += member ? 1U : 0U;
        at += member ? 1U : 0U;
      }
    }
  }
};
inline constexpr Shuffles kShuffles;

}  // namespace vaerans::kernels::rans
#endif

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::rans {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::uint64_t, 8>;  // states
using V = hn::Vec<D>;
using Signed = hn::RebindToSigned<D>;
using Double = hn::RebindToFloat<D>;
using Narrow = hn::RepartitionToNarrow<D>;
using Units = hn::Rebind<std::uint16_t, D>;
using EightUnits = hn::CappedTag<std::uint16_t, 8>;
using Bytes = hn::CappedTag<std::uint8_t, 16>;
using Pair = hn::CappedTag<std::uint64_t, 2>;

#if HWY_HAVE_SCALABLE || HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
constexpr std::size_t kWidth = 0;  // no vectors of a known size: all symbols go one by one
#else
constexpr std::size_t kWidth = hn::MaxLanes(D());

HWY_INLINE V multiply_low_halves(V a, V b) {
  const Narrow narrow;
  return hn::MulEven(hn::BitCast(narrow, a), hn::BitCast(narrow, b));
}

HWY_INLINE std::size_t bits_of(Signed d, hn::Mask<Signed> mask) {
  std::uint8_t bits[8];
  hn::StoreMaskBits(d, mask, bits);
  return bits[0];
}

HWY_INLINE V shift_where(hn::Mask<Signed> mask, V shifted, V x) {
  return hn::IfThenElse(hn::RebindMask(D(), mask), shifted, x);
}

// Joins N/2 vectors block(0), block(2) ... of 128 bits (every other one, from `first` on).
template <std::size_t N, class Block>
HWY_INLINE auto join(Block block, std::size_t first, std::size_t step) {
  if constexpr (N == 2) {
    return block(first);
  } else {
    const hn::CappedTag<std::uint64_t, N> d;
    return hn::Combine(d, join<N / 2>(block, first + step * N / 4, step), join<N / 2>(block, first, step));
  }
}

// ---- encoder ---------------------------------------------------------------------------------------------------

// Codes kWidth symbols, one in each lane of x. `seen` gathers the complements, to find symbols without a slot.
template <class Symbol>
HWY_INLINE V put_vector(V x, const Symbol* HWY_RESTRICT symbols, std::span<const EncodeTable::Entry> entries, V& seen,
                        UnitStack& units) {
  const D d;
  const Signed di;
  const Double df;
  const auto entry = [&](std::size_t i) {
    return hn::LoadU(Pair(), reinterpret_cast<const std::uint64_t*>(&entry_of(entries, symbols[i])));
  };
  const V even = join<kWidth>(entry, 0, 2);
  const V odd = join<kWidth>(entry, 1, 2);
  const V reciprocal = hn::InterleaveLower(d, even, odd);
  const V complement = hn::InterleaveUpper(d, even, odd);  // and the start, in the high halves
  seen = hn::Or(seen, complement);

  const V last = hn::Sub(hn::Set(d, kHigh - 1), hn::ShiftLeft<32>(complement));  // freq * 2^32 - 1
  const auto full = hn::Gt(hn::BitCast(di, x), hn::BitCast(di, last));
  const auto moved = hn::Load(Bytes(), kShuffles.compact[bits_of(di, full)].data());
  const auto packed = hn::TableLookupBytes(hn::TruncateTo(Units(), x), moved);
  hn::StoreU(packed, Bytes(), reinterpret_cast<std::uint8_t*>(units.top()) - kUnitsAtOnce * kUnitBytes);
  units.take(hn::CountTrue(di, full));
  x = shift_where(full, hn::ShiftRight<16>(x), x);

  // 2^52 + x, as a double, has the integer x in its low bits, for x < 2^52. Adding 2^52 - 1/2 rounds the quotient down.
  const V exponent = hn::BitCast(d, hn::Set(df, 0x1p52));
  const auto value = hn::Sub(hn::BitCast(df, hn::Or(x, exponent)), hn::Set(df, 0x1p52));
  const auto quotient = hn::Add(hn::Mul(value, hn::BitCast(df, reciprocal)), hn::Set(df, 0x1p52 - 0.5));
  const V grown = multiply_low_halves(hn::BitCast(d, quotient), complement);
  return hn::Add(hn::Add(x, hn::ShiftRight<32>(complement)), grown);
}

// ---- decoder ---------------------------------------------------------------------------------------------------

// The lanes as numbers below 2^16, through general registers: a store that is read back in pieces takes longer.
template <std::size_t N>
struct Slots {
  std::array<std::uint32_t, N> pairs{};  // two lanes in each, unless there are only two

  HWY_INLINE explicit Slots(V slots) {
    if constexpr (N == 2) {
      pairs = {static_cast<std::uint32_t>(hn::GetLane(slots)), static_cast<std::uint32_t>(hn::ExtractLane(slots, 1))};
    } else {
      const hn::CappedTag<std::uint64_t, N / 4> d;
      const auto packed = hn::BitCast(d, hn::TruncateTo(Units(), slots));
      for (std::size_t k = 0; k < N / 4; ++k) {
        const std::uint64_t four = k == 0 ? hn::GetLane(packed) : hn::ExtractLane(packed, k);
        pairs[2 * k] = static_cast<std::uint32_t>(four & 0xFFFFFFFFU);
        pairs[2 * k + 1] = static_cast<std::uint32_t>(four >> 32U);
      }
    }
  }
  HWY_INLINE std::size_t operator[](std::size_t i) const {
    if constexpr (N == 2) return pairs[i];
    return i % 2 == 0 ? pairs[i / 2] & 0xFFFFU : pairs[i / 2] >> 16U;
  }
};

// Entries of the symbols that own these slots.
template <class Slot>
HWY_INLINE V look_up(const Slots<kWidth>& slots, const Slot* HWY_RESTRICT symbol_of_slot,
                     const DecodeTable::Entry* HWY_RESTRICT entries) {
  const auto entry = [&](std::size_t i) {
    return hn::LoadU(Pair(), reinterpret_cast<const std::uint64_t*>(entries + symbol_of_slot[slots[i]]));
  };
  const auto pair = [&](std::size_t i) { return hn::InterleaveLower(Pair(), entry(i), entry(i + 1)); };
  return join<kWidth>(pair, 0, 2);
}

HWY_INLINE void store_symbols(V entries, std::uint8_t* HWY_RESTRICT out) {
  const hn::Rebind<std::uint8_t, D> d;
  hn::StoreU(hn::TruncateTo(d, hn::ShiftRight<48>(entries)), d, out);
}
HWY_INLINE void store_symbols(V entries, std::uint16_t* HWY_RESTRICT out) {
  hn::StoreU(hn::TruncateTo(Units(), hn::ShiftRight<48>(entries)), Units(), out);
}

// Decodes kWidth symbols, one from each lane of x. units.refill() was called.
template <class Slot, class Symbol>
HWY_INLINE V get_vector(V x, const Slot* HWY_RESTRICT symbol_of_slot, const DecodeTable::Entry* HWY_RESTRICT entries,
                        int shift, Symbol* HWY_RESTRICT out, UnitReader& units) {
  const D d;
  const Signed di;
  const hn::Rebind<std::uint8_t, hn::Repartition<std::uint8_t, Units>> index;
  const V slot = hn::And(x, hn::Set(d, kScale - 1));
  const V entry = look_up(Slots<kWidth>(hn::ShiftRightSame(slot, shift)), symbol_of_slot, entries);
  store_symbols(entry, out);
  const V start = hn::And(hn::ShiftRight<32>(entry), hn::Set(d, 0xFFFF));
  x = hn::Add(multiply_low_halves(hn::ShiftRight<16>(x), entry), hn::Sub(slot, start));

  const auto low = hn::Lt(hn::BitCast(di, x), hn::Set(di, static_cast<std::int64_t>(kLow)));
  const auto next = hn::LoadU(Bytes(), reinterpret_cast<const std::uint8_t*>(units.top()));
  const auto spread = hn::TableLookupBytesOr0(next, hn::Load(index, kShuffles.expand[bits_of(di, low)].data()));
  units.take(hn::CountTrue(di, low));
  const hn::Rebind<std::uint32_t, D> half;
  const V added = hn::PromoteTo(d, hn::PromoteTo(half, hn::BitCast(Units(), spread)));
  return hn::Or(shift_where(low, hn::ShiftLeft<16>(x), x), added);
}
#endif

template <class Symbol>
Status PutSegment(States& states, std::size_t lanes, std::size_t first, const EncodeSegment<Symbol>& segment,
                  UnitStack& units) {
  const auto entries = segment.table->entries();
  const Symbol* const symbols = segment.symbols.data();
  std::size_t i = segment.symbols.size();
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kWidth != 0) {
    const D d;
    // One by one to where a vector begins, then vectors.
    for (; i > 0 && (first + i) % kWidth != 0; --i) {
      const Status status = put(states.x[(first + i - 1) % lanes], entry_of(entries, symbols[i - 1]), units);
      if (status != Status::ok) return status;
    }
    V seen = hn::Zero(d);
    std::size_t lane = (first + i) % lanes;
    for (; i >= kWidth && units.has_room(); i -= kWidth) {
      lane = (lane == 0 ? lanes : lane) - kWidth;
      std::uint64_t* const x = states.x.data() + lane;
      hn::Store(put_vector(hn::Load(d, x), symbols + i - kWidth, entries, seen, units), d, x);
    }
    const V missing = hn::And(seen, hn::Set(d, kScale));
    if (!hn::AllTrue(d, hn::Eq(missing, hn::Zero(d)))) return Status::bad_symbol;
  }
#endif
  for (; i > 0; --i) {
    const Status status = put(states.x[(first + i - 1) % lanes], entry_of(entries, symbols[i - 1]), units);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

template <class Slot, class Symbol>
Status GetSegment(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<Symbol>& segment,
                  const Slot* symbol_of_slot, UnitReader& units) {
  const DecodeTable& table = *segment.table;
  Symbol* const out = segment.symbols.data();
  const std::size_t n = segment.symbols.size();
  std::size_t i = 0;
  const auto get_until = [&](std::size_t end) {
    for (; i < end; ++i) {
      if (!get(states.x[(first + i) % lanes], symbol_of_slot, table, out[i], units, false)) return false;
    }
    return true;
  };
#if HWY_TARGET != HWY_SCALAR
  if constexpr (kWidth != 0) {
    const D d;
    const int shift = static_cast<int>(kScaleBits - table.precision_bits());
    const DecodeTable::Entry* const entries = table.entries().data();
    if (!get_until(std::min(n, (kWidth - first % kWidth) % kWidth))) return Status::truncated;
    std::size_t lane = (first + i) % lanes;
    for (; i + kWidth <= n; i += kWidth) {
      if (!units.refill()) return Status::truncated;
      std::uint64_t* const x = states.x.data() + lane;
      hn::Store(get_vector(hn::Load(d, x), symbol_of_slot, entries, shift, out + i, units), d, x);
      lane = (lane + kWidth) % lanes;
    }
  }
#endif
  return get_until(n) ? Status::ok : Status::truncated;
}

Status PutBytes(States& states, std::size_t lanes, std::size_t first, const EncodeSegment<std::uint8_t>& segment,
                UnitStack& units) {
  return PutSegment(states, lanes, first, segment, units);
}
Status PutWide(States& states, std::size_t lanes, std::size_t first, const EncodeSegment<std::uint16_t>& segment,
               UnitStack& units) {
  return PutSegment(states, lanes, first, segment, units);
}

template <class Symbol>
Status GetAny(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<Symbol>& segment,
              UnitReader& units) {
  const auto narrow = segment.table->narrow_symbols();
  if (!narrow.empty()) return GetSegment(states, lanes, first, segment, narrow.data(), units);
  return GetSegment(states, lanes, first, segment, segment.table->wide_symbols().data(), units);
}
Status GetBytes(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<std::uint8_t>& segment,
                UnitReader& units) {
  return GetAny(states, lanes, first, segment, units);
}
Status GetWide(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<std::uint16_t>& segment,
               UnitReader& units) {
  return GetAny(states, lanes, first, segment, units);
}

}  // namespace HWY_NAMESPACE
}  // namespace vaerans::kernels::rans
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::rans {

HWY_EXPORT(PutBytes);
HWY_EXPORT(PutWide);
HWY_EXPORT(GetBytes);
HWY_EXPORT(GetWide);

template <>
Status put_segment_simd(States& states, std::size_t lanes, std::size_t first,
                        const EncodeSegment<std::uint8_t>& segment, UnitStack& units) noexcept {
  return HWY_DYNAMIC_DISPATCH(PutBytes)(states, lanes, first, segment, units);
}
template <>
Status put_segment_simd(States& states, std::size_t lanes, std::size_t first,
                        const EncodeSegment<std::uint16_t>& segment, UnitStack& units) noexcept {
  return HWY_DYNAMIC_DISPATCH(PutWide)(states, lanes, first, segment, units);
}
template <>
Status get_segment_simd(States& states, std::size_t lanes, std::size_t first,
                        const DecodeSegment<std::uint8_t>& segment, UnitReader& units) noexcept {
  return HWY_DYNAMIC_DISPATCH(GetBytes)(states, lanes, first, segment, units);
}
template <>
Status get_segment_simd(States& states, std::size_t lanes, std::size_t first,
                        const DecodeSegment<std::uint16_t>& segment, UnitReader& units) noexcept {
  return HWY_DYNAMIC_DISPATCH(GetWide)(states, lanes, first, segment, units);
}

}  // namespace vaerans::kernels::rans
#endif
