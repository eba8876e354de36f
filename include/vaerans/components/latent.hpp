// Latents: what a VAE's encoder gives, and the same after a Hadamard transform of its channels.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

struct Latent4 {  ///< (C, h, w) f32; C = 4 for the specification's VAEs, other counts are accepted
  static constexpr std::string_view key = "Latent4";
  static constexpr Kind kind = Kind::planes;
};
struct YUVW4 {  ///< (C, h, w) f32, decorrelated channels
  static constexpr std::string_view key = "YUVW4";
  static constexpr Kind kind = Kind::planes;
};

}  // namespace vaerans
