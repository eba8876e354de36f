// BandGrid: what a step says of its symbols where they are quantised wavelet bands of a picture's planes.
#pragma once

#include "coding/mixing/bands/band_stream.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

/// Handed out by systems whose output the band coder takes (System::prior): zigzag symbols of signed indices.
struct BandGrid final : EntropyPrior {
  explicit BandGrid(const BandPlan& coded) : plan(coded) {}

  BandPlan plan;
};

}  // namespace vaerans
