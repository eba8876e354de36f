// Samples: a decoded picture of any number of channels, as our own readers give it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "vaerans/base/limits.hpp"

namespace vaerans::image_io {

struct Samples {
  std::uint64_t height = 0, width = 0;
  unsigned channels = 0;           ///< 1 to 4; with an even number, the last is alpha
  bool deep = false;               ///< 16 bits per sample, in the machine's order; otherwise 8. All of them are used
  std::vector<std::uint8_t> data;  ///< rows without gaps
  std::vector<std::uint8_t> icc = {};  ///< the profile of the colours; empty: sRGB
};

/// From 0…most to 0…top, rounded.
[[nodiscard]] constexpr std::uint64_t rescaled(std::uint64_t value, std::uint64_t most, std::uint64_t top) {
  return (value * top + most / 2) / most;
}

/// Sets the last of 2 or 4 channels of 8 bits.
inline void make_opaque(Samples& samples) {
  for (std::size_t at = samples.channels - 1; at < samples.data.size(); at += samples.channels) samples.data[at] = 255;
}

/// Error(limit_exceeded); before any memory is taken.
void require_limits(std::uint64_t height, std::uint64_t width, const Limits& limits);

}  // namespace vaerans::image_io
