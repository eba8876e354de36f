// The vectorised layouts: two, three and four interleaved channels; others are left to the scalar twins.
#include "kernels/pixels/pixels.hpp"

#include "kernels/common/sized_vectors.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pixels/pixels_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

#include <algorithm>

#include "kernels/common/rounding_simd.hpp"
#include "kernels/pixels/pixels_ref.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Ints = hn::Rebind<std::int32_t, Floats>;
using Bytes = hn::Rebind<std::uint8_t, Floats>;

// One vector of each of C interleaved channels.
template <std::size_t C, class D>
struct Channels {
  hn::Vec<D> at[C];

  HWY_INLINE void load(D d, const hn::TFromD<D>* p) {
    if constexpr (C == 1) at[0] = hn::LoadU(d, p);
    if constexpr (C == 2) hn::LoadInterleaved2(d, p, at[0], at[1]);
    if constexpr (C == 3) hn::LoadInterleaved3(d, p, at[0], at[1], at[2]);
    if constexpr (C == 4) hn::LoadInterleaved4(d, p, at[0], at[1], at[2], at[3]);
  }
  HWY_INLINE void store(D d, hn::TFromD<D>* p) const {
    if constexpr (C == 1) hn::StoreU(at[0], d, p);
    if constexpr (C == 2) hn::StoreInterleaved2(at[0], at[1], d, p);
    if constexpr (C == 3) hn::StoreInterleaved3(at[0], at[1], at[2], d, p);
    if constexpr (C == 4) hn::StoreInterleaved4(at[0], at[1], at[2], at[3], d, p);
  }
};

// Calls run(std::integral_constant<C>) for the channel counts that have vector code; returns what it returns, the
// number of pixels done, and 0 for other counts.
template <class Run>
HWY_INLINE std::size_t for_channels(std::size_t channels, Run run) {
  switch (channels) {
    case 1: return run(std::integral_constant<std::size_t, 1>());
    case 2: return run(std::integral_constant<std::size_t, 2>());
    case 3: return run(std::integral_constant<std::size_t, 3>());
    case 4: return run(std::integral_constant<std::size_t, 4>());
    default: return 0;
  }
}

// ---- bytes <-> planes of floats --------------------------------------------------------------------------------

template <std::size_t C>
std::size_t vectors_to_planes(const std::uint8_t* in, std::size_t width, PixelRange range, const PlaneRow<float>& out) {
  const Floats d;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= width; x += hn::Lanes(d)) {
    Channels<C, Bytes> bytes;
    bytes.load(Bytes(), in + x * C);
    for (std::size_t c = 0; c < C; ++c) {
      const auto v = hn::Div(hn::ConvertTo(d, hn::PromoteTo(Ints(), bytes.at[c])), hn::Set(d, 255.0F));
      hn::StoreU(hn::Add(hn::Mul(v, hn::Set(d, range.size)), hn::Set(d, range.low)), d, out[c] + x);
    }
  }
  return x;
}

void row_to_planes(const std::uint8_t* in, std::size_t width, std::size_t channels, PixelRange range,
                   const PlaneRow<float>& out) {
  const std::size_t x = for_channels(
      channels, [&](auto count) { return vectors_to_planes<decltype(count)::value>(in, width, range, out); });
  row_to_planes_ref(in + x * channels, width - x, channels, range, {out.first + x, out.plane});
}

template <std::size_t C>
std::size_t vectors_from_planes(const PlaneRow<const float>& in, std::size_t width, PixelRange range,
                                std::uint8_t* out) {
  const Floats d;
  const auto white = hn::Set(d, 255.0F);
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= width; x += hn::Lanes(d)) {
    Channels<C, Bytes> bytes;
    for (std::size_t c = 0; c < C; ++c) {
      const auto v = hn::Div(hn::Sub(hn::LoadU(d, in[c] + x), hn::Set(d, range.low)), hn::Set(d, range.size));
      bytes.at[c] = hn::DemoteTo(Bytes(), round_clamped(d, hn::Mul(v, white), white));
    }
    bytes.store(Bytes(), out + x * C);
  }
  return x;
}

void row_from_planes(const PlaneRow<const float>& in, std::size_t width, std::size_t channels, PixelRange range,
                     std::uint8_t* out) {
  const std::size_t x = for_channels(
      channels, [&](auto count) { return vectors_from_planes<decltype(count)::value>(in, width, range, out); });
  row_from_planes_ref({in.first + x, in.plane}, width - x, channels, range, out + x * channels);
}

// ---- interleaving ----------------------------------------------------------------------------------------------

template <std::size_t C, class T>
std::size_t take_apart(const T* in, T* out, std::size_t pixels) {
  using D = hn::CappedTag<T, 64 / sizeof(T)>;
  const D d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= pixels; i += hn::Lanes(d)) {
    Channels<C, D> v;
    v.load(d, in + i * C);
    for (std::size_t c = 0; c < C; ++c) hn::StoreU(v.at[c], d, out + c * pixels + i);
  }
  return i;
}

