#include "kernels/common/sized_vectors.hpp"
#include "kernels/restoration/restoration_layer.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/restoration/restoration_simd.cpp"
#include <hwy/foreach_target.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Sums = hn::CappedTag<std::int32_t, kPlacesAtOnce / 2>;
using Vector = hn::Vec<Sums>;

// sum + both products of each place.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL
HWY_INLINE Vector added(Vector sum, Vector channels, Vector weights) {
  return Vector{_mm512_dpwssd_epi32(sum.raw, channels.raw, weights.raw)};  // Highway has no name for it
}
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
HWY_INLINE Vector added(Vector sum, Vector channels, Vector weights) {
  const hn::Repartition<std::int16_t, Sums> halves;
  Vector none = hn::Zero(Sums());  // on these machines all goes into the first sum, place by place
  return hn::ReorderWidenMulAccumulate(Sums(), hn::BitCast(halves, channels), hn::BitCast(halves, weights), sum, none);
}
#else
HWY_INLINE Vector low_half(Vector v) { return hn::ShiftRight<16>(hn::ShiftLeft<16>(v)); }
HWY_INLINE Vector added(Vector sum, Vector channels, Vector weights) {
  const auto high = hn::Mul(hn::ShiftRight<16>(channels), hn::ShiftRight<16>(weights));
  return hn::Add(sum, hn::Add(hn::Mul(low_half(channels), low_half(weights)), high));
}
#endif

// Two vectors of places, of each of six outputs.
struct Block {
  Vector sums[kOutputsAtOnce][2];
};

HWY_INLINE Block products(const RestorationLayer& layer, std::size_t first, const ChannelPair* in) {
  const Sums d;
  Block block;
  for (std::size_t o = 0; o < kOutputsAtOnce; ++o)
    block.sums[o][0] = block.sums[o][1] = hn::Set(d, layer.biases[first + o]);
  const ChannelPair* weights = layer.weights.data() + first * layer.pairs * 9;
  for (std::size_t pair = 0; pair < layer.pairs; ++pair) {
    for (std::size_t row = 0; row < 3; ++row) {
      const ChannelPair* const at = in + pair * kPlanePlaces + row * kRowPlaces;
      for (std::size_t column = 0; column < 3; ++column, weights += kOutputsAtOnce) {
        const auto a = hn::LoadU(d, at + column), b = hn::LoadU(d, at + column + hn::Lanes(d));
        for (std::size_t o = 0; o < kOutputsAtOnce; ++o) {
          const auto weight = hn::Set(d, weights[o]);
          block.sums[o][0] = added(block.sums[o][0], a, weight);
          block.sums[o][1] = added(block.sums[o][1], b, weight);
        }
      }
    }
  }
  return block;
}

HWY_INLINE Vector activation(Vector sum) {
  const Sums d;
  const auto bent = hn::Max(sum, hn::ShiftRight<3>(sum));
  return hn::Max(hn::Min(bent, hn::Set(d, kMostActivation)), hn::Set(d, -kMostActivation));
}

HWY_INLINE void store(const RestorationLayer& layer, std::size_t first, const Block& block, ChannelPair* out) {
  const Sums d;
  for (std::size_t half = 0; half < 2; ++half) {
    ChannelPair* const to = out + half * hn::Lanes(d);
    for (std::size_t o = 0; o < kOutputsAtOnce; o += 2) {
      const auto a = hn::ShiftRightSame(block.sums[o][half], layer.shift);
      const auto b = hn::ShiftRightSame(block.sums[o + 1][half], layer.shift);
      if (layer.last) {
        hn::StoreU(a, d, to + (first + o) * kPlanePlaces);
        hn::StoreU(b, d, to + (first + o + 1) * kPlanePlaces);
        continue;
      }
      const auto low = hn::And(activation(a), hn::Set(d, 0xFFFF));
      hn::StoreU(hn::Or(low, hn::ShiftLeft<16>(activation(b))), d, to + (first + o) / 2 * kPlanePlaces);
    }
  }
}

void layer_over(const RestorationLayer& layer, const ChannelPair* in, ChannelPair* out, std::size_t rows,
                std::size_t places) {
  const std::size_t at_once = 2 * hn::Lanes(Sums());
  for (std::size_t y = 0; y < rows; ++y) {
    for (std::size_t x = 0; x < places; x += at_once) {
      const std::size_t at = y * kRowPlaces + x;
      for (std::size_t first = 0; first < layer.outputs; first += kOutputsAtOnce)
        store(layer, first, products(layer, first, in + at), out + at);
    }
  }
}

}  // namespace vaerans::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vaerans::kernels {

HWY_EXPORT(layer_over);

void convolve(const RestorationLayer& layer, const ChannelPair* in, ChannelPair* out, std::size_t rows,
              std::size_t places) noexcept {
  HWY_DYNAMIC_DISPATCH(layer_over)(layer, in, out, rows, places);
}

}  // namespace vaerans::kernels
#endif
