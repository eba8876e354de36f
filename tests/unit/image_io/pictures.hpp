// Picture files made byte by byte: what our own writer cannot write is what the reader must be tested with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vaerans/image_io.hpp"

namespace vaerans::test {

enum class PngColor : std::uint8_t { grey = 0, rgb = 2, grey_alpha = 4, rgb_alpha = 6 };

struct PngSpec {
  std::uint32_t width = 4, height = 3;
  PngColor color = PngColor::rgb;
  unsigned bits = 8;
  std::vector<std::pair<std::string, Bytes>> chunks;  ///< between IHDR and IDAT
};

/// Every sample of pixel (x, y), channel c is `value(x, y, c)`, big-endian where it has 16 bits.
template <typename Value>
Bytes png_samples(const PngSpec& spec, unsigned channels, Value value) {
  Bytes raw;
  for (unsigned y = 0; y < spec.height; ++y) {
    raw.push_back(0);  // no filter
    for (unsigned x = 0; x < spec.width; ++x) {
      for (unsigned c = 0; c < channels; ++c) {
        const auto sample = static_cast<std::uint32_t>(value(x, y, c));
        if (spec.bits == 16) raw.push_back(static_cast<std::uint8_t>(sample >> 8));
        raw.push_back(static_cast<std::uint8_t>(sample));
      }
    }
  }
  return raw;
}

/// A PNG of rows that png_samples made.
Bytes make_png(const PngSpec& spec, const Bytes& raw);

/// An RGB profile with these colorants (columns of the matrix to D50 XYZ) and a pure power curve.
Bytes make_icc_profile(const double (&red)[3], const double (&green)[3], const double (&blue)[3], double gamma);
/// The content of a PNG's iCCP chunk.
Bytes iccp_chunk(const Bytes& profile);

/// A JPEG with this EXIF orientation put into it.
Bytes with_exif_orientation(const Bytes& jpeg, std::uint8_t orientation);

/// A smooth RGB picture with every channel different.
Image gradient(std::uint64_t height, std::uint64_t width);

}  // namespace vaerans::test
