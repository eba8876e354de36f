#include "kernels/predict/tile_planes.hpp"

#include <algorithm>
#include <utility>

namespace vaerans::kernels {
namespace {

template <typename Sample>
bool is_constant(const TilePlane<Sample>& plane, const TileShape& shape) {
  for (int y = 0; y < shape.height; ++y) {
    const Sample* const row = plane.samples + y * plane.stride;
    if (std::any_of(row, row + shape.width, [&](Sample v) { return v != plane.samples[0]; })) return false;
  }
  return true;
}

template <typename Sample>
bool are_equal(const TilePlane<Sample>& a, const TilePlane<Sample>& b, const TileShape& shape) {
  for (int y = 0; y < shape.height; ++y) {
    const Sample* const row = a.samples + y * a.stride;
    if (!std::equal(row, row + shape.width, b.samples + y * b.stride)) return false;
  }
  return true;
}

template <typename Sample>
PlaneModes modes_of(const TilePlanes<Sample>& planes, const TileShape& shape) {
  PlaneModes modes{};
  for (std::size_t p = 0; std::cmp_less(p, shape.planes); ++p) {
    if (is_constant(planes[p], shape)) {
      modes[p] = PlaneMode::constant;
    } else if (p != 0 && are_equal(planes[0], planes[p], shape)) {
      modes[p] = PlaneMode::copy;
    }
  }
  return modes;
}

template <typename Sample>
void adopt(const TilePlane<Sample>& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers, int number) {
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

}  // namespace

PlaneModes choose_modes(const TilePlanes<std::uint8_t>& planes, const TileShape& shape) noexcept {
  return modes_of(planes, shape);
}
PlaneModes choose_modes(const TilePlanes<std::uint16_t>& planes, const TileShape& shape) noexcept {
  return modes_of(planes, shape);
}

void adopt_plane(const TilePlane<std::uint8_t>& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers,
                 int number) {
  adopt(plane, mode, shape, buffers, number);
}
void adopt_plane(const TilePlane<std::uint16_t>& plane, PlaneMode mode, const TileShape& shape, TileBuffers& buffers,
                 int number) {
  adopt(plane, mode, shape, buffers, number);
}

void finish_plane(TileBuffers& buffers, int number, int height) noexcept {
  const auto p = static_cast<std::size_t>(number);
  buffers.values[p].finish(height);
  buffers.residuals[p].finish(height);
}

}  // namespace vaerans::kernels
