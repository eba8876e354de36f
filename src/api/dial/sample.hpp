// A part of a large picture that stands for all of it where a step is chosen by how trials look.
#pragma once

#include "api/strips/picture_rows.hpp"
#include "base/spread.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {

/// Squares of 512 × 512 pixels from all over the picture, side by side: 4 along each side, all of a side below 2048.
[[nodiscard]] Image sample_of(PictureRows& picture);

/// The sample as RGB in a world of its own.
struct SampledPicture {
  explicit SampledPicture(PictureRows& picture);

  World world;
  EntityId entity;
};

}  // namespace vaerans
