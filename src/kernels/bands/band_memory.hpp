// What BandBuffers hold.
#pragma once

#include <array>
#include <vector>

#include "kernels/bands/band_coder.hpp"
#include "kernels/bands/band_model.hpp"

namespace vaerans::kernels {

struct BandMemory {
  using Level = std::array<std::array<BandPlane, 3>, BandLayout::kMostChannels>;  // [channel][HL, LH, HH]

  void reset(const BandLayout& layout);
  // Forgets the bands, but not what was learnt from them: that only gives way sooner to what comes.
  void begin_again(const BandLayout& layout);

  bands::BandModel model;
  std::vector<Level> levels;  // as in the layout

 private:
  void clear(const BandLayout& layout);
};

}  // namespace vaerans::kernels
