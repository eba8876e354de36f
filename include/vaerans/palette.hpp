// Palettes: the colours, in their order, of picture files whose pixels are numbers of colours. A .vrs file holds pixels;
// the palette goes along in a chunk of its own, so that a PNG in a palette comes back as it was.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vaerans/base/limits.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans {

struct Palette {
  using Color = std::array<std::uint8_t, 4>;  ///< red, green, blue, alpha
  std::vector<Color> colors;                  ///< 1 to 256
  std::uint32_t with_alpha = 0;               ///< of how many, from the first on, alpha is said; the others are opaque
  std::uint32_t bits = 8;                     ///< of a pixel's number: 1, 2, 4 or 8
  bool operator==(const Palette&) const = default;
};

/// The file with this palette in the place of its own. Throws Error(invalid_argument) for a palette that is none, and
/// what verify_file() throws.
[[nodiscard]] Bytes with_palette(std::span<const std::uint8_t> file, const Palette& palette, const Limits& limits = {});
/// The palette in a file; nothing where there is none, or one that is not understood. Throws what verify_file() throws.
[[nodiscard]] std::optional<Palette> file_palette(std::span<const std::uint8_t> file, const Limits& limits = {});

// ---- of vaerans::image_io ------------------------------------------------------------------------------------------

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
