#include "api/dial/sample.hpp"

#include <algorithm>
#include <cstring>

#include "api/arena_size.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kSquares = 4;

constexpr std::uint64_t pixels_of(std::uint64_t square) { return kSquares * square * kSquares * square; }
static_assert(pixels_of(sample_square) == sample_pixels);

}  // namespace

Image sample_of(PictureRows& picture, std::uint64_t square) {
  const PictureKind kind = picture.kind();
  Image out{std::min(kind.height, kSquares * square), std::min(kind.width, kSquares * square), {}};
  out.channels = kind.channels;
  out.dtype = kind.dtype;
  const std::uint64_t pixel = kind.channels * dtype_size(kind.dtype);
  out.rgb.resize(out.height * out.width * pixel);
  auto* to = out.rgb.data();
  for (const Stretch& rows : spread_along(kind.height, square, kSquares)) {
    const ImageView from = picture.rows(rows.begin, rows.length);
    for (std::uint64_t y = 0; y < rows.length; ++y) {
      for (const Stretch& columns : spread_along(kind.width, square, kSquares)) {
        std::memcpy(to, from.data + y * from.stride() + columns.begin * pixel, columns.length * pixel);
        to += columns.length * pixel;
      }
    }
  }
  return out;
}

SampledPicture::SampledPicture(PictureRows& picture, std::uint64_t square)
    : world(arena_bytes_for(pixels_of(square))), entity(world.spawn_image(sample_of(picture, square).view())) {}

}  // namespace vaerans
