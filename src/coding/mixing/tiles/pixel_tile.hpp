// One tile of a picture at work, and the bytes before its coded planes: modes, and the planes that are not coded.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "coding/mixing/pixel_tiles.hpp"

namespace vaerans {

// Kernels take planes that may be written; those of an encoder are only read.
template <typename Sample>
kernels::TilePlanes<Sample> planes_of(PixelPlanes<Sample> picture, const TileArea& area) {
  kernels::TilePlanes<Sample> out;
  for (std::size_t p = 0; p < picture.planes(); ++p) {
    out[p] = {picture.samples.data() + (p * picture.height + area.top) * picture.width + area.left,
              static_cast<std::ptrdiff_t>(picture.width)};
  }
  return out;
}

template <typename Sample>
PixelPlanes<Sample> writable(PixelPlanes<const Sample> picture) {
  return {{const_cast<Sample*>(picture.samples.data()), picture.samples.size()}, picture.height, picture.width};
}

// Marks a tile whose coded planes are exact, though those of others may be moved.
inline constexpr unsigned kExact = 1U << (2 * kernels::kTilePlanes);
// Marks one whose coded planes are dense.
inline constexpr unsigned kDense = 2 * kExact;

struct TileHead {
  kernels::PlaneModes modes{};
  bool exact = false;
  kernels::PixelModel model = kernels::PixelModel::balanced;

  [[nodiscard]] std::size_t coded(std::size_t planes) const {
    return static_cast<std::size_t>(
        std::count(modes.begin(), modes.begin() + static_cast<std::ptrdiff_t>(planes), kernels::PlaneMode::coded));
  }
  // Planes that would be coded as they are, where that takes fewer bytes.
  void leave_raw(std::size_t planes) {
    std::replace(modes.begin(), modes.begin() + static_cast<std::ptrdiff_t>(planes), kernels::PlaneMode::coded,
                 kernels::PlaneMode::raw);
    exact = false;
    model = kernels::PixelModel::balanced;
  }
};

// One tile of a picture, as its functions want it.
template <typename Sample>
struct PixelTile {
  PixelTile(PixelPlanes<Sample> picture, const TileArea& where, const TilePlan& how)
      : planes(planes_of(picture, where)),
        area(where),
        shape{where.width, where.height, how.max_error, static_cast<int>(picture.planes()), how.bits} {}

  [[nodiscard]] kernels::TileShape shape_for(const TileHead& head) const {
    kernels::TileShape out = shape;
    if (head.exact) out.max_error = 0;
    out.model = head.model;
    return out;
  }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(shape.planes); }
  template <typename Row>
  void for_each_row(std::size_t plane, Row row) const {
    for (int y = 0; y < area.height; ++y)
      row(std::span(planes[plane].samples + y * planes[plane].stride, static_cast<std::size_t>(area.width)));
  }

  kernels::TilePlanes<Sample> planes;
  TileArea area;
  kernels::TileShape shape;
};

// ---- the bytes of a tile -----------------------------------------------------------------------------------------

[[nodiscard]] inline std::byte byte_of(const TileHead& head) {
  unsigned out = (head.exact ? kExact : 0) | (head.model == kernels::PixelModel::dense ? kDense : 0);
  for (std::size_t p = 0; p < head.modes.size(); ++p) out |= static_cast<unsigned>(head.modes[p]) << (2 * p);
  return static_cast<std::byte>(out);
}

[[nodiscard]] inline TileHead read_head(ByteReader& in, const kernels::TileShape& shape, bool names_models) {
  const unsigned bits = in.u8();
  const unsigned allowed = kExact - 1 + (shape.max_error > 0 ? kExact : 0) + (names_models ? kDense : 0);
  if ((bits & ~allowed) != 0) in.corrupt("unknown modes of planes");
  TileHead head{
      {}, (bits & kExact) != 0, (bits & kDense) != 0 ? kernels::PixelModel::dense : kernels::PixelModel::balanced};
  for (std::size_t p = 0; p < head.modes.size(); ++p)
    head.modes[p] = static_cast<kernels::PlaneMode>(bits >> (2 * p) & 3U);
  if (head.modes[0] == kernels::PlaneMode::copy) in.corrupt("the first plane as a copy");
  for (auto p = static_cast<std::size_t>(shape.planes); p < head.modes.size(); ++p) {
    if (head.modes[p] != kernels::PlaneMode::coded) in.corrupt("a mode of a plane that is not there");
  }
  if (head.model != kernels::PixelModel::balanced && head.coded(static_cast<std::size_t>(shape.planes)) == 0)
    in.corrupt("a model, but nothing that it codes");
  return head;
}

template <typename Sample>
void write_sample(ByteBuffer& out, Sample value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

template <typename Sample>
Sample read_sample(ByteReader& in, int bits) {
  std::uint32_t value = in.u8();
  if constexpr (sizeof(Sample) == 2) value |= std::uint32_t{in.u8()} << 8U;
  if (value >> static_cast<unsigned>(bits) != 0) in.corrupt("a sample of more bits than it should have");
  return static_cast<Sample>(value);
}

template <typename Sample>
void write_head(const TileHead& head, const PixelTile<Sample>& tile, ByteBuffer& out) {
  out.assign(1, byte_of(head));
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] == kernels::PlaneMode::constant) write_sample(out, tile.planes[p].samples[0]);
    if (head.modes[p] != kernels::PlaneMode::raw) continue;
    tile.for_each_row(p, [&](std::span<Sample> row) {
      for (const Sample value : row) write_sample(out, value);
    });
  }
}

template <typename Sample>
void read_samples(ByteReader& in, const TileHead& head, const PixelTile<Sample>& tile) {
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] == kernels::PlaneMode::constant) {
      const auto value = read_sample<Sample>(in, tile.shape.bits);
      tile.for_each_row(p, [&](std::span<Sample> row) { std::ranges::fill(row, value); });
    }
    if (head.modes[p] != kernels::PlaneMode::raw) continue;
    tile.for_each_row(p, [&](std::span<Sample> row) {
      for (Sample& value : row) value = read_sample<Sample>(in, tile.shape.bits);
    });
  }
}

}  // namespace vaerans
