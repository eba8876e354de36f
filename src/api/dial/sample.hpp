// A part of a large picture that stands for all of it where a step is chosen by how trials look.
#pragma once

#include "api/strips/picture_rows.hpp"
#include "base/spread.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {

/// The side of a sample's squares: usually, and where a glance must do, which looks at 65,536 pixels at most.
inline constexpr std::uint64_t sample_square = 512, glance_square = 64;

/// Squares of so many pixels a side from all over the picture, side by side: 4 along each side, all of a side that has
/// no room for them.
[[nodiscard]] Image sample_of(PictureRows& picture, std::uint64_t square = sample_square);

/// The sample as RGB in a world of its own.
struct SampledPicture {
  explicit SampledPicture(PictureRows& picture, std::uint64_t square = sample_square);

  World world;
  EntityId entity;
};

}  // namespace vaerans
