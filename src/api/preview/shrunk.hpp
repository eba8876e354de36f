// Small pictures of large ones.
#pragma once

#include "vaerans/api.hpp"

namespace vaerans {

/// A picture as (height, width, 3) u8: each pixel is the mean of those that it stands for, grey as three equal samples,
/// alpha over white. Neither side may be larger than the picture's.
[[nodiscard]] Image shrunk(const ImageView& picture, std::uint64_t height, std::uint64_t width);

}  // namespace vaerans
