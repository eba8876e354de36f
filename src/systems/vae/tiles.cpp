#include "systems/vae/tiles.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "vaerans/base/error.hpp"

namespace vaerans::vae {
namespace {

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

// Size of the activations where a graph does not tell: 128 channels at full size.
constexpr double kUnknownBytesPerPixel = 128 * 4;
constexpr std::uint64_t kBlendShare = 4;  // a blended tile overlaps by this part of itself, as in diffusers

Tiling cut_both(const Shape& latent, std::uint64_t most, std::uint64_t overlap, bool blended) {
  return {Axis::cut(latent[1], most, overlap), Axis::cut(latent[2], most, overlap), blended};
}

Tiling whole(const Shape& latent) { return cut_both(latent, std::max(latent[1], latent[2]), 0, false); }

[[noreturn]] void too_small(std::int64_t tile, std::uint64_t least) {
  throw Error(ErrorCode::bad_parameter,
              "tiles of " + std::to_string(tile) +
                  " pixels leave nothing between the margins that this model needs: use at least " +
                  std::to_string(least) + ", or 0 for the whole picture, or -1 for what the memory limit asks");
}

/// The side of a tile in latent samples, its margins included and at least `least`; 0 for the whole picture.
std::uint64_t side(const CutRequest& r, const Footprint& f, std::uint64_t least) {
  if (r.tile == 0 || f.fixed) return 0;
  std::uint64_t most = static_cast<std::uint64_t>(std::max<std::int64_t>(r.tile, 0)) / r.factor;
  if (r.tile > 0 && most < least) too_small(r.tile, least * r.factor);
  if (r.tile < 0) {
    if (static_cast<double>(r.latent[1]) * static_cast<double>(r.latent[2]) * f.bytes_each <= r.bytes) return 0;
    most = std::max(least, static_cast<std::uint64_t>(std::sqrt(r.bytes / f.bytes_each)));
  }
  return most >= std::max(r.latent[1], r.latent[2]) ? 0 : most;
}

std::vector<float> shares(const Axis& axis, const Tile& tile, std::uint64_t scale) {
  const std::size_t n = axis.length * scale;
  std::vector<float> out(n, 1.0F);
  const auto ramp = [](std::size_t i, std::size_t length) {
    return (static_cast<float>(i) + 0.5F) / static_cast<float>(length);
  };
  const std::size_t before = tile.overlap_before * scale, after = tile.overlap_after * scale;
  for (std::size_t i = 0; i < before; ++i) out[i] = ramp(i, before);
  for (std::size_t i = 0; i < after; ++i) out[n - after + i] = 1.0F - ramp(i, after);
  return out;
}

}  // namespace

bool Grid::sane(const Limits& limits) const noexcept {
  return tile >= least_tile && tile <= limits.max_side && overlap >= 2 && overlap % 2 == 0 &&
         overlap <= tile / kBlendShare;
}

std::string Grid::str() const { return "tile " + std::to_string(tile) + ", overlap " + std::to_string(overlap); }

Axis Axis::cut(std::uint64_t length, std::uint64_t most, std::uint64_t overlap) {
  if (length <= most) return {length, {{0, 0, length, 0, 0}}};
  const std::uint64_t n = divide_up(length - overlap, most - overlap);
  Axis out{divide_up(length - overlap, n) + overlap, {}};
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint64_t begin = (length - out.length) * i / (n - 1);
    out.tiles.push_back({begin, 0, length, 0, 0});
    if (i == 0) continue;
    Tile& left = out.tiles[i - 1];
    Tile& right = out.tiles[i];
    left.overlap_after = right.overlap_before = left.begin + out.length - begin;
    left.core_end = right.core_begin = begin + right.overlap_before / 2;
  }
  return out;
}

Footprint Footprint::of(const onnx::ReceptiveField& receptive_field, bool encoder, const ModelInfo& info, bool fixed) {
  const auto pixels = static_cast<double>(info.factor * info.factor);
  const double alive = receptive_field.alive() * (encoder ? pixels : 1);
  Footprint out;
  out.local =
      receptive_field.local && (encoder ? info.factor % receptive_field.grain == 0 : receptive_field.grain == 1);
  out.halo = encoder ? divide_up(receptive_field.halo, info.factor) : receptive_field.halo;
  out.planes_each = static_cast<double>(sizeof(float)) * (3 * pixels + info.latent_channels);
  out.bytes_each = out.planes_each + (alive > 0 ? alive : kUnknownBytesPerPixel * pixels);
  out.fixed = fixed;
  return out;
}

std::optional<Grid> blending_grid(const CutRequest& request, const Footprint& footprint) {
  if (footprint.local) return {};
  const std::uint64_t most = side(request, footprint, least_tile);
  if (most == 0) return {};
  return Grid{most, most / kBlendShare / 2 * 2};
}

Tiling plan_tiles(const CutRequest& request, const Footprint& footprint, const std::optional<Grid>& recorded) {
  const auto grid = recorded ? recorded : blending_grid(request, footprint);
  if (grid) return cut_both(request.latent, grid->tile, grid->overlap, true);
  if (!footprint.local) return whole(request.latent);
  const std::uint64_t most = side(request, footprint, 2 * footprint.halo + 1);
  return most == 0 ? whole(request.latent) : cut_both(request.latent, most, 2 * footprint.halo, false);
}

Shares Shares::of(const Tiling& tiling, std::size_t tile, std::uint64_t scale) {
  return {shares(tiling.rows, tiling.row(tile), scale), shares(tiling.columns, tiling.column(tile), scale)};
}

void Shares::add(std::span<const float> window, float* target, std::size_t pitch) const {
  for (std::size_t y = 0; y < rows.size(); ++y) {
    const float* const from = window.data() + y * columns.size();
    float* const to = target + y * pitch;
    for (std::size_t x = 0; x < columns.size(); ++x) to[x] += rows[y] * columns[x] * from[x];
  }
}

}  // namespace vaerans::vae
