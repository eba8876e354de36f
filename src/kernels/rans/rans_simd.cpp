// The entropy coder's loops over vectors of lanes: 8 states at a time with AVX-512, 4 with AVX2, 2 with SSE4 and NEON.
//
// Look-ups are done one by one: hardware gathers are slower on most CPUs than loading entries and blending them. The
// decoder finds its slots in the stored states: moving them from a vector to general registers takes longer. All else
// is the same few instructions for all lanes, and units are moved by shuffles from a table indexed by the set of lanes.
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/rans/rans_state.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rans/rans_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef VAERANS_KERNELS_RANS_SHUFFLES
#define VAERANS_KERNELS_RANS_SHUFFLES
namespace vaerans::kernels::rans {

// Byte shuffles of 8 units for each set of lanes. expand: unit number k to the k-th lane of the set, zeros to the
// others. compact: the units of the set's lanes to the end of the 8, in their order.
struct Shuffles {
  alignas(64) std::array<std::array<std::uint8_t, 16>, 256> expand{};
  alignas(64) std::array<std::array<std::uint8_t, 16>, 256> compact{};

  constexpr Shuffles() {
    constexpr std::uint8_t zero = 0x80;
    for (std::size_t set = 0; set < 256; ++set) {
      compact[set].fill(zero);
      std::size_t units = 0;
      std::size_t at = kUnitsOfVector - static_cast<std::size_t>(std::popcount(set));
      for (std::size_t lane = 0; lane < kUnitsOfVector; ++lane) {
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
namespace vaerans::kernels::rans::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<std::uint64_t, 8>;  // states
using V = hn::Vec<D>;
using Signed = hn::RebindToSigned<D>;
using Double = hn::RebindToFloat<D>;
using Narrow = hn::RepartitionToNarrow<D>;
using Units = hn::Rebind<std::uint16_t, D>;
using Bytes = hn::CappedTag<std::uint8_t, 16>;

// Without vectors of a known size all symbols go one by one.
#undef VAERANS_RANS_VECTORS
#define VAERANS_RANS_VECTORS !(HWY_HAVE_SCALABLE || HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128)
#if VAERANS_RANS_VECTORS

constexpr std::size_t kWidth = hn::MaxLanes(D());
constexpr std::size_t kVectorsAtOnce = 4;  // vectors that the decoder works on together
static_assert(kVectorsAtOnce * kWidth <= kUnitsAtOnce && kWidth <= kUnitsOfVector);

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

// The vector whose 128-bit blocks are those at address(0), address(1) ...
template <class Address>
HWY_INLINE V load_blocks(Address address) {
  const D d;
  V v = hn::LoadDup128(d, address(kWidth / 2 - 1));
  for (std::size_t block = kWidth / 2 - 1; block-- > 0;) {
    v = hn::IfThenElse(hn::FirstN(d, 2 * block + 2), hn::LoadDup128(d, address(block)), v);
  }
  return v;
}

// ---- encoder ---------------------------------------------------------------------------------------------------

// Codes kWidth symbols, one in each lane of x. `seen` gathers the complements, to find symbols without a slot.
template <class Symbol>
HWY_INLINE V put_vector(V x, const Symbol* HWY_RESTRICT symbols, std::span<const EncodeTable::Entry> entries, V& seen,
                        std::byte*& top) {
  const D d;
  const Signed di;
  const Double df;
  const auto entry = [&](std::size_t i) {
    return reinterpret_cast<const std::uint64_t*>(&entry_of(entries, symbols[i]));
  };
  const V even = load_blocks([&](std::size_t block) { return entry(2 * block); });
  const V odd = load_blocks([&](std::size_t block) { return entry(2 * block + 1); });
  const V reciprocal = hn::InterleaveLower(d, even, odd);
  const V complement = hn::InterleaveUpper(d, even, odd);  // and the start, in the high halves
  seen = hn::Or(seen, complement);

  const V last = hn::Sub(hn::Set(d, kHigh - 1), hn::ShiftLeft<32>(complement));  // freq * 2^32 - 1
  const auto full = hn::Gt(hn::BitCast(di, x), hn::BitCast(di, last));
  const auto moved = hn::Load(Bytes(), kShuffles.compact[bits_of(di, full)].data());
  const auto packed = hn::TableLookupBytes(hn::TruncateTo(Units(), x), moved);
  hn::StoreU(packed, Bytes(), reinterpret_cast<std::uint8_t*>(top) - kUnitsOfVector * kUnitBytes);
  top -= hn::CountTrue(di, full) * kUnitBytes;
  x = shift_where(full, hn::ShiftRight<16>(x), x);

  // 2^52 + x, as a double, has the integer x in its low bits, for x < 2^52. Adding 2^52 - 1/2 rounds the quotient down.
  const V exponent = hn::BitCast(d, hn::Set(df, 0x1p52));
  const auto value = hn::Sub(hn::BitCast(df, hn::Or(x, exponent)), hn::Set(df, 0x1p52));
  const auto quotient = hn::Add(hn::Mul(value, hn::BitCast(df, reciprocal)), hn::Set(df, 0x1p52 - 0.5));
  const V grown = multiply_low_halves(hn::BitCast(d, quotient), complement);
  return hn::Add(hn::Add(x, hn::ShiftRight<32>(complement)), grown);
}

// Codes whole vectors from the end of the `i` first symbols, whose number in the stream is a multiple of kWidth, while
// there is room; returns how many symbols are left. False in `ok`: a symbol had no slot.
template <class Symbol>
HWY_INLINE std::size_t put_vectors(States& states, std::size_t lanes, std::size_t first, const Symbol* symbols,
                                   std::size_t i, std::span<const EncodeTable::Entry> entries, UnitStack& units,
                                   bool& ok) {
  if (!units.has_room()) return i;
  const D d;
  V seen = hn::Zero(d);
  std::byte* top = units.top();
  std::byte* const lowest = units.lowest_top();
  for (; i >= kWidth && top >= lowest; i -= kWidth) {
    std::uint64_t* const x = states.x.data() + ((first + i - kWidth) & (lanes - 1));
    hn::Store(put_vector(hn::Load(d, x), symbols + i - kWidth, entries, seen, top), d, x);
  }
  units.set_top(top);
  ok = hn::AllTrue(d, hn::Eq(hn::And(seen, hn::Set(d, kScale)), hn::Zero(d)));
  return i;
}

// ---- decoder ---------------------------------------------------------------------------------------------------

// Entries of the symbols that own the states' slots.
template <class Slot>
HWY_INLINE V look_up(const std::uint64_t* HWY_RESTRICT x, const Slot* HWY_RESTRICT symbol_of_slot,
                     const DecodeTable::Entry* HWY_RESTRICT entries, int shift) {
  const D d;
  const auto entry = [&](std::size_t i) {
    return hn::Set(d, std::bit_cast<std::uint64_t>(entries[symbol_of_slot[(x[i] & (kScale - 1)) >> shift]]));
  };
  const auto half = [&](std::size_t first) {
    V v = entry(first + kWidth / 2 - 1);
    for (std::size_t i = kWidth / 2 - 1; i-- > 0;) v = hn::IfThenElse(hn::FirstN(d, i + 1), entry(first + i), v);
    return v;
  };
  return hn::ConcatLowerLower(d, half(kWidth / 2), half(0));
}

HWY_INLINE void store_symbols(hn::Vec<Units> symbols, std::uint8_t* HWY_RESTRICT out) {
  const hn::Rebind<std::uint8_t, D> d;
  hn::StoreU(hn::DemoteTo(d, hn::BitCast(hn::RebindToSigned<Units>(), symbols)), d, out);
}
HWY_INLINE void store_symbols(hn::Vec<Units> symbols, std::uint16_t* HWY_RESTRICT out) {
  hn::StoreU(symbols, Units(), out);
}

// Undoes one symbol in each lane, given the symbols' entries: the state before, and the units that it misses.
HWY_INLINE V advance(V x, V entry, const std::byte*& top) {
  const D d;
  const Signed di;
  const hn::Repartition<std::uint8_t, Units> index;
  const hn::Rebind<std::uint32_t, D> half;
  const V place = hn::And(hn::Sub(x, entry), hn::Set(d, kScale - 1));  // place of the slot in its symbol's range
  x = hn::Add(multiply_low_halves(hn::ShiftRight<16>(x), hn::ShiftRight<32>(entry)), place);

  const auto low = hn::Lt(hn::BitCast(di, x), hn::Set(di, static_cast<std::int64_t>(kLow)));
  const auto next = hn::LoadU(Bytes(), reinterpret_cast<const std::uint8_t*>(top));
  const auto spread = hn::TableLookupBytesOr0(next, hn::Load(index, kShuffles.expand[bits_of(di, low)].data()));
  top += hn::CountTrue(di, low) * kUnitBytes;
  const V added = hn::PromoteTo(d, hn::PromoteTo(half, hn::BitCast(Units(), spread)));
  return hn::Or(shift_where(low, hn::ShiftLeft<16>(x), x), added);
}

// Decodes kVectors * kWidth symbols, one from each lane of x. All look-ups come before all arithmetic: a vector alone
// is one long chain of dependent instructions, and so they fit better into what a CPU can see at once.
template <std::size_t kVectors, class Slot, class Symbol>
HWY_INLINE void get_vectors(std::uint64_t* HWY_RESTRICT x, const Slot* HWY_RESTRICT symbol_of_slot,
                            const DecodeTable::Entry* HWY_RESTRICT entries, int shift, Symbol* HWY_RESTRICT out,
                            const std::byte*& top) {
  const D d;
  V entry[kVectors];
  for (std::size_t k = 0; k < kVectors; ++k) {
    entry[k] = look_up(x + k * kWidth, symbol_of_slot, entries, shift);
  }
  for (std::size_t k = 0; k < kVectors; ++k) {
    store_symbols(hn::TruncateTo(Units(), hn::ShiftRight<16>(entry[k])), out + k * kWidth);
    hn::Store(advance(hn::Load(d, x + k * kWidth), entry[k], top), d, x + k * kWidth);
  }
}

// A segment on its way: the next symbol is out[i], of lane (first + i) mod lanes.
template <class Slot, class Symbol>
struct Decoding {
  std::uint64_t* x;
  std::size_t lanes, first, i;
  Symbol* out;
  const Slot* symbol_of_slot;
  const DecodeTable::Entry* entries;
  int shift;
};

// Decodes blocks of kVectors vectors while they end at or before `end`. False: the units ended too early.
template <std::size_t kVectors, class Slot, class Symbol>
HWY_INLINE bool get_blocks(Decoding<Slot, Symbol>& at, std::size_t end, UnitReader& units) {
  constexpr std::size_t kBlock = kVectors * kWidth;
  const auto task = at;
  std::size_t i = task.i;
  while (i + kBlock <= end) {
    if (!units.refill()) return false;
    const std::byte* top = units.top();
    const std::byte* const limit = units.limit();
    for (; i + kBlock <= end && top <= limit; i += kBlock) {
      std::uint64_t* const x = task.x + ((task.first + i) & (task.lanes - 1));
      get_vectors<kVectors>(x, task.symbol_of_slot, task.entries, task.shift, task.out + i, top);
    }
    units.set_top(top);
  }
  at.i = i;
  return true;
}
#endif

template <class Symbol>
Status PutSegment(States& states, std::size_t lanes, std::size_t first, const EncodeSegment<Symbol>& segment,
                  UnitStack& units) {
  const auto entries = segment.table->entries();
  const Symbol* const symbols = segment.symbols.data();
  std::size_t i = segment.symbols.size();
  const auto put_until = [&](auto stop) {
    Status status = Status::ok;
    while (i > 0 && !stop(i) && status == Status::ok) {
      --i;
      status = put(states.x[(first + i) & (lanes - 1)], entry_of(entries, symbols[i]), units);
    }
    return status;
  };
#if VAERANS_RANS_VECTORS
  const Status status = put_until([&](std::size_t at) { return (first + at) % kWidth == 0; });
  if (status != Status::ok) return status;
  bool ok = true;
  i = put_vectors(states, lanes, first, symbols, i, entries, units, ok);
  if (!ok) return Status::bad_symbol;
#endif
  return put_until([](std::size_t) { return false; });
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
      if (!get(states.x[(first + i) & (lanes - 1)], symbol_of_slot, table, out[i], units, false)) return false;
    }
    return true;
  };
#if VAERANS_RANS_VECTORS
  constexpr std::size_t kBlock = kVectorsAtOnce * kWidth;
  const auto up_to_multiple_of = [&](std::size_t size) { return std::min(n, i + (0 - first - i) % size); };
  if (!get_until(up_to_multiple_of(kWidth))) return Status::truncated;
  const int shift = static_cast<int>(kScaleBits - table.precision_bits());
  Decoding<Slot, Symbol> at{states.x.data(), lanes, first, i, out, symbol_of_slot, table.entries().data(), shift};
  bool ok = true;
  if (lanes >= kBlock) {
    ok = get_blocks<1>(at, up_to_multiple_of(kBlock), units) && get_blocks<kVectorsAtOnce>(at, n, units);
  }
  if (!ok || !get_blocks<1>(at, n, units)) return Status::truncated;
  i = at.i;
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
  const DecodeTable& table = *segment.table;
  if (table.narrow_symbols().empty())
    return GetSegment(states, lanes, first, segment, table.wide_symbols().data(), units);
  return GetSegment(states, lanes, first, segment, table.narrow_symbols().data(), units);
}
Status GetBytes(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<std::uint8_t>& segment,
                UnitReader& units) {
  return GetAny(states, lanes, first, segment, units);
}
Status GetWide(States& states, std::size_t lanes, std::size_t first, const DecodeSegment<std::uint16_t>& segment,
               UnitReader& units) {
  return GetAny(states, lanes, first, segment, units);
}

}  // namespace vaerans::kernels::rans::HWY_NAMESPACE
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
