// Wavelet coefficients, packed band after band.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// (C, h·w): in each channel LL of the coarsest level, then HL, LH, HH of each level from coarse to fine, every band
/// contiguous. The index of (channel, level, band, offset, h, w) is `Component::spec.subbands`.
struct WaveletPyr {
  static constexpr std::string_view key = "WaveletPyr";
  static constexpr Kind kind = Kind::bands;
};

}  // namespace vaerans