template <std::size_t C, class T>
std::size_t put_together(const T* in, T* out, std::size_t pixels) {
  using D = hn::CappedTag<T, 64 / sizeof(T)>;
  const D d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= pixels; i += hn::Lanes(d)) {
    Channels<C, D> v;
    for (std::size_t c = 0; c < C; ++c) v.at[c] = hn::LoadU(d, in + c * pixels + i);
    v.store(d, out + i * C);
  }
  return i;
}

// Pixels of many channels that are copied together, so that what is read or written with gaps stays in the cache.
constexpr std::size_t kChunk = 256;

template <class T>
void apart(const T* in, T* out, std::size_t pixels, std::size_t channels) {
  std::size_t i =
      for_channels(channels, [&](auto count) { return take_apart<decltype(count)::value>(in, out, pixels); });
  for (; i < pixels; i += kChunk) {
    hwc_to_chw_ref(in + i * channels, out + i, std::min(kChunk, pixels - i), channels, pixels);
  }
}

template <class T>
void together(const T* in, T* out, std::size_t pixels, std::size_t channels) {
  std::size_t i =
      for_channels(channels, [&](auto count) { return put_together<decltype(count)::value>(in, out, pixels); });
  for (; i < pixels; i += kChunk) {
    chw_to_hwc_ref(in + i, out + i * channels, std::min(kChunk, pixels - i), channels, pixels);
  }
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define VAERANS_LAYOUTS(name, T)                                                        \
  void apart_##name(const T* in, T* out, std::size_t pixels, std::size_t channels) {    \
    apart(in, out, pixels, channels);                                                   \
  }                                                                                     \
  void together_##name(const T* in, T* out, std::size_t pixels, std::size_t channels) { \
    together(in, out, pixels, channels);                                                \
  }
VAERANS_LAYOUTS(u8, std::uint8_t)
VAERANS_LAYOUTS(i16, std::int16_t)
VAERANS_LAYOUTS(i32, std::int32_t)
VAERANS_LAYOUTS(f32, float)
#undef VAERANS_LAYOUTS
// NOLINTEND(bugprone-macro-parentheses)

// ---- residuals and luma ----------------------------------------------------------------------------------------

using Shorts = hn::CappedTag<std::int16_t, 32>;
using ShortBytes = hn::Rebind<std::uint8_t, Shorts>;

void subtract(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::span<std::int16_t> out) {
  const Shorts d;
  const ShortBytes d8;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= out.size(); i += hn::Lanes(d)) {
    const auto va = hn::PromoteTo(d, hn::LoadU(d8, a.data() + i));
    hn::StoreU(hn::Sub(va, hn::PromoteTo(d, hn::LoadU(d8, b.data() + i))), d, out.data() + i);
  }
  residual_ref(a.subspan(i), b.subspan(i), out.subspan(i));
}

// A sum beyond 16 bits saturates and is then clamped like any other that does not fit a byte.
bool add(std::span<const std::uint8_t> recon, std::span<const std::int16_t> difference, std::span<std::uint8_t> out) {
  const Shorts d;
  const ShortBytes d8;
  auto clamped = hn::Zero(d);
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= out.size(); i += hn::Lanes(d)) {
    const auto base = hn::PromoteTo(d, hn::LoadU(d8, recon.data() + i));
    const auto sum = hn::SaturatedAdd(base, hn::LoadU(d, difference.data() + i));
    const auto value = hn::DemoteTo(d8, sum);
    clamped = hn::Or(clamped, hn::Xor(sum, hn::PromoteTo(d, value)));
    hn::StoreU(value, d8, out.data() + i);
  }
  const bool rest = add_residual_ref(recon.subspan(i), difference.subspan(i), out.subspan(i));
  return hn::AllTrue(d, hn::Eq(clamped, hn::Zero(d))) && rest;
}

// Below 2^24 a quotient of floats truncates to that of the integers.
template <std::size_t C>
std::size_t luma_vectors(const std::uint8_t* rgb, std::size_t width, std::uint8_t* out) {
  const Floats d;
  const Ints di;
  std::size_t x = 0;
  for (; x + hn::Lanes(d) <= width; x += hn::Lanes(d)) {
    Channels<C, Bytes> p;
    p.load(Bytes(), rgb + x * C);
    const auto weighted = [&](std::size_t c, int weight) {
      return hn::Mul(hn::PromoteTo(di, p.at[c]), hn::Set(di, weight));
    };
    const auto sum = hn::Add(hn::Add(weighted(0, 299), weighted(1, 587)), hn::Add(weighted(2, 114), hn::Set(di, 500)));
    const auto luma = hn::ConvertTo(di, hn::Div(hn::ConvertTo(d, sum), hn::Set(d, 1000.0F)));
    hn::StoreU(hn::DemoteTo(Bytes(), luma), Bytes(), out + x);
  }
  return x;
}

