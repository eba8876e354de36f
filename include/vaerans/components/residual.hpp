// What a reconstruction lacks.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// (H, W, 3) i16: source − reconstruction.
struct ResidualImage {
  static constexpr std::string_view key = "Residual";
  static constexpr Kind kind = Kind::difference;
};

}  // namespace vaerans
