// Pictures that are in a world without being copied, as long as nobody asks for all of their pixels there.
#pragma once

#include <optional>

#include "vaerans/core/world.hpp"

namespace vaerans {

/// As World::spawn_image() of a picture without alpha, which must outlive the world or its RGB there. Its place in the
/// arena is taken, which is address space alone, until a system reads it.
[[nodiscard]] EntityId spawn_borrowed(World& world, const ImageView& picture);

/// The picture where it was, if the component is of one that has not been copied.
[[nodiscard]] std::optional<ImageView> borrowed_view(World& world, const Component& picture);

}  // namespace vaerans
