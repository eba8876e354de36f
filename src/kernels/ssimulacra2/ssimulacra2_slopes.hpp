// The slopes of SSIMULACRA 2.1 by the samples of the picture that is compared: for encoders that follow them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/common/image_view.hpp"

namespace vaerans::kernels {

/// Compares pictures with one sRGB reference of three channels, at least kSsimulacra2Least on each side. Plain float
/// loops over whole planes, of which it holds about 27 floats a pixel.
class Ssimulacra2Slopes {
 public:
  explicit Ssimulacra2Slopes(ImageView reference);

  /// The weighed sum behind the score: 0 where nothing differs, about 4 at a score of 60 and 13 at 20. `slopes`, unless
  /// empty: of it by each sample (height, width, 3), in units of a sample.
  [[nodiscard]] double damage(ImageView test, std::span<float> slopes) const;

 private:
  using Plane = std::vector<float>;

  /// The reference at one scale, in XYB.
  struct Scale {
    std::size_t height, width;
    Plane planes[3];
  };
  std::vector<Scale> scales_;
};

}  // namespace vaerans::kernels
