// Pictures: interleaved sRGB or grey. A component type is a key and a kind; its tensor is a Component of a World.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

struct RGB {  ///< the picture as it was given without its alpha: (H, W, 3), or (H, W, 1) if grey; u8, or u16
  static constexpr std::string_view key = "RGB";
  static constexpr Kind kind = Kind::image;
};
struct Alpha {  ///< how opaque each pixel is, (H, W, 1), samples as those of RGB; only of pictures that have it
  static constexpr std::string_view key = "Alpha";
  static constexpr Kind kind = Kind::image;
};
struct ReconRGB {  ///< the picture as a decoder gives it, like RGB
  static constexpr std::string_view key = "ReconRGB";
  static constexpr Kind kind = Kind::image;
};
struct BlurRGB {  ///< a blurred picture, (H, W, 3) u8
  static constexpr std::string_view key = "BlurRGB";
  static constexpr Kind kind = Kind::image;
};

}  // namespace vaerans
