// What the pixel coder says of its tiles, for those that take a stream apart without decoding it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/memory.hpp"
#include "coding/mixing/pixel_tiles.hpp"

namespace vaerans {

/// How the tiles of a stream lie, by its side information (behind the coder's number); nothing where it is not of
/// pixels, or makes no sense. The bits of a sample are left out.
[[nodiscard]] std::optional<TilePlan> tile_plan_in(std::span<const std::byte> side_info);

/// What the coder writes of it, `deep` for samples of 16 bits: they take no levels.
[[nodiscard]] ByteBuffer pixel_side_info(const TilePlan& plan, bool deep);

}  // namespace vaerans
