// The vectorised way from symbols to numbers. What does not fill a vector is left to the scalar twins.
#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/arrays/restore_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include "kernels/arrays/restore_vectors.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class Symbol, class Out>
void Restore(std::span<const Symbol> symbols, std::int32_t zero, Affine affine, Out* HWY_RESTRICT out) {
  const Floats d;
  const F step = hn::Set(d, affine.step), center = hn::Set(d, affine.center);
  const I z = hn::Set(Ints(), zero);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= symbols.size(); i += hn::Lanes(d))
    store(scaled(hn::Sub(load(symbols.data() + i), z), step, center), out + i);
  restore_ref(symbols.subspan(i), zero, affine, out + i);
}

template <class Symbol, class Out>
void RestoreColumns(std::span<const Symbol> symbols, std::int32_t zero, const float* HWY_RESTRICT step,
                    const float* HWY_RESTRICT center, Out* HWY_RESTRICT out) {
  const Floats d;
  const I z = hn::Set(Ints(), zero);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= symbols.size(); i += hn::Lanes(d)) {
    const I q = hn::Sub(load(symbols.data() + i), z);
    store(scaled(q, hn::LoadU(d, step + i), hn::LoadU(d, center + i)), out + i);
  }
  restore_columns_ref(symbols.subspan(i), zero, step + i, center + i, out + i);
}

#if HWY_TARGET == HWY_SCALAR
template <class Symbol, class Out>
std::size_t haar_rows(const HaarBands<const Symbol>&, std::int32_t, Affine, std::size_t, Out*) {
  return 0;
}
#else
// A pair of whole rows from the rows y of the four bands; returns how many columns of the bands are done. The zeros of
// the four symbols cancel out but in the first sum, where they are 4 zeros; in the others they cancel in pairs.
template <class Symbol, class Out>
HWY_INLINE std::size_t haar_rows(const HaarBands<const Symbol>& bands, std::int32_t zero, Affine affine, std::size_t y,
                                 Out* HWY_RESTRICT out) {
  const Floats d;
  const F step = hn::Set(d, affine.step), center = hn::Set(d, affine.center);
  const I zeros = hn::Set(Ints(), 4 * zero);
  const std::size_t low = bands.low_width(), high = bands.high_width(), n = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + n <= high; x += n) {
    const I m = load(bands.band[0] + y * low + x), h = load(bands.band[1] + y * high + x);
    const I v = load(bands.band[2] + y * low + x), e = load(bands.band[3] + y * high + x);
    const I sum = hn::Add(m, v), rest = hn::Sub(m, v), turn = hn::Add(h, e), twist = hn::Sub(h, e);
    Out* const row = out + 2 * x;
    store_pairs(scaled(hn::Sub(hn::Add(sum, turn), zeros), step, center), scaled(hn::Sub(sum, turn), step, center),
                row);
    store_pairs(scaled(hn::Add(rest, twist), step, center), scaled(hn::Sub(rest, twist), step, center),
                row + bands.width);
  }
  return x;
}

#endif

template <class Symbol, class Out>
void RestoreHaar(const HaarBands<const Symbol>& bands, std::int32_t zero, Affine affine, Out* out) {
  for (std::size_t y = 0; 2 * y < bands.height; ++y) {
    const bool below = 2 * y + 1 < bands.height;
    const std::size_t x = below ? haar_rows(bands, zero, affine, y, out + 2 * y * bands.width) : 0;
    restore_haar_row_ref(bands, zero, affine, y, x, out);
  }
}

// The four bands of a pair of whole rows; returns how many columns of the bands are done.
HWY_INLINE std::size_t split_rows(const float* HWY_RESTRICT row, float center, const HaarBands<float>& bands,
                                  std::size_t y) {
  const Floats d;
  const F middle = hn::Set(d, center), half = hn::Set(d, 0.5F);
  const std::size_t low = bands.low_width(), high = bands.high_width(), n = hn::Lanes(d);
  std::size_t x = 0;
  for (; x + n <= high; x += n) {
    F a, b, c, e;
    hn::LoadInterleaved2(d, row + 2 * x, a, b);
    hn::LoadInterleaved2(d, row + bands.width + 2 * x, c, e);
    a = hn::Sub(a, middle), b = hn::Sub(b, middle), c = hn::Sub(c, middle), e = hn::Sub(e, middle);
    const F sum = hn::Add(a, b), below = hn::Add(c, e), turn = hn::Sub(a, b), twist = hn::Sub(c, e);
    hn::StoreU(hn::Mul(hn::Add(sum, below), half), d, bands.band[0] + y * low + x);
    hn::StoreU(hn::Mul(hn::Add(turn, twist), half), d, bands.band[1] + y * high + x);
    hn::StoreU(hn::Mul(hn::Sub(sum, below), half), d, bands.band[2] + y * low + x);
    hn::StoreU(hn::Mul(hn::Sub(turn, twist), half), d, bands.band[3] + y * high + x);
  }
  return x;
}

