// The work of quantize_bands on one tile: from coefficients to indices. For the system, which has all the bands of a
// picture, and for encoders that have those of some rows at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "coding/mixing/bands/band_tiles.hpp"
#include "kernels/bands/steps/band_steps.hpp"
#include "kernels/bands/steps/step_map.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {

using StepMapOrNone = std::optional<kernels::StepMap>;

class TileQuantizer {
 public:
  /// What was quantised to 1, to 2, and to more: of luma, and where there is any of chroma.
  using Sums = std::vector<kernels::StepSums>;
  struct Tile {
    std::vector<std::int32_t> indices;
    Sums sums;
  };

  explicit TileQuantizer(const QuantizeBandsOptions& options) : options_(options) {}

  [[nodiscard]] kernels::Indices kind() const {
    return options_.dependent ? kernels::Indices::dependent : kernels::Indices::independent;
  }
  /// The step of a band: the same error in the picture from all of them.
  [[nodiscard]] float step_in(const Subband& s) const;
  /// Likewise, with visual steps.
  [[nodiscard]] kernels::VisualSteps visual_steps_in(const Subband& s) const;

  /// Throws Error(limit_exceeded) where the step is too small for coefficients of a band, Error(non_finite).
  void require_coarse_enough(std::span<const float> coefficients, const Subband& s, const StepMapOrNone& map) const;
  /// `item` has the coefficients of which the parts are; `map`, if there is one, is the whole picture's.
  [[nodiscard]] Tile quantize(const BandParts& parts, std::span<const float> item, const StepMapOrNone& map,
                              kernels::BandBuffers& buffers) const;
  /// Where the values of all tiles lie in their steps.
  [[nodiscard]] std::vector<kernels::StepCenters> centers_of(std::span<const Sums> tiles) const;

 private:
  void scale(const BandPart& part, std::span<const float> item, const StepMapOrNone& map,
             std::span<std::int32_t> values) const;
  [[nodiscard]] std::vector<std::int32_t> chosen(const kernels::BandLayout& layout,
                                                 const std::vector<std::int32_t>& values,
                                                 kernels::BandBuffers& buffers) const;
  [[nodiscard]] Sums sums_of(const BandParts& parts, std::span<const std::int32_t> values,
                             std::span<const std::int32_t> indices) const;

  QuantizeBandsOptions options_;
};

/// Exponents of a row of a band's part; zeros in LL.
void read_exponents(const kernels::StepMap& map, const BandPart& part, std::uint32_t y, std::vector<std::int16_t>& out);

}  // namespace vaerans
