#include "coding/mixing/pixel_tiles.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/parallel.hpp"
#include "kernels/predict/tile_planes.hpp"

namespace vaerans {
namespace {

using kernels::kTilePlanes;
using kernels::PlaneMode;
using kernels::PlaneModes;
using kernels::TilePlane;
using kernels::TilePlanes;

// Kernels take planes that may be written; those of an encoder are only read.
TilePlanes planes_of(std::uint8_t* samples, std::uint64_t height, std::uint64_t width, const TileArea& area) {
  TilePlanes out;
  for (std::size_t p = 0; p < out.size(); ++p) {
    out[p] = {samples + (p * height + area.top) * width + area.left, static_cast<std::ptrdiff_t>(width)};
  }
  return out;
}

template <typename Row>
void for_each_row(const TilePlane& plane, const TileArea& area, Row row) {
  for (int y = 0; y < area.height; ++y) {
    row(std::span(plane.samples + y * plane.stride, static_cast<std::size_t>(area.width)));
  }
}

// ---- the bytes of a tile -----------------------------------------------------------------------------------------

// Marks a tile whose coded planes are exact, though those of others may be moved.
constexpr unsigned kExact = 1U << (2 * kTilePlanes);

struct TileHead {
  PlaneModes modes{};
  bool exact = false;
};

std::byte byte_of(const PlaneModes& modes, bool exact) {
  unsigned out = exact ? kExact : 0;
  for (std::size_t p = 0; p < modes.size(); ++p) out |= static_cast<unsigned>(modes[p]) << (2 * p);
  return static_cast<std::byte>(out);
}

TileHead read_head(ByteReader& in, const TilePlan& plan) {
  const unsigned bits = in.u8();
  if (bits >= (plan.max_error > 0 ? 2 * kExact : kExact)) in.corrupt("unknown modes of planes");
  TileHead head{{}, bits >= kExact};
  for (std::size_t p = 0; p < head.modes.size(); ++p) head.modes[p] = static_cast<PlaneMode>(bits >> (2 * p) & 3U);
  if (head.modes[0] == PlaneMode::copy) in.corrupt("the first plane as a copy");
  return head;
}

bool any_coded(const PlaneModes& modes) { return std::ranges::find(modes, PlaneMode::coded) != modes.end(); }

void write_head(const TileHead& head, const TilePlanes& planes, const TileArea& area, ByteBuffer& out) {
  const PlaneModes& modes = head.modes;
  out.assign(1, byte_of(modes, head.exact));
  for (std::size_t p = 0; p < modes.size(); ++p) {
    if (modes[p] == PlaneMode::constant) out.push_back(std::byte{planes[p].samples[0]});
    if (modes[p] != PlaneMode::raw) continue;
    for_each_row(planes[p], area, [&](std::span<std::uint8_t> row) {
      out.insert(out.end(), std::as_bytes(row).begin(), std::as_bytes(row).end());
    });
  }
}

void read_samples(ByteReader& in, const PlaneModes& modes, const TilePlanes& planes, const TileArea& area) {
  for (std::size_t p = 0; p < modes.size(); ++p) {
    if (modes[p] == PlaneMode::constant) {
      const std::uint8_t value = in.u8();
      for_each_row(planes[p], area, [&](std::span<std::uint8_t> row) { std::ranges::fill(row, value); });
    }
    if (modes[p] != PlaneMode::raw) continue;
    for_each_row(planes[p], area, [&](std::span<std::uint8_t> row) {
      std::ranges::copy(in.take(row.size()), std::as_writable_bytes(row).begin());
    });
  }
}

// A tile as bytes; false if its coded planes are not on the grids of their predictions.
bool write_tile(const TilePlanes& planes, TileHead head, const TileArea& area, int max_error,
                kernels::TileBuffers& buffers, ByteBuffer& out) {
  PlaneModes& modes = head.modes;
  const kernels::TileShape shape{area.width, area.height, head.exact ? 0 : max_error};
  if (any_coded(modes) && !kernels::encode_tile(planes, modes, shape, buffers)) return false;
  write_head(head, planes, area, out);
  if (!any_coded(modes)) return true;
  buffers.decisions.write(out);
  const auto coded = static_cast<std::size_t>(std::ranges::count(modes, PlaneMode::coded));
  if (out.size() <= 1 + kTilePlanes + coded * area.pixels()) return true;
  std::ranges::replace(modes, PlaneMode::coded, PlaneMode::raw);
  head.exact = false;
  write_head(head, planes, area, out);
  return true;
}

// ---- exact tiles: where most samples repeat, moving them to grids breaks what repeats ------------------------------

// Whether a quarter of the samples equal the one to their left: less is no graphic, and then grids always pay.
bool repeats(const TilePlanes& planes, const TileArea& area) {
  std::size_t equal = 0;
  for (const TilePlane& plane : planes) {
    for_each_row(plane, area, [&](std::span<std::uint8_t> row) {
      for (std::size_t x = 1; x < row.size(); ++x) equal += row[x] == row[x - 1] ? 1U : 0U;
    });
  }
  return 4 * equal >= kTilePlanes * area.pixels();
}

std::vector<std::uint8_t> samples_of(const TilePlanes& planes, const TileArea& area) {
  std::vector<std::uint8_t> out;
  for (const TilePlane& plane : planes) {
    for_each_row(plane, area, [&](std::span<std::uint8_t> row) { out.insert(out.end(), row.begin(), row.end()); });
  }
  return out;
}

void put_samples(std::span<const std::uint8_t> samples, const TilePlanes& planes, const TileArea& area) {
  for (const TilePlane& plane : planes) {
    for_each_row(plane, area, [&](std::span<std::uint8_t> row) {
      std::ranges::copy(samples.first(row.size()), row.begin());
      samples = samples.subspan(row.size());
    });
  }
}

// ---- the cut -----------------------------------------------------------------------------------------------------

std::uint64_t parts_of(std::uint64_t length, std::uint64_t part) {
  return std::max<std::uint64_t>(1, (length + part / 2 - 1) / part);
}

}  // namespace

std::vector<TileArea> tiles_of(std::uint64_t height, std::uint64_t width, const TilePlan& plan) {
  const std::uint64_t side = std::uint64_t{1} << plan.side_log;
  const std::uint64_t rows = parts_of(height, side), columns = parts_of(width, side);
  std::vector<TileArea> out;
  for (std::uint64_t r = 0; r < rows; ++r) {
    const std::uint64_t top = r * height / rows, bottom = (r + 1) * height / rows;
    for (std::uint64_t c = 0; c < columns; ++c) {
      const std::uint64_t left = c * width / columns, right = (c + 1) * width / columns;
      out.push_back({top, left, static_cast<int>(bottom - top), static_cast<int>(right - left)});
    }
  }
  return out;
}

void encode_tile(PixelPlanes<const std::uint8_t> picture, const TileArea& area, const TilePlan& plan,
                 kernels::TileBuffers& buffers, ByteBuffer& out) {
  const TilePlanes planes =
      planes_of(const_cast<std::uint8_t*>(picture.samples.data()), picture.height, picture.width, area);
  TileHead head{kernels::choose_modes(planes, area.width, area.height), false};
  if (write_tile(planes, head, area, plan.max_error, buffers, out)) return;
  head.exact = true;
  (void)write_tile(planes, head, area, 0, buffers, out);
}

void decode_tile(std::span<const std::byte> bytes, PixelPlanes<std::uint8_t> picture, const TileArea& area,
                 const TilePlan& plan, kernels::TileBuffers& buffers) {
  const TilePlanes planes = planes_of(picture.samples.data(), picture.height, picture.width, area);
  ByteReader in(bytes, "ans payload (mixing), a tile");
  const auto [modes, exact] = read_head(in, plan);
  const kernels::TileShape shape{area.width, area.height, exact ? 0 : plan.max_error};
  read_samples(in, modes, planes, area);
  const auto stream = in.take(in.left());
  if (!any_coded(modes)) {
    if (!stream.empty()) in.corrupt("bytes left over");
    for (std::size_t p = 1; p < modes.size(); ++p) {
      if (modes[p] == PlaneMode::copy) kernels::copy_samples(planes[0], planes[p], shape);
    }
    return;
  }
  kernels::DecisionDecoder decoder(stream);
  kernels::decode_tile(planes, modes, shape, buffers, decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok) in.corrupt(kernels::to_string(status));
}

void quantize_tile(PixelPlanes<std::uint8_t> picture, const TileArea& area, const TilePlan& plan,
                   kernels::TileBuffers& buffers) {
  const TilePlanes planes = planes_of(picture.samples.data(), picture.height, picture.width, area);
  const PlaneModes modes = kernels::choose_modes(planes, area.width, area.height);
  const bool doubtful = any_coded(modes) && repeats(planes, area);
  const auto exact = doubtful ? samples_of(planes, area) : std::vector<std::uint8_t>();
  ByteBuffer as_it_is, moved;
  if (doubtful) (void)write_tile(planes, {modes, true}, area, 0, buffers, as_it_is);
  kernels::quantize_tile(planes, modes, {area.width, area.height, plan.max_error}, buffers);
  if (!doubtful) return;
  encode_tile({picture.samples, picture.height, picture.width}, area, plan, buffers, moved);
  if (as_it_is.size() <= moved.size()) put_samples(exact, planes, area);
}

void for_each_tile(unsigned threads, std::span<const TileArea> tiles,
                   const std::function<void(std::size_t, kernels::TileBuffers&)>& body) {
  std::vector<std::unique_ptr<kernels::TileBuffers>> buffers_of_slot(
      std::min<std::size_t>(tiles.size(), thread_count(threads)));
  parallel_for(threads, tiles.size(), [&](std::size_t i, std::size_t slot) {
    if (buffers_of_slot[slot] == nullptr) buffers_of_slot[slot] = std::make_unique<kernels::TileBuffers>();
    body(i, *buffers_of_slot[slot]);
  });
}

}  // namespace vaerans
