#include "kernels/bands/band_plane.hpp"

#include <algorithm>

namespace vaerans::kernels {

void BandPlane::reset(int height, int width) {
  height_ = height;
  width_ = width;
  stride_ = width + 2 * kBorder;
  const auto places = static_cast<std::size_t>(stride_) * static_cast<std::size_t>(height + 2 * kBorder);
  magnitudes_.assign(places, 0);
  around_.assign(places, 0);
  signs_.assign(places, 0);
}

void BandPlane::finish() {
  for (int y = 0; y < height_; ++y) {
    const std::uint16_t *above = magnitudes(y - 1), *here = magnitudes(y), *below = magnitudes(y + 1);
    std::uint16_t* const out = around(y);
    for (int x = 0; x < width_; ++x) {
      const int beside = here[x - 1] + here[x + 1] + above[x] + below[x];
      const int across = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1];
      out[x] = static_cast<std::uint16_t>(std::min(2 * beside + across, 65535));
    }
  }
}

}  // namespace vaerans::kernels
