// Pictures: 8-bit interleaved sRGB. A component type is a key and a kind; its tensor is a Component of a World.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

struct RGB {  ///< the picture as it was given, (H, W, 3) u8
  static constexpr std::string_view key = "RGB";
  static constexpr Kind kind = Kind::image;
};
struct ReconRGB {  ///< the picture as a decoder gives it, (H, W, 3) u8
  static constexpr std::string_view key = "ReconRGB";
  static constexpr Kind kind = Kind::image;
};
struct BlurRGB {  ///< a blurred picture, (H, W, 3) u8
  static constexpr std::string_view key = "BlurRGB";
  static constexpr Kind kind = Kind::image;
};

}  // namespace vaerans
