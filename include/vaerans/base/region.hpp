// A rectangle of a picture.
#pragma once

#include <cstdint>

namespace vaerans {

/// In pixels from the left and the top.
struct Region {
  std::uint64_t x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Region&) const = default;
};

}  // namespace vaerans
