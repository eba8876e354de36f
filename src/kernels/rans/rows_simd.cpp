// The decoder for 32 lanes of bytes in words of 32 bits: a state's highest 32 bits in one, its lowest 16 in another.
//
// A gather finds what the slots of 16 lanes stand for, and products of 16 bits, two in a word, advance the states: a
// third of the instructions that states of 64 bits take. What is left is one long chain of dependent ones, so two
// streams that have nothing to do with each other run side by side in little more than the time of one.
//
// Only for instruction sets with 16 words in a vector, and CPUs whose gathers are quick.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/rans/rans_rows.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rans/rows_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::rans::HWY_NAMESPACE {
#undef VAERANS_RANS_ROWS
#define VAERANS_RANS_ROWS (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3)
#if VAERANS_RANS_ROWS

namespace hn = hwy::HWY_NAMESPACE;
using Words = hn::Full512<std::int32_t>;
using Units = hn::Half<hn::Repartition<std::uint16_t, Words>>;
using W = hn::Vec<Words>;
using Lost = hn::Mask<Words>;
constexpr std::size_t kLanes = hn::MaxLanes(Words());  // half of a row
constexpr double kSlowGathers = 2;                     // times as long as loads take

HWY_INLINE W word(std::uint32_t v) { return hn::Set(Words(), static_cast<std::int32_t>(v)); }
template <int kBy>
HWY_INLINE W shift_right(W v) {
  const hn::RebindToUnsigned<Words> d;
  return hn::BitCast(Words(), hn::ShiftRight<kBy>(hn::BitCast(d, v)));
}
// sum + low half * low half + high half * high half of each word, all signed.
HWY_INLINE W add_products(W sum, W a, W b) {
  const hn::Repartition<std::int16_t, Words> d;
  W rest = hn::Zero(Words());
  return hn::ReorderWidenMulAccumulate(Words(), hn::BitCast(d, a), hn::BitCast(d, b), sum, rest);
}
// Lane after lane of the set the next word; the others keep what they have. Highway has no name for it before 1.0.5.
HWY_INLINE W expanded(W kept, Lost set, W v) { return W{_mm512_mask_expand_epi32(kept.raw, set.raw, v.raw)}; }

// States of half a row of lanes: bits 47 to 16, and the lowest 16 in a word each.
struct Half16 {
  W upper, lower;
};

// Undoes a symbol in each lane, given the entries of the slots.
HWY_INLINE void advance(Half16& x, W e, const std::byte*& top) {
  const Words d;
  const W halves = word(0xFFFFU), places = word(0xFFF80000U);
  const W freq = hn::And(shift_right<5>(e), word(0x7FF8U)), lifted = hn::ShiftLeft<15>(freq);
  const W factors = hn::Or(freq, word(0x10000U));
  const W place = hn::OrAnd(hn::AndNot(places, hn::ShiftLeft<16>(x.lower)), shift_right<1>(e), places);
  // Products are of signed numbers: 2^15 less of the one, and so many frequencies added again.
  const W moved = hn::Xor(x.upper, word(0x80008000U));
  const W low = add_products(lifted, hn::Or(hn::And(moved, halves), place), factors);
  const W high = add_products(lifted, shift_right<16>(moved), factors);
  const W upper = hn::Add(high, shift_right<16>(low)), lower = hn::And(low, halves);

  const Lost lost = hn::Eq(hn::AndNot(halves, upper), hn::Zero(d));
  const auto units = hn::PromoteTo(d, hn::LoadU(Units(), reinterpret_cast<const std::uint16_t*>(top)));
  x.upper = hn::IfThenElse(lost, hn::Or(hn::ShiftLeft<16>(upper), lower), upper);
  x.lower = expanded(lower, lost, units);
  top += hn::CountTrue(d, lost) * kUnitBytes;
}

HWY_INLINE void store_symbols(W e, std::uint8_t* HWY_RESTRICT out) {
  const hn::Rebind<std::uint8_t, Words> narrow;
  hn::StoreU(hn::TruncateTo(narrow, hn::BitCast(hn::RebindToUnsigned<Words>(), e)), narrow, out);
}

HWY_INLINE Half16 load_half(const std::uint64_t* states) {
  std::array<std::int32_t, kLanes> upper, lower;
  for (std::size_t i = 0; i < kLanes; ++i) {
    upper[i] = static_cast<std::int32_t>(states[i] >> 16U);
    lower[i] = static_cast<std::int32_t>(states[i] & 0xFFFFU);
  }
  return {hn::LoadU(Words(), upper.data()), hn::LoadU(Words(), lower.data())};
}
HWY_INLINE void store_half(const Half16& x, std::uint64_t* states) {
  std::array<std::uint32_t, kLanes> upper, lower;
  const hn::RebindToUnsigned<Words> d;
  hn::StoreU(hn::BitCast(d, x.upper), d, upper.data());
  hn::StoreU(hn::BitCast(d, x.lower), d, lower.data());
  for (std::size_t i = 0; i < kLanes; ++i) states[i] = std::uint64_t{upper[i]} << 16U | lower[i];
}

HWY_INLINE W look_up(const std::int32_t* HWY_RESTRICT slots, W lower) {
  return hn::GatherIndex(Words(), slots, shift_right<kScaleBits - PackedSlots::kPrecision>(lower));
}
HWY_INLINE const std::int32_t* slots_of(const RowTask& task) { return task.table.packed().words(); }

