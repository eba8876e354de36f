#include "coding/mixing/tiles/graphic.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/spread.hpp"

namespace vaerans {
namespace {

// Found on photos of the training set, as they are and in grey, and on graphics of our own making. Of the pixels that
// do not repeat, steps of at most 4 levels are 59 % and more in photos; less than a half in graphics, but for those
// that have photos in them: 52 % in a website, 78 % in windows before a photo.
constexpr int kSmallStep = 4;
constexpr double kOfGraphics = 0.5, kWithPhotos = 0.8;

constexpr std::uint8_t kNone = 255;  // no neighbour there

// Between pixels from `a` and from `b` on, the largest one among planes that lie `stride` apart.
void differences(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::size_t stride,
                 std::span<std::uint8_t> out) {
  std::ranges::fill(out, 0);
  for (std::size_t p = 0; p + out.size() <= std::min(a.size(), b.size()); p += stride) {
    for (std::size_t x = 0; x < out.size(); ++x) {
      const auto d = static_cast<std::uint8_t>(std::max(a[p + x], b[p + x]) - std::min(a[p + x], b[p + x]));
      out[x] = std::max(out[x], d);
    }
  }
}

// Smaller squares take a desktop for a photo: what repeats does so from further away. Fewer of them, or larger ones,
// err more often.
constexpr std::uint64_t kSquare = 256, kSquares = 4, kSide = kSquare * kSquares;

}  // namespace

void GraphicCounts::add(PixelPlanes<const std::uint8_t> rows) {
  width_ = rows.width;
  west_.resize(width_);
  north_.assign(width_, kNone);
  row_.resize(width_ * rows.planes());
  for (std::size_t y = 0; y < rows.height; ++y) {
    for (std::size_t p = 0; p < rows.planes(); ++p) {
      const auto own = rows.samples.subspan((p * rows.height + y) * width_, width_);
      std::ranges::copy(own, row_.begin() + static_cast<std::ptrdiff_t>(p * width_));
    }
    count_row();
    std::swap(row_, above_);
    row_.resize(above_.size());
  }
}

void GraphicCounts::count_row() {
  const std::span<const std::uint8_t> row(row_);
  west_[0] = kNone;
  differences(row.subspan(1), row, width_, std::span(west_).subspan(1));
  if (!above_.empty()) differences(row, above_, width_, north_);
  std::size_t repeated = 0, small = 0;
  for (std::size_t x = 0; x < width_; ++x) {
    const std::uint8_t least = std::min(west_[x], north_[x]);
    repeated += least == 0 ? 1 : 0;
    small += least <= kSmallStep ? 1 : 0;
  }
  repeated_ += repeated;
  small_ += small - repeated;
  constant_ = constant_ && repeated + (above_.empty() ? 1 : 0) == width_ &&
              std::all_of(west_.begin() + 1, west_.end(), [](std::uint8_t d) { return d == 0; });
  pixels_ += width_;
}

Graphic GraphicCounts::graphic() const {
  const auto share = [](std::size_t some, std::size_t of) {
    return static_cast<double>(some) / static_cast<double>(std::max<std::size_t>(1, of));
  };
  const double repeated = share(repeated_, pixels_), small_steps = share(small_, pixels_ - repeated_);
  if (constant_) return Graphic::no;  // the other coder has a byte for it
  if (repeated < 0.25) return Graphic::no;
  if (repeated < 0.6 || small_steps > kWithPhotos) return Graphic::perhaps;
  return small_steps > kOfGraphics ? Graphic::likely : Graphic::surely;
}

Graphic graphic_of(PixelPlanes<const std::uint8_t> picture) {
  GraphicCounts counts;
  counts.add(picture);
  return counts.graphic();
}

PlaneSample sample_of(PixelPlanes<const std::uint8_t> picture) {
  if (picture.height * picture.width <= 2 * kSide * kSide) return {};
  PlaneSample out{.samples = {}, .height = std::min(picture.height, kSide), .width = std::min(picture.width, kSide)};
  out.samples.reserve(picture.planes() * out.height * out.width);
  const auto columns = spread_along(picture.width, kSquare, kSquares);
  for (std::size_t p = 0; p < picture.planes(); ++p) {
    for (const Stretch& rows : spread_along(picture.height, kSquare, kSquares)) {
      for (std::uint64_t y = rows.begin; y < rows.begin + rows.length; ++y) {
        const auto row = picture.samples.subspan((p * picture.height + y) * picture.width, picture.width);
        for (const Stretch& x : columns) {
          const auto part = row.subspan(x.begin, x.length);
          out.samples.insert(out.samples.end(), part.begin(), part.end());
        }
      }
    }
  }
  return out;
}

PlaneSample trial_sample_of(PixelPlanes<const std::uint8_t> picture, ModelChoice choice) {
  const bool whole = choice == ModelChoice::smallest && !is_sampled(picture.height, picture.width);
  return whole ? PlaneSample() : sample_of(picture);
}

}  // namespace vaerans
