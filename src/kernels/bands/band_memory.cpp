#include "kernels/bands/band_memory.hpp"

namespace vaerans::kernels {

BandBuffers::BandBuffers() : memory(std::make_unique<BandMemory>()) {}
BandBuffers::~BandBuffers() = default;

void BandMemory::reset(const BandLayout& layout) {
  model.reset();
  levels.resize(layout.channels[0].levels.size());
  for (std::size_t c = 0; c < BandLayout::kChannels; ++c) {
    for (std::size_t k = 0; k < levels.size(); ++k) {
      const auto& places = layout.channels[c].levels[k];
      for (std::size_t o = 0; o < places.size(); ++o) levels[k][c][o].reset(places[o].height, places[o].width);
    }
  }
}

}  // namespace vaerans::kernels
