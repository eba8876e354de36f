// What effort=1..9 means: the one table of it. docs/effort.md says the same with what was measured.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "coding/mixing/pixel_tiles.hpp"
#include "vaerans/base/effort.hpp"

namespace vaerans {

/// How encoders spend time. Files of every effort are read by the same decoder. Of more effort a lossless file is never
/// larger, and a lossy one of as many bytes not worse, but for drawings by the wavelet coder (docs/effort.md).
struct Effort {
  ModelChoice pixels = ModelChoice::balanced;  ///< models of the pixel coder
  bool weighs_bits = true;  ///< the wavelet coder's indices are dependent and chosen at their costs, not by a dead zone
  int index_passes = 1;     ///< passes over dependent indices, each of which knows what the one before chose
  int latent_turns = 0;     ///< turns of the search for better latents of a model
};

inline constexpr std::array<Effort, most_effort> kEfforts{{
    {ModelChoice::fast, false},             // 1
    {ModelChoice::fast, false},             // 2
    {ModelChoice::balanced, true},          // 3
    {ModelChoice::balanced, true},          // 4
    {ModelChoice::balanced, true},          // 5, the default
    {ModelChoice::balanced, true, 2, 10},   // 6
    {ModelChoice::balanced, true, 2, 30},   // 7
    {ModelChoice::dense, true, 2, 70},      // 8
    {ModelChoice::smallest, true, 2, 150},  // 9
}};

/// What an effort means; parameters are checked to be between least_effort and most_effort.
[[nodiscard]] constexpr const Effort& effort_of(std::int64_t effort) {
  return kEfforts[static_cast<std::size_t>(effort - least_effort)];
}

}  // namespace vaerans
