// Synthetic pictures as other kinds: one channel, or samples of 16 bits.
#pragma once

#include "synthetic_pictures.hpp"
#include "vaerans/api.hpp"

namespace vaerans::test {

inline Image image_of(const SyntheticPicture& picture) { return {picture.h, picture.w, picture.rgb}; }

/// The green channel.
inline Image grey_of(const SyntheticPicture& picture) {
  Image out{picture.h, picture.w, {}};
  out.channels = 1;
  for (std::size_t i = 1; i < picture.rgb.size(); i += 3) out.rgb.push_back(picture.rgb[i]);
  return out;
}

/// The same picture in samples of 16 bits, 257 times as large; `low` is added to each.
inline Image deep_of(const Image& picture, std::uint16_t low = 0) {
  Image out = picture;
  out.dtype = DType::u16;
  std::vector<std::uint16_t> samples;
  for (const std::uint8_t v : picture.rgb) samples.push_back(static_cast<std::uint16_t>(v * 257 + (v < 255 ? low : 0)));
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(samples.data());
  out.rgb.assign(bytes, bytes + 2 * samples.size());
  return out;
}

}  // namespace vaerans::test
