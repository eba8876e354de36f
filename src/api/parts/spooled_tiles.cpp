#include "api/parts/spooled_tiles.hpp"

#include "base/checksum.hpp"
#include "coding/coder.hpp"
#include "coding/mixing/flat_tiles.hpp"
#include "coding/mixing/pixel_planes.hpp"
#include "coding/mixing/pixel_side.hpp"
#include "format/chunks.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/predict.hpp"

namespace vaerans {

template <typename Sample>
void SpooledTiles::add(std::span<const Sample> pixels, std::size_t channels, std::uint64_t width, unsigned threads) {
  std::vector<Sample> samples(pixels.size());
  to_planes(pixels, channels, std::span(samples));
  const std::uint64_t height = pixels.size() / channels / width;
  const PixelPlanes<const Sample> planes{samples, height, width};
  if constexpr (sizeof(Sample) == 1) {
    if (kind_ == Kind::graphic) {
      for (const ByteBuffer& tile : encode_flat_tiles(planes, plan_, threads)) keep(tile);
      return;
    }
  }
  if (plan_.max_error > 0) quantize_tiles(PixelPlanes<Sample>{samples, height, width}, plan_, threads);
  for (const ByteBuffer& tile : encode_tiles(planes, plan_, threads)) keep(tile);
}
template void SpooledTiles::add(std::span<const std::uint8_t>, std::size_t, std::uint64_t, unsigned);
template void SpooledTiles::add(std::span<const std::uint16_t>, std::size_t, std::uint64_t, unsigned);

void SpooledTiles::keep(const ByteBuffer& tile) {
  plan_.names_models |= kind_ == Kind::photo && is_dense_tile(tile);
  sizes_.push_back(tile.size());
  checksums_.push_back(part_checksum(header_, tile));
  spool_.append({reinterpret_cast<const std::uint8_t*>(tile.data()), tile.size()});
}

ByteBuffer SpooledTiles::side_info() const {
  return kind_ == Kind::graphic ? graphic_side_info(plan_) : pixel_side_info(plan_, kind_ == Kind::deep_photo);
}

ByteBuffer SpooledTiles::head() const {
  ByteWriter sizes, out;
  for (const std::uint64_t size : sizes_) sizes.varint(size);
  const ByteBuffer named = side_info_of(mixing_coder(), side_info());
  StoredStream stream;
  stream.steps.push_back({Predict({.max_error = plan_.max_error}), {}});
  stream.steps.push_back({ANSEncode({.coder = "mixing"}), named});
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
