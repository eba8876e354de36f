// The scalar twin: one output of one place after the other.
#include "kernels/restoration/restoration_layer.hpp"

namespace vaerans::kernels {
namespace {

std::int32_t product(ChannelPair a, ChannelPair b) noexcept {
  const auto low = [](ChannelPair v) { return std::int32_t{static_cast<std::int16_t>(v & 0xFFFF)}; };
  return low(a) * low(b) + (a >> 16) * (b >> 16);
}

std::int32_t sum_at(const RestorationLayer& layer, std::size_t output, const ChannelPair* in) noexcept {
  const std::size_t first = output - output % kOutputsAtOnce;
  const ChannelPair* weight = layer.weights.data() + first * layer.pairs * 9 + output % kOutputsAtOnce;
  std::int32_t sum = layer.biases[output];
  for (std::size_t pair = 0; pair < layer.pairs; ++pair) {
    for (std::size_t tap = 0; tap < 9; ++tap, weight += kOutputsAtOnce)
      sum += product(in[pair * kPlanePlaces + tap / 3 * kRowPlaces + tap % 3], *weight);
  }
  return sum >> layer.shift;
}

}  // namespace

void convolve_ref(const RestorationLayer& layer, const ChannelPair* in, ChannelPair* out, std::size_t rows,
                  std::size_t places) noexcept {
  for (std::size_t y = 0; y < rows; ++y) {
    for (std::size_t x = 0; x < places; ++x) {
      const std::size_t at = y * kRowPlaces + x;
      for (std::size_t o = 0; o < layer.outputs; o += 2) {
        const std::int32_t a = sum_at(layer, o, in + at), b = sum_at(layer, o + 1, in + at);
        if (layer.last) {
          out[o * kPlanePlaces + at] = a;
          out[(o + 1) * kPlanePlaces + at] = b;
        } else {
          out[o / 2 * kPlanePlaces + at] = pair_of(activation_of(a), activation_of(b));
        }
      }
    }
  }
}

}  // namespace vaerans::kernels
