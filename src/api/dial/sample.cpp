#include "api/dial/sample.hpp"

#include <algorithm>
#include <cstring>

#include "api/arena_size.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kSquare = 512, kSquares = 4, kSide = kSquare * kSquares;
static_assert(kSide * kSide == sample_pixels);

}  // namespace

Image sample_of(PictureRows& picture) {
  const PictureKind kind = picture.kind();
  Image out{std::min(kind.height, kSide), std::min(kind.width, kSide), {}};
  out.channels = kind.channels;
  out.dtype = kind.dtype;
  const std::uint64_t pixel = kind.channels * dtype_size(kind.dtype);
  out.rgb.resize(out.height * out.width * pixel);
  auto* to = out.rgb.data();
  for (const Stretch& rows : spread_along(kind.height, kSquare, kSquares)) {
    const ImageView from = picture.rows(rows.begin, rows.length);
    for (std::uint64_t y = 0; y < rows.length; ++y) {
      for (const Stretch& columns : spread_along(kind.width, kSquare, kSquares)) {
        std::memcpy(to, from.data + y * from.stride() + columns.begin * pixel, columns.length * pixel);
        to += columns.length * pixel;
      }
    }
  }
  return out;
}

SampledPicture::SampledPicture(PictureRows& picture)
    : world(arena_bytes_for(sample_pixels)), entity(world.spawn_image(sample_of(picture).view())) {}

}  // namespace vaerans
