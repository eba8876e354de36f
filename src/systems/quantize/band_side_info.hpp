// What quantize_bands puts into a file beside its parameters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "kernels/bands/steps/band_steps.hpp"
#include "kernels/bands/steps/step_map.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// Which centers a plane has: one set for luma, another for all chroma.
[[nodiscard]] constexpr std::size_t centers_for(std::uint32_t channel) { return channel != 0 ? 1 : 0; }

/// What a decoder needs beside the step: where values lie in their steps, for luma and, where there is any, chroma.
struct BandSideInfo {
  bool wide = false;  ///< symbols of 16 bits
  std::vector<kernels::StepCenters> centers = {};
  std::span<const std::byte> map = {};  ///< with visual steps, the decisions of their StepMap

  [[nodiscard]] const kernels::StepCenters& of(const Subband& s) const { return centers[centers_for(s.channel)]; }
};

/// The least and the most that a center can be: those of dependent indices have a sign.
struct CenterRange {
  int least, most;
};
[[nodiscard]] constexpr CenterRange center_range(bool dependent) {
  return dependent ? CenterRange{-128, 127} : CenterRange{0, 255};
}

[[nodiscard]] ByteBuffer write_side_info(const BandSideInfo& side_info);
/// Throws Error(corrupt_stream), here and below.
[[nodiscard]] BandSideInfo read_band_side_info(std::span<const std::byte> bytes, bool dependent,
                                               std::uint32_t channels);
/// Whether there is a map if, and only if, there are visual steps.
void require_map(const BandSideInfo& side_info, bool visual);

[[nodiscard]] ByteBuffer write_map(const kernels::StepMap& map);
/// Fills `map`, which has the picture's size.
[[nodiscard]] kernels::StepMap read_map(std::span<const std::byte> bytes, kernels::StepMap map);

}  // namespace vaerans
