// Subbands: what messages call one, and its part of an item.
#pragma once

#include <span>
#include <string>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// "channel 2, level 3 HL": how messages name a subband.
[[nodiscard]] inline std::string subband_name(const Subband& s) {
  return "channel " + std::to_string(s.channel) + ", level " + std::to_string(s.level) + " " +
         std::string(orientation_name(s.orientation));
}

template <typename T>
[[nodiscard]] std::span<T> part(std::span<T> item, const Subband& subband) {
  return item.subspan(subband.offset, subband.size());
}

}  // namespace vaerans
