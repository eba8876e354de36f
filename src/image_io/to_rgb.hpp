// From whatever libvips has opened to upright 8-bit sRGB.
#pragma once

#include <string>
#include <vips/vips8>

namespace vaerans::image_io {

/// Throws Error(image_unsupported) for grey, alpha, 16-bit and many-page pictures; `name` begins its text.
void require_plain_rgb(const vips::VImage& picture, const std::string& name);

/// Applies the orientation, converts to 8-bit sRGB and lays alpha over white. Reads the picture from top to bottom,
/// once. Throws vips::VError, and Error(image_unsupported) for a picture without a way to three channels.
[[nodiscard]] vips::VImage to_rgb8(vips::VImage picture, const std::string& name);

}  // namespace vaerans::image_io
