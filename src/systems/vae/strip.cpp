#include "systems/vae/strip.hpp"

#include <algorithm>

#include "kernels/pixels/pixels.hpp"
#include "systems/system_base.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::vae {

Strip::Strip(const Group& group, const Tiling& tiling, const ModelInfo& info, const Shape& picture)
    : tiling_(tiling),
      info_(info),
      picture_(picture),
      height_(tiling.rows.length * info.factor),
      width_((tiling.columns.tiles.back().begin + tiling.columns.length) * info.factor),
      planes_(group.view<float>(group.world().scratch("vae.strip", Shape{3, height_, width_}, DType::f32))) {}

void Strip::add(std::size_t tile, std::span<const float> planes, std::span<std::uint8_t> pixels) {
  const std::size_t columns = tiling_.columns.tiles.size();
  if (tile == 0) std::ranges::fill(planes_, 0.0F);
  const Shares shares = Shares::of(tiling_, tile, info_.factor);
  const std::size_t window = planes.size() / 3;
  for (std::size_t c = 0; c < 3; ++c) {
    float* const target = planes_.data() + c * height_ * width_ + tiling_.column(tile).begin * info_.factor;
    shares.add(planes.subspan(c * window, window), target, width_);
  }
  if ((tile + 1) % columns == 0) write_rows(tile / columns, pixels);
}

void Strip::write_rows(std::size_t row, std::span<std::uint8_t> pixels) {
  const auto& rows = tiling_.rows.tiles;
  const std::uint64_t top = rows[row].begin * info_.factor;
  const std::uint64_t end = row + 1 < rows.size() ? rows[row + 1].begin * info_.factor : top + height_;
  const std::uint64_t bottom = std::min(end, picture_[0]), row_bytes = picture_[1] * 3;
  if (top < bottom) {
    const kernels::MutableImageView out{pixels.data() + top * row_bytes, bottom - top, picture_[1], 3, row_bytes};
    require_ok(kernels::from_planar(planes_, height_, width_, info_.pixel_low, info_.pixel_high, out), "from_planar");
  }
  if (row + 1 < rows.size()) move_up(end - top);
}

void Strip::move_up(std::uint64_t rows) {
  for (std::size_t c = 0; c < 3; ++c) {
    const auto plane = planes_.subspan(c * height_ * width_, height_ * width_);
    const auto rest = std::copy(plane.begin() + static_cast<std::ptrdiff_t>(rows * width_), plane.end(), plane.begin());
    std::fill(rest, plane.end(), 0.0F);
  }
}

}  // namespace vaerans::vae