void luma_row(const std::uint8_t* rgb, std::size_t width, std::size_t channels, std::uint8_t* out) {
  std::size_t x = 0;
  if (channels == 3) x = luma_vectors<3>(rgb, width, out);
  if (channels == 4) x = luma_vectors<4>(rgb, width, out);
  luma_row_ref(rgb + x * channels, width - x, channels, out + x);
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(row_to_planes);
HWY_EXPORT(row_from_planes);
HWY_EXPORT(subtract);
HWY_EXPORT(add);
HWY_EXPORT(luma_row);

Status to_planar(ImageView in, float lo, float hi, std::size_t padded_h, std::size_t padded_w,
                 std::span<float> out) noexcept {
  const std::size_t plane = padded_h * padded_w;
  const bool sizes_fit = !in.empty() && padded_h >= in.height && padded_w >= in.width;
  if (!sizes_fit || out.size() < plane * in.channels) return Status::bad_argument;
  for (std::size_t y = 0; y < in.height; ++y) {
    const PlaneRow<float> row{out.data() + y * padded_w, plane};
    HWY_DYNAMIC_DISPATCH(row_to_planes)(in.row(y), in.width, in.channels, PixelRange{lo, hi - lo}, row);
    for (std::size_t c = 0; c < in.channels; ++c) std::fill(row[c] + in.width, row[c] + padded_w, row[c][in.width - 1]);
  }
  for (std::size_t c = 0; c < in.channels; ++c) {
    float* const first = out.data() + c * plane;
    const float* const last = first + (in.height - 1) * padded_w;
    for (std::size_t y = in.height; y < padded_h; ++y) std::copy_n(last, padded_w, first + y * padded_w);
  }
  return Status::ok;
}

Status from_planar(std::span<const float> in, std::size_t padded_h, std::size_t padded_w, float lo, float hi,
                   MutableImageView out) noexcept {
  const std::size_t plane = padded_h * padded_w;
  const bool sizes_fit = !out.empty() && out.height <= padded_h && out.width <= padded_w;
  if (!sizes_fit || in.size() < plane * (out.channels - 1) + padded_w * (out.height - 1) + out.width) {
    return Status::bad_argument;
  }
  for (std::size_t y = 0; y < out.height; ++y) {
    const PlaneRow<const float> row{in.data() + y * padded_w, plane};
    HWY_DYNAMIC_DISPATCH(row_from_planes)(row, out.width, out.channels, PixelRange{lo, hi - lo}, out.row(y));
  }
  return Status::ok;
}

// NOLINTBEGIN(bugprone-macro-parentheses): T is a type
#define VAERANS_DISPATCH_LAYOUTS(name, T)                                                   \
  HWY_EXPORT(apart_##name);                                                                 \
  HWY_EXPORT(together_##name);                                                              \
  template <>                                                                               \
  void hwc_to_chw(const T* in, T* out, std::size_t pixels, std::size_t channels) noexcept { \
    HWY_DYNAMIC_DISPATCH(apart_##name)(in, out, pixels, channels);                          \
  }                                                                                         \
  template <>                                                                               \
  void chw_to_hwc(const T* in, T* out, std::size_t pixels, std::size_t channels) noexcept { \
    HWY_DYNAMIC_DISPATCH(together_##name)(in, out, pixels, channels);                       \
  }
VAERANS_DISPATCH_LAYOUTS(u8, std::uint8_t)
VAERANS_DISPATCH_LAYOUTS(i16, std::int16_t)
VAERANS_DISPATCH_LAYOUTS(i32, std::int32_t)
VAERANS_DISPATCH_LAYOUTS(f32, float)
#undef VAERANS_DISPATCH_LAYOUTS
// NOLINTEND(bugprone-macro-parentheses)

void residual(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::span<std::int16_t> out) noexcept {
  const std::size_t n = std::min({a.size(), b.size(), out.size()});
  HWY_DYNAMIC_DISPATCH(subtract)(a.first(n), b.first(n), out.first(n));
}

bool add_residual(std::span<const std::uint8_t> recon, std::span<const std::int16_t> residual,
                  std::span<std::uint8_t> out) noexcept {
  const std::size_t n = std::min({recon.size(), residual.size(), out.size()});
  return HWY_DYNAMIC_DISPATCH(add)(recon.first(n), residual.first(n), out.first(n));
}

Status luma_bt601(ImageView rgb, std::span<std::uint8_t> out) noexcept {
  if (rgb.channels < 3 || out.size() < rgb.height * rgb.width) return Status::bad_argument;
  for (std::size_t y = 0; y < rgb.height; ++y) {
    HWY_DYNAMIC_DISPATCH(luma_row)(rgb.row(y), rgb.width, rgb.channels, out.data() + y * rgb.width);
  }
  return Status::ok;
}

}  // namespace vaerans::kernels
#endif
