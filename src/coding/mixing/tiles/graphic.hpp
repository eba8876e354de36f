// Whether a picture is a graphic, as text and screen shots are, or a photo: which coder its pixels are for.
#pragma once

#include <cstdint>

#include "coding/mixing/pixel_tiles.hpp"

namespace vaerans {

/// By how many of its pixels equal a neighbour, and how the others differ from theirs. Smooth photos repeat, too, but
/// where they do not they change by small steps. `likely` ones are mostly graphics, with photos or gradients in them.
enum class Graphic : std::uint8_t { no, perhaps, likely, surely };
[[nodiscard]] Graphic graphic_of(PixelPlanes<const std::uint8_t> picture);

}  // namespace vaerans
