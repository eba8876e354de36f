// What a trace says of the information in a tensor.
#pragma once

#include <span>
#include <string>

#include "vaerans/core/arena.hpp"

namespace vaerans {

struct EntropyEstimate {
  double bits = 0;  ///< zero-order entropy, bits for each element
  std::string at;   ///< what was counted: "step 1.5", or the element type
};

/// Counts the elements of all items together, every k-th of them where there are more than four million. Whole numbers
/// are counted as they are, floats at `step` (rounded to its multiples), or by their bit patterns where it is 0.
[[nodiscard]] EntropyEstimate estimate_entropy(Arena& arena, std::span<const TensorRef> items, double step);

}  // namespace vaerans
