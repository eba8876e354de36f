// A small network that takes out of decoded planes what quantising wavelet bands has added: a restoration step.
//
// Four 3 x 3 convolutions at half the resolution, where four neighbouring samples of each plane are channels of one
// place; what the last one gives is added to the planes. Samples are counted in steps of the quantiser, so that one set
// of weights serves all steps. All between the planes' floats is in integers: every machine restores the same.
// Samples beyond the borders repeat the outermost ones. Trained by training/restoration.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaerans::kernels {

// Levels of strength: the step is 4 * 2^(level / 16).
inline constexpr int kMostRestoration = 80;
// How far a restored sample looks: four convolutions of one place of two samples, which itself may begin one before.
inline constexpr std::size_t kRestorationReach = 9;

// What the weights were trained for: the least squared error, or the best looks (SSIMULACRA2). Numbers of the format.
inline constexpr int kRestorationSets = 2;

inline constexpr std::size_t kRestorationLayers = 4;
// Channels before, between and behind the layers: four samples of three planes outside.
inline constexpr std::array<std::size_t, kRestorationLayers + 1> kRestorationChannels{12, 24, 24, 24, 12};

// Two channels of a place, 16 bits each, the first in the low half: what the instructions multiply in one go.
using ChannelPair = std::int32_t;

// Outputs whose sums are kept in registers together.
inline constexpr std::size_t kOutputsAtOnce = 6;

// A layer as it runs. A sum begins at its output's bias; then it is shifted to the right by `shift`.
struct RestorationLayer {
  std::size_t pairs;  // how many pairs of channels go in
  std::size_t outputs;
  int shift;
  bool last;                         // its outputs stay whole; others are bent, limited and paired
  std::vector<ChannelPair> weights;  // [output / 6][pair][row][column][output % 6]
  std::vector<std::int32_t> biases;
};

// A set of weights at one strength.
class RestorationNet {
 public:
  // `set` counts from 0, `level` up to kMostRestoration.
  RestorationNet(int set, int level);
  [[nodiscard]] const std::array<RestorationLayer, kRestorationLayers>& layers() const noexcept { return layers_; }
  [[nodiscard]] float step() const noexcept { return step_; }

 private:
  std::array<RestorationLayer, kRestorationLayers> layers_;
  float step_;
};

// Planes one after the other: three, or one.
struct RestoredPlanes {
  const float* in;
  float* out;
  std::size_t count, height, width;
};

// Places of one block, at half the resolution: what it needs fits into the second-level cache.
inline constexpr std::size_t kBlockPlacesWide = 120, kBlockPlacesHigh = 32;

// Blocks are restored alone, in any order.
[[nodiscard]] std::size_t restoration_blocks(std::size_t height, std::size_t width) noexcept;
// Places beyond the block's that its layers look at, on each side.
inline constexpr std::size_t kBlockBorder = kRestorationLayers;
// Places are worked on so many at once; rows have room for the last of them and the two that it looks at beyond.
inline constexpr std::size_t kPlacesAtOnce = 32;
inline constexpr std::size_t kRowPlaces = 160;
inline constexpr std::size_t kPlaneRows = kBlockPlacesHigh + 2 * kBlockBorder;
inline constexpr std::size_t kPlanePlaces = kPlaneRows * kRowPlaces;
static_assert(kBlockPlacesWide + 2 * kBlockBorder + kPlacesAtOnce <= kRowPlaces);

// What one thread needs, made once.
class RestorationBuffers {
  static constexpr std::size_t kHalf = std::size_t{12} * kPlanePlaces;

 public:
  static constexpr std::size_t kBytes = 2 * kHalf * sizeof(ChannelPair);
  // The planes of channel pairs that a layer reads, and those that it writes; outputs of the last are one a plane.
  [[nodiscard]] ChannelPair* of_layer(std::size_t i) noexcept { return all_.data() + (i % 2) * kHalf; }

 private:
  std::vector<ChannelPair> all_ = std::vector<ChannelPair>(2 * kHalf);
};

class Restorer {
 public:
  Restorer(const RestorationNet& net, const RestoredPlanes& planes) : net_(net), planes_(planes) {}
  void block(std::size_t index, RestorationBuffers& buffers) const;
  // The scalar twin: the same bits.
  void block_ref(std::size_t index, RestorationBuffers& buffers) const;

 private:
  template <typename Convolve>
  void run(std::size_t index, RestorationBuffers& buffers, Convolve convolve) const;
  const RestorationNet& net_;
  RestoredPlanes planes_;
};

}  // namespace vaerans::kernels