void SplitHaar(const float* plane, float center, const HaarBands<float>& bands) {
  for (std::size_t y = 0; 2 * y < bands.height; ++y) {
    const bool below = 2 * y + 1 < bands.height;
    const std::size_t x = below ? split_rows(plane + 2 * y * bands.width, center, bands, y) : 0;
    haar_split_row_ref(plane, center, bands, y, x);
  }
}

void WidenHalf(std::span<const Half> in, float* HWY_RESTRICT out) {
  const Floats d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= in.size(); i += hn::Lanes(d)) {
    const auto bits = hn::LoadU(Shorts(), &in[i].bits);
    hn::StoreU(hn::PromoteTo(d, hn::BitCast(Halves(), bits)), d, out + i);
  }
  for (; i < in.size(); ++i) out[i] = to_float(in[i]);
}

// NOLINTBEGIN(bugprone-macro-parentheses): types take no parentheses
#define VAERANS_ARRAYS(name, Symbol, Out)                                                                             \
  void Restore_##name(std::span<const Symbol> s, std::int32_t zero, Affine a, Out* out) { Restore(s, zero, a, out); } \
  void Columns_##name(std::span<const Symbol> s, std::int32_t zero, const float* step, const float* center,           \
                      Out* out) {                                                                                     \
    RestoreColumns(s, zero, step, center, out);                                                                       \
  }                                                                                                                   \
  void Haar_##name(const HaarBands<const Symbol>& b, std::int32_t zero, Affine a, Out* out) {                         \
    RestoreHaar(b, zero, a, out);                                                                                     \
  }
// NOLINTEND(bugprone-macro-parentheses)
VAERANS_ARRAYS(u8_float, std::uint8_t, float)
VAERANS_ARRAYS(u8_half, std::uint8_t, Half)
VAERANS_ARRAYS(u8_brain, std::uint8_t, Brain)
VAERANS_ARRAYS(u16_float, std::uint16_t, float)
VAERANS_ARRAYS(u16_half, std::uint16_t, Half)
VAERANS_ARRAYS(u16_brain, std::uint16_t, Brain)
VAERANS_ARRAYS(u8_whole, std::uint8_t, Whole)
VAERANS_ARRAYS(u16_whole, std::uint16_t, Whole)
#undef VAERANS_ARRAYS

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(SplitHaar);
HWY_EXPORT(WidenHalf);

void haar_split(const float* plane, float center, const HaarBands<float>& bands) noexcept {
  HWY_DYNAMIC_DISPATCH(SplitHaar)(plane, center, bands);
}
void widen(std::span<const Half> in, float* out) noexcept { HWY_DYNAMIC_DISPATCH(WidenHalf)(in, out); }
void widen(std::span<const Brain> in, float* out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = to_float(in[i]);
}

// NOLINTBEGIN(bugprone-macro-parentheses): types take no parentheses
#define VAERANS_ARRAYS(name, Symbol, Out)                                                                    \
  HWY_EXPORT(Restore_##name);                                                                                \
  HWY_EXPORT(Columns_##name);                                                                                \
  HWY_EXPORT(Haar_##name);                                                                                   \
  template <>                                                                                                \
  void restore(std::span<const Symbol> s, std::int32_t zero, Affine a, Out* out) noexcept {                  \
    HWY_DYNAMIC_DISPATCH(Restore_##name)(s, zero, a, out);                                                   \
  }                                                                                                          \
  template <>                                                                                                \
  void restore_columns(std::span<const Symbol> s, std::int32_t zero, const float* step, const float* center, \
                       Out* out) noexcept {                                                                  \
    HWY_DYNAMIC_DISPATCH(Columns_##name)(s, zero, step, center, out);                                        \
  }                                                                                                          \
  template <>                                                                                                \
  void restore_haar(const HaarBands<const Symbol>& b, std::int32_t zero, Affine a, Out* out) noexcept {      \
    HWY_DYNAMIC_DISPATCH(Haar_##name)(b, zero, a, out);                                                      \
  }
// NOLINTEND(bugprone-macro-parentheses)
VAERANS_ARRAYS(u8_float, std::uint8_t, float)
VAERANS_ARRAYS(u8_half, std::uint8_t, Half)
VAERANS_ARRAYS(u8_brain, std::uint8_t, Brain)
VAERANS_ARRAYS(u16_float, std::uint16_t, float)
VAERANS_ARRAYS(u16_half, std::uint16_t, Half)
VAERANS_ARRAYS(u16_brain, std::uint16_t, Brain)
VAERANS_ARRAYS(u8_whole, std::uint8_t, Whole)
VAERANS_ARRAYS(u16_whole, std::uint16_t, Whole)
#undef VAERANS_ARRAYS

}  // namespace vaerans::kernels
#endif
