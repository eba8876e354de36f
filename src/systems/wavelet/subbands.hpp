// The index of a wavelet's coefficients, for the system that makes them and for encoders that do so row by row.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/dwt/dwt.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// The subbands of some channels of h × w, one channel behind the other. Empty for planes that are too large.
[[nodiscard]] inline std::vector<Subband> wavelet_subbands(std::uint32_t channels, std::uint32_t h, std::uint32_t w,
                                                           std::uint32_t levels) {
  std::array<kernels::SubbandExtent, kernels::kMaxBands> extents;
  const std::size_t n = kernels::band_layout(h, w, levels, extents);
  std::vector<Subband> out;
  for (std::uint32_t c = 0; c < channels; ++c) {
    for (const auto& e : std::span(extents).first(n))
      out.push_back({c, e.level, static_cast<Orientation>(e.kind), std::uint64_t{c} * h * w + e.offset, e.h, e.w});
  }
  return out;
}

}  // namespace vaerans
