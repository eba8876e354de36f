#include "store/blob/geometry.hpp"

#include <string>

#include "kernels/arrays/restore.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::blob {
namespace {

std::uint64_t count_of(std::span<const std::uint64_t> shape) {
  std::uint64_t count = 1;
  for (const std::uint64_t n : shape) {
    if (n == 0) throw Error(ErrorCode::shape, "the array is empty: an axis has length 0");
    if (n > kMaxCount / count)
      throw Error(ErrorCode::shape, "the array has more than 2^31 numbers; cut it into several");
    count *= n;
  }
  return count;
}

void check_axes(std::span<const std::uint64_t> shape, std::uint32_t channel_axis) {
  if (shape.empty() || shape.size() > kMaxAxes)
    throw Error(ErrorCode::shape, "an array of " + std::to_string(shape.size()) + " axes; 1 to 6 can be stored");
  if (channel_axis >= shape.size())
    throw Error(ErrorCode::shape, "channel axis " + std::to_string(channel_axis) + " of an array of " +
                                      std::to_string(shape.size()) + " axes");
  if (shape[channel_axis] > kMaxChannels)
    throw Error(ErrorCode::shape,
                std::to_string(shape[channel_axis]) + " channels; " + std::to_string(kMaxChannels) + " are the limit");
}

}  // namespace

std::uint64_t Geometry::band_size(std::size_t band) const noexcept {
  if (!haar) return band == 0 ? height * width : 0;
  return kernels::HaarBands<float>::band_size(band, height, width);
}

std::array<std::uint64_t, 4> Geometry::band_offsets(std::uint64_t row) const noexcept {
  const std::uint64_t first = row / rows_per_section * rows_per_section;
  const std::uint64_t together = rows_together(first);
  std::array<std::uint64_t, 4> out{};
  std::uint64_t at = first * row_size;
  for (std::size_t band = 0; band < bands(); ++band) {
    out[band] = at + (row - first) * planes * band_size(band);
    at += together * planes * band_size(band);
  }
  return out;
}

bool has_planes(std::span<const std::uint64_t> shape, std::uint32_t channel_axis) noexcept {
  const std::size_t n = shape.size();
  return n >= channel_axis + std::size_t{3} && shape[n - 1] >= 2 && shape[n - 2] >= 2;
}

Geometry geometry_of(std::span<const std::uint64_t> shape, std::uint32_t channel_axis, bool haar) {
  check_axes(shape, channel_axis);
  Geometry g;
  g.count = count_of(shape);
  g.channels = shape[channel_axis];
  g.columns = channel_axis + std::size_t{1} == shape.size() && shape.size() > 1;
  std::uint64_t before = 1;
  for (std::uint32_t axis = 0; axis < channel_axis; ++axis) before *= shape[axis];
  g.rows = g.columns ? before : before * g.channels;
  g.row_size = g.width = g.count / g.rows;
  g.haar = haar && has_planes(shape, channel_axis);
  if (!g.haar) return g;
  g.height = shape[shape.size() - 2];
  g.width = shape.back();
  g.planes = g.row_size / (g.height * g.width);
  return g;
}

}  // namespace vaerans::blob
