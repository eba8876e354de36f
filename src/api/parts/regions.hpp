// Rectangles of pictures: what they have in common, and pixels put where they belong.
#pragma once

#include "coding/mixing/pixel_tiles.hpp"
#include "vaerans/partial.hpp"

namespace vaerans {

[[nodiscard]] Region region_of(const TileArea& area);
/// Where each row of tiles ends; `tiles` are those of a picture, row by row.
[[nodiscard]] std::vector<std::uint64_t> row_ends(std::span<const TileArea> tiles);
/// How many there are in a row.
[[nodiscard]] inline std::uint64_t columns_of(std::span<const TileArea> tiles) {
  return tiles.size() / row_ends(tiles).size();
}
/// Nothing in common: a region of no size.
[[nodiscard]] Region common(const Region& a, const Region& b);
/// The least that holds both.
[[nodiscard]] Region around(const Region& a, const Region& b);
/// By so many pixels to each side, within a picture.
[[nodiscard]] Region grown(const Region& region, std::uint64_t by, std::uint64_t height, std::uint64_t width);
/// Throws Error(bad_parameter).
void require_within(const Region& region, std::uint64_t height, std::uint64_t width);

/// For decoding a file made of some of a file's bytes: the whole was held against the limit of pixels for each byte.
[[nodiscard]] Context for_some_of(const Context& context);

/// A black picture of a region.
[[nodiscard]] Image blank(const Region& region, std::uint32_t channels, DType dtype);
/// Puts what both have in common into the picture of `region`, which is of the same kind.
void paste(const Image& from, const Region& at, const Region& region, Image& into);
/// Colours and their alpha, of one size and depth, pixel by pixel.
[[nodiscard]] Image with_alpha_beside(const Image& colors, const Image& alpha);

}  // namespace vaerans
