// Whether an array is coded in fewer bits as bands than as it is.
#pragma once

#include <span>

#include "store/blob/header.hpp"

namespace vaerans::blob {

/// Judged by some of the numbers; `header` has Haar, steps and centers. Bands of numbers that have nothing to do with
/// their neighbours gain nothing, and lose where few are large: sums of such numbers are nearer to a normal one's.
[[nodiscard]] bool haar_pays(std::span<const float> x, const Header& header);

}  // namespace vaerans::blob
