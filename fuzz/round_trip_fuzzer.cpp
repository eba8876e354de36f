// Any bytes as a picture: a byte that chooses the way, one each for width and kind, then samples. What is compressed is
// decompressed to the same, or to what its largest error allows, whole, row by row and in part; what is written row by
// row is the same file, but for graphics.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "vaerans/rows.hpp"

namespace {

using namespace vaerans;

constexpr std::size_t kHead = 3, kMostSamples = 6000;

Image picture_of(const std::uint8_t* data, std::size_t size) {
  Image out;
  out.channels = 1 + data[2] % 4;
  out.dtype = (data[2] & 4) != 0 ? DType::u16 : DType::u8;
  out.width = 1 + data[1] % 64;
  out.height = std::min(size - kHead, kMostSamples) / (out.width * out.view().pixel_bytes());
  out.rgb.assign(data + kHead, data + kHead + out.height * out.width * out.view().pixel_bytes());
  return out;
}

unsigned sample(const Image& image, std::size_t i) {
  if (image.dtype == DType::u8) return image.rgb[i];
  std::uint16_t value = 0;
  std::memcpy(&value, image.rgb.data() + 2 * i, 2);
  return value;
}

unsigned largest_error(const Image& a, const Image& b) {
  unsigned most = 0;
  const std::size_t count = a.rgb.size() / dtype_size(a.dtype);
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned x = sample(a, i), y = sample(b, i);
    most = std::max(most, x > y ? x - y : y - x);
  }
  return most;
}

// The middle of the picture, as it was read in part and as it is in the whole.
bool part_is_the_same(const Bytes& file, const Image& whole, const Context& context) {
  const Region region{whole.width / 3, whole.height / 3, (whole.width + 2) / 3, (whole.height + 2) / 3};
  const auto source = memory_source(file);
  const PicturePart part = decompress_part(*source, {.region = region}, context);
  const std::size_t pixel = whole.view().pixel_bytes(), row = region.width * pixel;
  for (std::size_t y = 0; y < region.height; ++y) {
    const auto* const there = whole.rgb.data() + ((region.y + y) * whole.width + region.x) * pixel;
    if (std::memcmp(part.image.rgb.data() + y * row, there, row) != 0) return false;
  }
  return true;
}

class MemorySink final : public ByteSink {
 public:
  void write(std::span<const std::uint8_t> more) override { bytes.insert(bytes.end(), more.begin(), more.end()); }
  Bytes bytes;
};

Bytes by_rows(const Image& image, const CompressOptions& options, const Context& context) {
  RowOptions how;
  how.max_error = options.max_error.value_or(0);
  how.effort = options.effort;
  RowWriter writer({image.height, image.width, image.channels, image.dtype}, how, context);
  writer.write(image.view());
  MemorySink sink;
  (void)writer.finish(sink);
  return sink.bytes;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= kHead) return 0;
  const Image image = picture_of(data, size);
  if (image.height == 0) return 0;
  Context context;
  context.threads = 1;
  CompressOptions options;
  const unsigned way = data[0];
  if (way % 4 == 3) {
    options.mode = "wavelet";
    options.step = 1 + way / 4;
  } else {
    options.max_error = way % 4 == 0 ? 0 : way / 4;
    options.effort = least_effort + way % most_effort;
  }
  const Bytes file = compress(image.view(), options, context);
  const Image back = decompress(file, context);
  require(back.height == image.height && back.width == image.width && back.channels == image.channels &&
          back.dtype == image.dtype);
  require(part_is_the_same(file, back, context));
  if (!options.max_error) return 0;
  require(largest_error(image, back) <= static_cast<unsigned>(*options.max_error));
  const Bytes streamed = by_rows(image, options, context);
  // A graphic, of which the whole is known, may be exact in fewer bytes than what rows make of it.
  const bool same = streamed == file || file.size() < streamed.size();
  require(image.dtype == DType::u16 || same);
  const Image rows = decompress(streamed, context);
  require(rows.rgb.size() == image.rgb.size());
  require(largest_error(image, rows) <= static_cast<unsigned>(*options.max_error));
  require(streamed != file || rows.rgb == back.rgb);
  return 0;
}
