// What the mixing coder says of pictures: of their tiles, for those that take a stream apart without decoding it, and
// of their size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/memory.hpp"
#include "coding/mixing/pixel_tiles.hpp"

namespace vaerans {

/// How the tiles of a stream lie, by its side information (behind the coder's number); nothing where it is not of
/// pixels, or makes no sense. The bits of a sample are left out.
[[nodiscard]] std::optional<TilePlan> tile_plan_in(std::span<const std::byte> side_info);

/// What the coder writes of photos by this plan, `deep` for samples of 16 bits: they take no levels.
[[nodiscard]] ByteBuffer pixel_side_info(const TilePlan& plan, bool deep);

/// What it writes of graphics: their tiles may have other sides than those of photos.
[[nodiscard]] ByteBuffer graphic_side_info(const TilePlan& plan);

/// The bytes that the mixing coder makes of planes by this plan.
[[nodiscard]] std::size_t coded_size(PixelPlanes<const std::uint8_t> planes, const TilePlan& plan, unsigned threads);

}  // namespace vaerans