// Rows of one stream from symbol i on, while there are units; returns how far it came.
HWY_INLINE std::size_t one_stream(RowTask& task, std::size_t i, std::size_t n) {
  std::uint64_t* const states = task.states.x.data();
  Half16 a = load_half(states), b = load_half(states + kLanes);
  const std::byte* top = task.units.top();
  const std::byte* const limit = task.units.limit();
  const std::int32_t* const slots = slots_of(task);
  for (; i < n && top <= limit; i += kRowLanes) {
    const W e = look_up(slots, a.lower), f = look_up(slots, b.lower);
    advance(a, e, top);
    advance(b, f, top);
    store_symbols(e, task.out + i);
    store_symbols(f, task.out + i + kLanes);
  }
  store_half(a, states);
  store_half(b, states + kLanes);
  task.units.set_top(top);
  return i;
}

// The same of two, step by step in turns.
HWY_INLINE std::size_t two_streams(RowTask& one, RowTask& two, std::size_t i, std::size_t n) {
  std::uint64_t *const states = one.states.x.data(), *const others = two.states.x.data();
  Half16 a = load_half(states), b = load_half(states + kLanes), c = load_half(others), d = load_half(others + kLanes);
  const std::byte *top = one.units.top(), *next = two.units.top();
  const std::byte *const limit = one.units.limit(), *const end = two.units.limit();
  const std::int32_t *const slots = slots_of(one), *const more = slots_of(two);
  std::uint8_t *const out = one.out, *const to = two.out;
  for (; i < n && top <= limit && next <= end; i += kRowLanes) {
    const W e = look_up(slots, a.lower), f = look_up(slots, b.lower);
    const W g = look_up(more, c.lower), h = look_up(more, d.lower);
    advance(a, e, top);
    advance(b, f, top);
    advance(c, g, next);
    advance(d, h, next);
    store_symbols(e, out + i);
    store_symbols(f, out + i + kLanes);
    store_symbols(g, to + i);
    store_symbols(h, to + i + kLanes);
  }
  store_half(a, states);
  store_half(b, states + kLanes);
  store_half(c, others);
  store_half(d, others + kLanes);
  one.units.set_top(top);
  two.units.set_top(next);
  return i;
}

bool DecodeOne(RowTask& task, std::size_t n) {
  for (std::size_t i = 0; i < n; i = one_stream(task, i, n)) {
    if (!task.units.refill()) return false;
  }
  return true;
}
bool DecodeTwo(RowTask& one, RowTask& two, std::size_t n) {
  for (std::size_t i = 0; i < n; i = two_streams(one, two, i, n)) {
    if (!one.units.refill() || !two.units.refill()) return false;
  }
  return true;
}

// Gathers are quick on some CPUs and slower than loads one by one on others, which no list tells apart: microcode that
// closes leaks has made them slow where they were quick. So less than a tenth of a millisecond finds out, once in
// a process.
double seconds_of_gathers(const std::int32_t* table) {
  const auto begin = std::chrono::steady_clock::now();
  W at = hn::Iota(Words(), 1), next = hn::Iota(Words(), 99);
  for (std::size_t i = 0; i < 64; ++i) {
    at = hn::GatherIndex(Words(), table, at);
    next = hn::GatherIndex(Words(), table, next);
  }
  const auto end = std::chrono::steady_clock::now();
  const bool used = hn::AllTrue(Words(), hn::Gt(hn::Or(at, next), word(0)));
  return used ? std::chrono::duration<double>(end - begin).count() : HUGE_VAL;
}
double seconds_of_loads(const std::int32_t* table) {
  const auto begin = std::chrono::steady_clock::now();
  std::array<std::int32_t, 8> at{1, 2, 3, 4, 5, 6, 7, 8};
  for (std::size_t i = 0; i < 2 * 64 * kLanes / at.size(); ++i) {
    for (std::int32_t& k : at) k = table[static_cast<std::size_t>(k)];
  }
  const auto end = std::chrono::steady_clock::now();
  const bool used = std::ranges::all_of(at, [](std::int32_t k) { return k > 0; });
  return used ? std::chrono::duration<double>(end - begin).count() : 0;
}
bool quick_gathers() {
  std::array<std::int32_t, 2048> table;
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::int32_t>(i * 1021 % 2047) | 1;
  double gathers = HUGE_VAL, loads = HUGE_VAL;
  for (int round = 0; round < 16; ++round) {
    gathers = std::min(gathers, seconds_of_gathers(table.data()));
    loads = std::min(loads, seconds_of_loads(table.data()));
  }
  return gathers < kSlowGathers * loads;
}
bool HaveRows() {
  static const bool quick = quick_gathers();
  return quick;
}
#else
bool HaveRows() { return false; }
bool DecodeOne(RowTask&, std::size_t) { return false; }
bool DecodeTwo(RowTask&, RowTask&, std::size_t) { return false; }
#endif

}  // namespace vaerans::kernels::rans::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels::rans {

HWY_EXPORT(HaveRows);
HWY_EXPORT(DecodeOne);
HWY_EXPORT(DecodeTwo);

bool have_row_vectors() noexcept { return HWY_DYNAMIC_DISPATCH(HaveRows)(); }
bool decode_rows(RowTask& task, std::size_t n) noexcept { return HWY_DYNAMIC_DISPATCH(DecodeOne)(task, n); }
bool decode_rows(RowTask& one, RowTask& two, std::size_t n) noexcept {
  return HWY_DYNAMIC_DISPATCH(DecodeTwo)(one, two, n);
}

}  // namespace vaerans::kernels::rans
#endif
