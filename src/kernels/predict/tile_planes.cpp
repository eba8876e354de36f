#include "kernels/predict/tile_planes.hpp"

#include <algorithm>

namespace vaerans::kernels {
namespace {

bool is_constant(const TilePlane& plane, int width, int height) {
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* const row = plane.samples + y * plane.stride;
    if (std::any_of(row, row + width, [&](std::uint8_t v) { return v != plane.samples[0]; })) return false;
  }
  return true;
}

bool are_equal(const TilePlane& a, const TilePlane& b, int width, int height) {
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* const row = a.samples + y * a.stride;
    if (!std::equal(row, row + width, b.samples + y * b.stride)) return false;
  }
  return true;
}

}  // namespace

PlaneModes choose_modes(const TilePlanes& planes, int width, int height) noexcept {
  PlaneModes modes{};
  for (std::size_t p = 0; p < modes.size(); ++p) {
    if (is_constant(planes[p], width, height)) {
      modes[p] = PlaneMode::constant;
    } else if (p != 0 && are_equal(planes[0], planes[p], width, height)) {
      modes[p] = PlaneMode::copy;
    }
  }
  return modes;
}

void copy_samples(const TilePlane& from, const TilePlane& to, const TileShape& shape) noexcept {
  for (int y = 0; y < shape.height; ++y) {
    std::copy_n(from.samples + y * from.stride, shape.width, to.samples + y * to.stride);
  }
}

void adopt_plane(const TilePlane& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers, int number) {
  const auto p = static_cast<std::size_t>(number);
  for (int y = 0; y < shape.height; ++y) {
    buffers.values[p].begin_row(y);
    std::copy_n(plane.samples + y * plane.stride, shape.width, buffers.values[p].row(y));
    buffers.values[p].end_row(y);
    buffers.residuals[p].begin_row(y);
    if (mode == PlaneMode::copy) {
      std::copy_n(buffers.residuals[0].row(y), shape.width, buffers.residuals[p].row(y));
    } else {
      std::fill_n(buffers.residuals[p].row(y), shape.width, 0);
    }
    buffers.residuals[p].end_row(y);
  }
  finish_plane(buffers, number, shape.height);
}

void finish_plane(TileBuffers& buffers, int number, int height) noexcept {
  const auto p = static_cast<std::size_t>(number);
  buffers.values[p].finish(height);
  buffers.residuals[p].finish(height);
}

}  // namespace vaerans::kernels
