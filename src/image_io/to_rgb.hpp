// From whatever libvips has opened to upright 8-bit sRGB.
#pragma once

#include <cstdint>
#include <vips/vips8>

#include "image_io/readers/samples.hpp"

namespace vaerans::image_io {

/// A picture in libvips' hands; it takes the samples over.
[[nodiscard]] vips::VImage image_of(Samples samples);

/// Throw Error(image_unsupported) for several pictures; for grey and 16-bit ones, and those with alpha unless they may.
void require_one_picture(std::uint64_t pictures);
void require_plain_rgb(const vips::VImage& picture, bool alpha);

/// Applies the orientation, converts to 8-bit sRGB and lays alpha over white. Reads the picture from top to bottom,
/// once. `gamma`: samples are light to this power; 0 where they follow sRGB's curve, or a profile. `keep_colours`: RGB
/// stays in the colours of its profile. Throws vips::VError, and Error(image_unsupported) for a picture without a way
/// to three channels.
[[nodiscard]] vips::VImage to_rgb8(vips::VImage picture, double gamma = 0, bool keep_colours = false);

/// The same without a loss: grey stays grey, 16 bits stay 16, alpha stays beside the colours.
[[nodiscard]] vips::VImage to_own_kind(vips::VImage picture, double gamma = 0, bool keep_colours = false);

}  // namespace vaerans::image_io
