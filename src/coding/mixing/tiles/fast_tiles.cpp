#include "coding/mixing/tiles/fast_tiles.hpp"

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "coding/mixing/parts.hpp"
#include "coding/mixing/tiles/pixel_tile.hpp"
#include "kernels/predict/tile_planes.hpp"

namespace vaerans {
namespace {

using kernels::FastBuffers;
using kernels::PlaneMode;
using ByteTile = PixelTile<std::uint8_t>;

/// The streams of coded planes, in order.
std::vector<ByteBuffer> streams_of(const TileHead& head, std::size_t planes, const FastBuffers& buffers) {
  std::vector<ByteBuffer> out;
  for (std::size_t p = 0; p < planes; ++p) {
    if (head.modes[p] == PlaneMode::coded) buffers[p].list.write(out.emplace_back());
  }
  return out;
}

void begin_streams(ByteReader& in, const TileHead& head, const ByteTile& tile, FastBuffers& buffers) {
  const auto streams = read_parts(in, head.coded(tile.count()));
  std::size_t next = 0;
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] == PlaneMode::coded) buffers[p].decoder.begin(streams[next++]);
  }
}

/// What is wrong with the streams, once they were decoded.
void check_streams(const ByteReader& in, const TileHead& head, const ByteTile& tile, const FastBuffers& buffers) {
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] != PlaneMode::coded) continue;
    if (const auto status = buffers[p].decoder.finish(); status != kernels::Status::ok)
      in.corrupt("plane " + std::to_string(p) + ": " + kernels::to_string(status));
  }
}

}  // namespace

void encode_fast_tile(PixelPlanes<const std::uint8_t> picture, const TileArea& area, FastBuffers& buffers,
                      ByteBuffer& out) {
  const ByteTile tile(writable(picture), area, {});
  TileHead head{kernels::choose_modes(tile.planes, tile.shape)};
  const std::size_t coded = head.coded(tile.count());
  kernels::encode_fast_tile(tile.planes, head.modes, tile.shape, buffers);
  write_head(head, tile, out);
  ByteWriter streams;
  write_parts(streams_of(head, tile.count(), buffers), streams);
  if (streams.bytes().size() <= coded * tile.area.pixels()) {
    out.insert(out.end(), streams.bytes().begin(), streams.bytes().end());
  } else {
    head.leave_raw(tile.count());
    write_head(head, tile, out);
  }
}

void decode_fast_tile(std::span<const std::byte> bytes, PixelPlanes<std::uint8_t> picture, const TileArea& area,
                      FastBuffers& buffers) {
  const ByteTile tile(picture, area, {});
  ByteReader in(bytes, "ans payload (mixing), a tile");
  const TileHead head = read_head(in, tile.shape, false);
  read_samples(in, head, tile);
  begin_streams(in, head, tile, buffers);
  const bool inside = kernels::decode_fast_tile(tile.planes, head.modes, tile.shape, buffers);
  check_streams(in, head, tile, buffers);
  if (!inside) in.corrupt("a sample outside of 0 to 255");
}

}  // namespace vaerans
