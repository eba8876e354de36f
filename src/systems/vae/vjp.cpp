// Slopes by pixels → slopes by the latent: the gradient graph of the decoder, window by window.
#include <algorithm>
#include <vector>

#include "systems/vae/vae_systems.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/interrupt.hpp"

namespace vaerans::vae {
namespace {

// A window's activations are held until the way back has used them: so many times what a decoder's run takes.
constexpr double kHeld = 4;

/// One call of vjp(): the latent's shape, and how it is cut. A core's slopes miss what comes from beyond its window's
/// halo: an encoder may be that inexact.
struct VjpTask {
  const Vjp& request;
  const ModelInfo& info;
  Shape latent;
  Tiling tiling;

  [[nodiscard]] std::uint64_t rows() const { return tiling.rows.length; }
  [[nodiscard]] std::uint64_t columns() const { return tiling.columns.length; }
  [[nodiscard]] std::uint64_t plane() const { return rows() * columns(); }
  [[nodiscard]] Shape in() const {
    return {1, info.latent_channels + 3 * std::uint64_t{info.factor} * info.factor, rows(), columns()};
  }
  [[nodiscard]] Shape out() const { return {1, info.latent_channels, rows(), columns()}; }
};

Tiling tiling_of(const models::Model& model, const Shape& latent, const Limits& limits) {
  Footprint footprint = Footprint::of(model.decoder.receptive_field, false, model.info, false);
  footprint.bytes_each *= kHeld;
  return plan_tiles({latent, model.info.factor, -1, static_cast<double>(limits.max_run_bytes)}, footprint, {});
}

/// Calls visit(place in the latent, place in the window) for the rows of a window's plane.
template <typename Visit>
void for_rows(const VjpTask& task, std::size_t tile, std::uint64_t channel, Visit&& visit) {
  const Tile &row = task.tiling.row(tile), &column = task.tiling.column(tile);
  const std::uint64_t plane = task.latent[1] * task.latent[2];
  for (std::uint64_t y = 0; y < task.rows(); ++y)
    visit(channel * plane + (row.begin + y) * task.latent[2] + column.begin,
          channel * task.plane() + y * task.columns());
}

/// The latent under a window, as the network wants it.
void read_latent(const VjpTask& task, std::size_t tile, std::span<float> window) {
  for (std::uint64_t c = 0; c < task.info.latent_channels; ++c) {
    const models::LatentScale how = models::latent_scale(task.info, c);
    const auto factor = static_cast<float>(1.0 / how.scale), shift = static_cast<float>(how.shift);
    for_rows(task, tile, c, [&](std::uint64_t from, std::uint64_t to) {
      std::transform(task.request.at.begin() + static_cast<std::ptrdiff_t>(from),
                     task.request.at.begin() + static_cast<std::ptrdiff_t>(from + task.columns()),
                     window.begin() + static_cast<std::ptrdiff_t>(to),
                     [&](float value) { return value * factor + shift; });
    });
  }
}

/// The cotangents of row `y` of the window's pixels, each latent sample's as channels behind those of the latent. There
/// is none beyond the picture.
void read_pixel_row(const VjpTask& task, std::size_t tile, std::uint64_t y, float scale, std::span<float> window) {
  const Shape& picture = task.request.step.input.shape;
  const std::uint64_t f = task.info.factor, row = task.tiling.row(tile).begin * f + y;
  const std::uint64_t left = task.tiling.column(tile).begin * f;
  const std::uint64_t width =
      row < picture[0] && left < picture[1] ? std::min(task.columns() * f, picture[1] - left) : 0;
  const float* from = task.request.cotangent.data() + (width == 0 ? 0 : (row * picture[1] + left) * 3);
  for (std::uint64_t x = 0; x < width; ++x, from += 3) {
    for (std::uint64_t c = 0; c < 3; ++c) {
      const std::uint64_t channel = task.info.latent_channels + (c * f + y % f) * f + x % f;
      window[channel * task.plane() + y / f * task.columns() + x / f] = from[c] * scale;
    }
  }
}

void read_window(const VjpTask& task, std::size_t tile, std::span<float> window) {
  std::ranges::fill(window, 0.0F);
  read_latent(task, tile, window);
  const float scale = 255 / (task.info.pixel_high - task.info.pixel_low);
  for (std::uint64_t y = 0; y < task.rows() * task.info.factor; ++y) read_pixel_row(task, tile, y, scale, window);
}

/// Keeps the window's core. The slope is by the latent as files have it.
void write_core(const VjpTask& task, std::size_t tile, std::span<const float> window) {
  const Tile &row = task.tiling.row(tile), &column = task.tiling.column(tile);
  for (std::uint64_t c = 0; c < task.info.latent_channels; ++c) {
    const auto factor = static_cast<float>(1.0 / models::latent_scale(task.info, c).scale);
    for (std::uint64_t y = row.core_begin; y < row.core_end; ++y) {
      const float* const from =
          window.data() + c * task.plane() + (y - row.begin) * task.columns() + column.core_begin - column.begin;
      float* const to = task.request.out.data() + (c * task.latent[1] + y) * task.latent[2] + column.core_begin;
      std::transform(from, from + (column.core_end - column.core_begin), to, [&](float v) { return v * factor; });
    }
  }
}

}  // namespace

bool Encode::has_vjp() const { return models::has_gradient(*model_->open()); }

void Encode::vjp(const Vjp& request) const {
  const auto model = model_->open();
  const auto gradient = models::open_gradient(*model, execution(request.context, options_.providers));
  if (gradient == nullptr) System::vjp(request);  // throws
  const Shape& picture = request.step.input.shape;
  const std::uint64_t f = model->info.factor, channels = model->info.latent_channels;
  const Shape latent{channels, (picture[0] + f - 1) / f, (picture[1] + f - 1) / f};
  const VjpTask task{request, model->info, latent, tiling_of(*model, latent, request.context.limits)};
  std::vector<float> in(task.in().elements()), out(task.out().elements());
  for (std::size_t tile = 0; tile < task.tiling.count(); ++tile) {
    check_interrupt();
    read_window(task, tile, in);
    gradient->run(task.in(), in, task.out(), out);
    if (any_non_finite(out))
      throw Error(ErrorCode::non_finite,
                  "the gradient of model '" + model->info.name + "' gave NaN or infinite slopes");
    write_core(task, tile, out);
  }
}

}  // namespace vaerans::vae
