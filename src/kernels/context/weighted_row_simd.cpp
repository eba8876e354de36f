#include "kernels/context/weighted_row.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/context/weighted_row_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The sums stay in registers over all taps.
void weighted(const Tap* taps, std::size_t n, std::ptrdiff_t shift, std::int32_t* out, std::size_t width) {
  const hn::CappedTag<std::int32_t, kRowStep> d;
  const hn::Rebind<std::int16_t, decltype(d)> narrow;
  for (std::size_t x = 0; x < width; x += hn::Lanes(d)) {
    auto sum = hn::LoadU(d, out + x);
    const std::ptrdiff_t place = shift + static_cast<std::ptrdiff_t>(x);
    for (std::size_t i = 0; i < n; ++i) {
      const auto v = hn::PromoteTo(d, hn::LoadU(narrow, taps[i].at + place));
      sum = hn::Add(sum, hn::Mul(v, hn::Set(d, taps[i].weight)));
    }
    hn::StoreU(sum, d, out + x);
  }
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(weighted);

void weighted_row(std::span<const Tap> taps, std::ptrdiff_t shift, std::span<std::int32_t> out) noexcept {
  if (!taps.empty()) HWY_DYNAMIC_DISPATCH(weighted)(taps.data(), taps.size(), shift, out.data(), out.size());
}

void doubled_row(std::span<const std::int32_t> half, std::span<std::int32_t> out) noexcept {
  for (std::size_t x = 0; x < out.size(); x += 2) out[x] = out[x + 1] = half[x / 2];
}

}  // namespace vaerans::kernels
#endif
