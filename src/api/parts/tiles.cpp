#include "api/parts/tiles.hpp"

#include "coding/mixing/bands/band_grid.hpp"
#include "coding/mixing/bands/band_side.hpp"
#include "coding/mixing/bands/band_tiles.hpp"
#include "coding/mixing/pixel_grid.hpp"
#include "coding/mixing/pixel_side.hpp"
#include "core/wire_ids.hpp"

namespace vaerans {
namespace {

// What the mixing coder's side information says behind its number; empty: it is another coder's.
std::span<const std::byte> mixing_side_info(const StoredStep& coder) {
  const bool mixing = !coder.side_info.empty() && coder.side_info[0] == std::byte{wire::mixing_coder};
  return mixing ? coder.side_info.subspan(1) : coder.side_info.first(0);
}

std::optional<TilePlan> pixel_plan_of(std::span<const StoredStep> steps) {
  if (steps.size() != 2) return std::nullopt;
  const auto prior = steps[0].system->prior();
  if (dynamic_cast<const PixelGrid*>(prior.get()) == nullptr) return std::nullopt;
  return tile_plan_in(mixing_side_info(steps.back()));
}

// The side of the tiles in which bands are both indexed and coded; 0: there are none.
unsigned band_side_of(std::span<const StoredStep> steps) {
  const auto coded = band_plan_in(mixing_side_info(steps.back()));
  if (!coded || coded->side_log == 0) return 0;
  const auto prior = steps[steps.size() - 2].system->prior();
  const auto* const grid = dynamic_cast<const BandGrid*>(prior.get());
  return grid != nullptr && grid->plan == *coded ? coded->side_log : 0;
}

std::optional<std::uint64_t> halo_of(std::span<const StoredStep> steps) {
  std::uint64_t sum = 0;
  for (const StoredStep& step : steps) {
    const auto own = step.system->halo();
    if (!own) return std::nullopt;
    sum += *own;
  }
  return sum;
}

}  // namespace

StreamTiles stream_tiles(const Spec& source, std::span<const StoredStep> steps) {
  StreamTiles out;
  if (source.kind != Kind::image || steps.size() < 2) return out;
  if (const auto plan = pixel_plan_of(steps)) {
    out.areas = tiles_of(source.shape[0], source.shape[1], *plan);
  } else if (const unsigned side_log = band_side_of(steps)) {
    const auto halo = halo_of(steps.first(steps.size() - 1));
    if (halo) out = {band_tile_areas(source.shape[0], source.shape[1], side_log), *halo};
  }
  if (out.areas.size() < 2) out.areas.clear();
  return out;
}

TileBytes read_tile_sizes(ByteReader& in, std::size_t tiles) {
  TileBytes out;
  for (std::size_t i = 0; i < tiles; ++i) out.sizes.push_back(in.varint());
  out.head = in.at();
  return out;
}

ByteBuffer tile_index(const Spec& source, const StoredStream& stream) {
  const auto tiles = stream_tiles(source, stream.steps).areas;
  if (tiles.empty()) return {};
  ByteWriter header, whole, out;
  write_header(header, source);
  write_stream(whole, stream);
  const std::span<const std::byte> bytes(whole.bytes());
  ByteReader in(bytes, "base stream");
  (void)in.take(bytes.size() - stream.payload.size());
  const TileBytes where = read_tile_sizes(in, tiles.size());
  out.varint(where.head);
  out.u32(part_checksum(header.bytes(), bytes.first(where.head)));
  for (const std::uint64_t size : where.sizes) out.u32(part_checksum(header.bytes(), in.take(size)));
  return out.take();
}

std::vector<std::uint8_t> write_tiled(StoredFile file) {
  const ByteBuffer index = file.residual ? ByteBuffer{} : tile_index(file.source, file.base);
  if (!index.empty()) file.others.push_back(make_chunk(layout::ChunkNumber::tiles, index));
  return write_container(file);
}

TileIndex read_tile_index(std::span<const std::byte> content) {
  ByteReader in(content, "chunk 'tiles'");
  TileIndex out;
  out.head = in.varint();
  out.head_checksum = in.u32();
  while (in.left() != 0) out.checksums.push_back(in.u32());
  return out;
}

}  // namespace vaerans
