#include "api/parts/tiles.hpp"

#include "coding/mixing/pixel_grid.hpp"
#include "coding/mixing/pixel_side.hpp"
#include "core/wire_ids.hpp"

namespace vaerans {
namespace {

std::optional<TilePlan> plan_of(std::span<const StoredStep> steps) {
  if (steps.size() != 2) return std::nullopt;
  const auto prior = steps[0].system->prior();
  if (dynamic_cast<const PixelGrid*>(prior.get()) == nullptr) return std::nullopt;
  const auto side_info = steps[1].side_info;
  if (side_info.empty() || side_info[0] != std::byte{wire::mixing_coder}) return std::nullopt;
  return tile_plan_in(side_info.subspan(1));
}

}  // namespace

std::vector<TileArea> stream_tiles(const Spec& source, std::span<const StoredStep> steps) {
  const auto plan = plan_of(steps);
  if (!plan || source.kind != Kind::image) return {};
  auto tiles = tiles_of(source.shape[0], source.shape[1], *plan);
  if (tiles.size() < 2) tiles.clear();
  return tiles;
}

TileBytes read_tile_sizes(ByteReader& in, std::size_t tiles) {
  TileBytes out;
  for (std::size_t i = 0; i < tiles; ++i) out.sizes.push_back(in.varint());
  out.head = in.at();
  return out;
}

ByteBuffer tile_index(const Spec& source, const StoredStream& stream) {
  const auto tiles = stream_tiles(source, stream.steps);
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

TileIndex read_tile_index(std::span<const std::byte> content) {
  ByteReader in(content, "chunk 'tiles'");
  TileIndex out;
  out.head = in.varint();
  out.head_checksum = in.u32();
  while (in.left() != 0) out.checksums.push_back(in.u32());
  return out;
}

}  // namespace vaerans
