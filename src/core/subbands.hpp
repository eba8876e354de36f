// Subbands: what messages call one, and its part of an item.
#pragma once

#include <span>
#include <string>

#include "vaerans/base/error.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// "channel 2, level 3 HL": how messages name a subband.
[[nodiscard]] inline std::string subband_name(const Subband& s) {
  return "channel " + std::to_string(s.channel) + ", level " + std::to_string(s.level) + " " +
         std::string(orientation_name(s.orientation));
}

/// Throws Error(shape) unless each lies within an item of that shape.
inline void require_within(std::span<const Subband> subbands, const Shape& item) {
  const std::uint64_t elements = item.elements();
  for (const Subband& s : subbands) {
    if (s.offset <= elements && s.size() <= elements - s.offset) continue;
    throw Error(ErrorCode::shape, subband_name(s) + ": " + std::to_string(s.h) + " x " + std::to_string(s.w) +
                                      " elements from " + std::to_string(s.offset) + " on do not lie within " +
                                      item.str());
  }
}

template <typename T>
[[nodiscard]] std::span<T> part(std::span<T> item, const Subband& subband) {
  return item.subspan(subband.offset, subband.size());
}

}  // namespace vaerans
