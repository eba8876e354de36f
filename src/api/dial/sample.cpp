#include "api/dial/sample.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "api/arena_size.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kSquare = 512, kSquares = 4, kSide = kSquare * kSquares;

struct Stretch {
  std::uint64_t begin, length;
};

// What is taken along a side: evenly spread, the first and the last at the ends.
std::vector<Stretch> stretches_of(std::uint64_t side) {
  if (side <= kSide) return {{0, side}};
  std::vector<Stretch> out;
  for (std::uint64_t i = 0; i < kSquares; ++i) out.push_back({i * (side - kSquare) / (kSquares - 1), kSquare});
  return out;
}

}  // namespace

bool is_sampled(std::uint64_t height, std::uint64_t width) noexcept { return height * width > 2 * kSide * kSide; }

Image sample_of(PictureRows& picture) {
  const PictureKind kind = picture.kind();
  Image out{std::min(kind.height, kSide), std::min(kind.width, kSide), {}};
  out.channels = kind.channels;
  out.dtype = kind.dtype;
  const std::uint64_t pixel = kind.channels * dtype_size(kind.dtype);
  out.rgb.resize(out.height * out.width * pixel);
  auto* to = out.rgb.data();
  for (const Stretch& rows : stretches_of(kind.height)) {
    const ImageView from = picture.rows(rows.begin, rows.length);
    for (std::uint64_t y = 0; y < rows.length; ++y) {
      for (const Stretch& columns : stretches_of(kind.width)) {
        std::memcpy(to, from.data + y * from.stride() + columns.begin * pixel, columns.length * pixel);
        to += columns.length * pixel;
      }
    }
  }
  return out;
}

SampledPicture::SampledPicture(PictureRows& picture)
    : world(arena_bytes_for(kSide * kSide)), entity(world.spawn_image(sample_of(picture).view())) {}

}  // namespace vaerans
