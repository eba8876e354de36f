#include "api/parts/regions.hpp"

#include <algorithm>
#include <cstring>

namespace vaerans {

Region region_of(const TileArea& area) {
  return {area.left, area.top, static_cast<std::uint64_t>(area.width), static_cast<std::uint64_t>(area.height)};
}

std::vector<std::uint64_t> row_ends(std::span<const TileArea> tiles) {
  std::vector<std::uint64_t> out;
  for (const TileArea& area : tiles) {
    const std::uint64_t end = area.top + static_cast<std::uint64_t>(area.height);
    if (out.empty() || out.back() != end) out.push_back(end);
  }
  return out;
}

Region common(const Region& a, const Region& b) {
  const std::uint64_t x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  const std::uint64_t right = std::min(a.x + a.width, b.x + b.width), below = std::min(a.y + a.height, b.y + b.height);
  if (right <= x || below <= y) return {};
  return {x, y, right - x, below - y};
}

Region around(const Region& a, const Region& b) {
  const std::uint64_t x = std::min(a.x, b.x), y = std::min(a.y, b.y);
  return {x, y, std::max(a.x + a.width, b.x + b.width) - x, std::max(a.y + a.height, b.y + b.height) - y};
}

Region grown(const Region& region, std::uint64_t by, std::uint64_t height, std::uint64_t width) {
  const std::uint64_t x = region.x - std::min(region.x, by), y = region.y - std::min(region.y, by);
  const std::uint64_t right = region.x + region.width, below = region.y + region.height;
  return {x, y, right + std::min(width - right, by) - x, below + std::min(height - below, by) - y};
}

void require_within(const Region& region, std::uint64_t height, std::uint64_t width) {
  const bool within = region.width > 0 && region.height > 0 && region.x < width && region.y < height &&
                      region.width <= width - region.x && region.height <= height - region.y;
  if (within) return;
  throw Error(ErrorCode::bad_parameter, "a region of " + std::to_string(region.width) + " x " +
                                            std::to_string(region.height) + " pixels at (" + std::to_string(region.x) +
                                            ", " + std::to_string(region.y) + ") is not within the picture of " +
                                            std::to_string(width) + " x " + std::to_string(height));
}

Context for_some_of(const Context& context) {
  Context out = context;
  out.limits.max_pixels_per_byte = ~std::uint64_t{0};
  return out;
}

Image blank(const Region& region, std::uint32_t channels, DType dtype) {
  Image out{region.height, region.width, {}};
  out.channels = channels;
  out.dtype = dtype;
  out.rgb.resize(region.height * region.width * out.view().pixel_bytes());
  return out;
}

void paste(const Image& from, const Region& at, const Region& region, Image& into) {
  const Region both = common(at, region);
  const std::uint64_t pixel = into.view().pixel_bytes();
  for (std::uint64_t y = both.y; y < both.y + both.height; ++y) {
    std::memcpy(into.rgb.data() + pixel * ((y - region.y) * region.width + both.x - region.x),
                from.rgb.data() + pixel * ((y - at.y) * at.width + both.x - at.x), pixel * both.width);
  }
}

Image with_alpha_beside(const Image& colors, const Image& alpha) {
  Image out = blank({0, 0, colors.width, colors.height}, colors.channels + 1, colors.dtype);
  const std::size_t own = colors.view().pixel_bytes(), behind = alpha.view().pixel_bytes();
  auto* to = out.rgb.data();
  const auto* color = colors.rgb.data();
  const auto* clear = alpha.rgb.data();
  for (std::uint64_t i = 0; i < colors.height * colors.width; ++i) {
    to = std::copy_n(color, own, to);
    to = std::copy_n(clear, behind, to);
    color += own;
    clear += behind;
  }
  return out;
}

}  // namespace vaerans
