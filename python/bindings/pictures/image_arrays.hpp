// Pictures of the library as arrays.
#pragma once

#include "convert.hpp"
#include "vaerans/api.hpp"

namespace vaerans::python {

/// (H, W) where it is grey, else (H, W, C), uint8 or uint16; the array owns the samples.
[[nodiscard]] WriteArray array_of(Image&& image);

}  // namespace vaerans::python
