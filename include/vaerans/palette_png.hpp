// PNGs in a palette: what it is, and written in a given one. Part of vaerans::image_io.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "vaerans/image_io.hpp"
#include "vaerans/palette.hpp"

namespace vaerans {

/// The palette of a PNG, whose front is enough; nothing of other pictures, and of damaged ones.
[[nodiscard]] std::optional<Palette> palette_of_png(std::span<const std::uint8_t> front);
/// The same of a file.
[[nodiscard]] std::optional<Palette> read_palette(const std::string& path);
/// Whether every pixel is one of its colours, so that a picture can be written in it.
[[nodiscard]] bool holds_picture(const Palette& palette, const ImageView& image);
/// A PNG in the palette; nothing where the palette does not hold the picture.
[[nodiscard]] std::optional<Bytes> encode_in_palette(const ImageView& image, const Palette& palette,
                                                     const PictureMetadata& metadata = {});

}  // namespace vaerans
