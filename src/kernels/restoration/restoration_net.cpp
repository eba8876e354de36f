#include <cmath>

#include "kernels/bands/steps/step_map.hpp"
#include "kernels/restoration/restoration.hpp"

namespace vaerans::kernels {
namespace {

// Both sets, one after the other, as bytes: of each layer the weights, u16 as two's complement, [output][channel]
// [row][column] in 1/2048; then its biases in 1/1024, [octave][output].
constexpr std::uint8_t kFile[] = {
#include "kernels/restoration/restoration_weights.inc"
};

// Biases are there for whole octaves of the step, and lie on straight lines between them.
constexpr std::size_t kOctaves = 6;
constexpr int kAnOctave = 16, kAnOctaveLog = 4;

// What a sum is counted in: weights in 1/2048, samples in 1/128 of a step, activations in 1/1024.
constexpr int kFirstShift = 8, kShift = 11;

class Reader {
 public:
  explicit Reader(std::size_t begin) : at_(begin) {}
  std::int16_t next() noexcept {
    const auto v = static_cast<std::int16_t>(kFile[2 * at_] | kFile[2 * at_ + 1] << 8);
    ++at_;
    return v;
  }

 private:
  std::size_t at_;
};

constexpr std::size_t weights_of(std::size_t layer) noexcept {
  return kRestorationChannels[layer] * kRestorationChannels[layer + 1] * 9;
}
constexpr std::size_t numbers_of_set() noexcept {
  std::size_t n = 0;
  for (std::size_t i = 0; i < kRestorationLayers; ++i) n += weights_of(i) + kOctaves * kRestorationChannels[i + 1];
  return n;
}
static_assert(sizeof(kFile) == std::size_t{2} * kRestorationSets * numbers_of_set());

// Where the pair of a weight stands, and into which half it goes.
std::size_t place_of(std::size_t output, std::size_t pair, std::size_t tap, std::size_t pairs) noexcept {
  const std::size_t group = output / kOutputsAtOnce;
  return ((group * pairs + pair) * 9 + tap) * kOutputsAtOnce + output % kOutputsAtOnce;
}

std::vector<ChannelPair> read_weights(Reader& in, std::size_t outputs, std::size_t pairs) {
  std::vector<ChannelPair> out(outputs * pairs * 9);
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t channel = 0; channel < 2 * pairs; ++channel) {
      for (std::size_t tap = 0; tap < 9; ++tap) {
        auto half = static_cast<std::uint32_t>(static_cast<std::uint16_t>(in.next()));
        ChannelPair& pair = out[place_of(output, channel / 2, tap, pairs)];
        pair = static_cast<ChannelPair>(static_cast<std::uint32_t>(pair) | half << (channel % 2 * 16));
      }
    }
  }
  return out;
}

// As a sum begins: with half of what the shift takes away, so that it rounds.
std::vector<std::int32_t> read_biases(Reader& in, std::size_t outputs, int level, int shift) {
  std::vector<std::int32_t> out(outputs, 1 << (shift - 1));
  const int octave = std::min(level / kAnOctave, static_cast<int>(kOctaves) - 2), part = level - octave * kAnOctave;
  for (std::size_t i = 0; i < kOctaves * outputs; ++i) {
    const std::int32_t bias = in.next();
    const auto of = static_cast<int>(i / outputs);
    if (of != octave && of != octave + 1) continue;
    const int share = of == octave ? kAnOctave - part : part;
    out[i % outputs] += bias * share * (1 << (shift - kAnOctaveLog));
  }
  return out;
}

}  // namespace

RestorationNet::RestorationNet(int set, int level) : step_(4 * step_factor(level)) {
  Reader in(static_cast<std::size_t>(set) * numbers_of_set());
  for (std::size_t i = 0; i < kRestorationLayers; ++i) {
    RestorationLayer& layer = layers_[i];
    layer.pairs = kRestorationChannels[i] / 2;
    layer.outputs = kRestorationChannels[i + 1];
    layer.shift = i == 0 ? kFirstShift : kShift;
    layer.last = i + 1 == kRestorationLayers;
    layer.weights = read_weights(in, layer.outputs, layer.pairs);
    layer.biases = read_biases(in, layer.outputs, level, layer.shift);
  }
}

}  // namespace vaerans::kernels
