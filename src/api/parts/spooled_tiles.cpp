#include "api/parts/spooled_tiles.hpp"

#include "base/checksum.hpp"
#include "coding/coder.hpp"
#include "coding/mixing/pixel_planes.hpp"
#include "coding/mixing/pixel_side.hpp"
#include "format/chunks.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/predict.hpp"

namespace vaerans {

template <typename Sample>
void SpooledTiles::add(std::span<const Sample> pixels, std::size_t channels, std::uint64_t width, unsigned threads) {
  std::vector<Sample> planes(pixels.size());
  to_planes(pixels, channels, std::span(planes));
  const std::uint64_t height = pixels.size() / channels / width;
  if (plan_.max_error > 0) quantize_tiles(PixelPlanes<Sample>{planes, height, width}, plan_, threads);
  for (const ByteBuffer& tile : encode_tiles(PixelPlanes<const Sample>{planes, height, width}, plan_, threads))
    keep(tile);
}
template void SpooledTiles::add(std::span<const std::uint8_t>, std::size_t, std::uint64_t, unsigned);
template void SpooledTiles::add(std::span<const std::uint16_t>, std::size_t, std::uint64_t, unsigned);

void SpooledTiles::keep(const ByteBuffer& tile) {
  plan_.names_models |= is_dense_tile(tile);
  sizes_.push_back(tile.size());
  checksums_.push_back(part_checksum(header_, tile));
  spool_.append({reinterpret_cast<const std::uint8_t*>(tile.data()), tile.size()});
}

ByteBuffer SpooledTiles::head() const {
  ByteWriter sizes, out;
  for (const std::uint64_t size : sizes_) sizes.varint(size);
  const ByteBuffer side_info = side_info_of(mixing_coder(), pixel_side_info(plan_, deep_));
  StoredStream stream;
  stream.steps.push_back({Predict({.max_error = plan_.max_error}), {}});
  stream.steps.push_back({ANSEncode({.coder = "mixing"}), side_info});
  stream.payload = sizes.bytes();
  write_stream(out, stream);
  return out.take();
}

ByteBuffer SpooledTiles::index() const {
  if (sizes_.size() < 2) return {};
  const ByteBuffer before = head();
  ByteWriter out;
  out.varint(before.size());
  out.u32(part_checksum(header_, before));
  for (const std::uint32_t checksum : checksums_) out.u32(checksum);
  return out.take();
}

}  // namespace vaerans
