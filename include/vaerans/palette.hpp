// Palettes: the colours, in their order, of picture files whose pixels are numbers of colours. A .vrs file holds
// pixels; the palette goes along in a chunk of its own, so that a PNG in a palette comes back as it was.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "vaerans/base/limits.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

struct Palette {
  using Color = std::array<std::uint8_t, 4>;  ///< red, green, blue, alpha
  std::vector<Color> colors;                  ///< 1 to 256
  std::uint32_t with_alpha = 0;               ///< so many, from the first on, say their alpha; the others are opaque
  std::uint32_t bits = 8;                     ///< a pixel's number has 1, 2, 4 or 8
  bool operator==(const Palette&) const = default;
  /// Whether it has colours, and no more than its bits tell.
  [[nodiscard]] bool sound() const noexcept;
};

/// The file with this palette in the place of its own. Throws Error(invalid_argument) for a palette that is none, and
/// what verify_file() throws.
[[nodiscard]] Bytes with_palette(std::span<const std::uint8_t> bytes, const Palette& palette,
                                 const Limits& limits = {});
/// The palette in a file; nothing where there is none, or one that is not understood. Throws what verify_file() throws.
[[nodiscard]] std::optional<Palette> file_palette(std::span<const std::uint8_t> bytes, const Limits& limits = {});

}  // namespace vaerans
