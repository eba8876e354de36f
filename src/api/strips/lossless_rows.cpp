#include "api/strips/lossless_rows.hpp"

#include <algorithm>

#include "api/parts/regions.hpp"
#include "coding/mixing/flat_tiles.hpp"
#include "coding/mixing/pixel_planes.hpp"

namespace vaerans {
namespace {

// Rows of tiles wait for each other, so that those of wide pictures are lower than what is best. Of narrower ones the
// tiles are those of compress().
TilePlan graphic_plan(const PictureKind& kind) {
  constexpr std::uint64_t kRoom = std::uint64_t{32} << 20U;
  TilePlan plan{.side_log = kMostFlatLog};
  const auto highest = [&] { return std::min(kind.height, (std::uint64_t{3} << plan.side_log) / 2); };
  while (plan.side_log > TilePlan::least_log && highest() * kind.width * kind.channels > kRoom) --plan.side_log;
  return plan;
}

SpooledTiles::Kind photo_kind(const PictureKind& kind) {
  return kind.dtype == DType::u16 ? SpooledTiles::Kind::deep_photo : SpooledTiles::Kind::photo;
}

}  // namespace

LosslessRows::LosslessRows(const PictureKind& kind, const TilePlan& plan, const ByteBuffer& header, bool graphics)
    : kind_(kind), quick_(plan.fast()), exact_(plan.max_error == 0) {
  photo_.emplace(plan, photo_kind(kind), header);
  if (!graphics || kind.dtype != DType::u8) return;
  TilePlan flat = graphic_plan(kind);
  ends_ = row_ends(tiles_of(kind.height, kind.width, flat));
  flat.max_error = plan.max_error;  // what the stream's first step says
  graphic_.emplace(flat, SpooledTiles::Kind::graphic, header);
}

std::uint64_t LosslessRows::graphic_bytes(const PictureKind& kind, unsigned threads) {
  if (kind.dtype != DType::u8) return 0;
  constexpr std::uint64_t kCoder = std::uint64_t{9} << 20U, kEach = 64;  // 9 MB, and what noise takes
  const auto areas = tiles_of(kind.height, kind.width, graphic_plan(kind));
  const auto largest = std::ranges::max_element(areas, {}, &TileArea::pixels);
  const std::uint64_t rows = 3 * kind.width * kind.channels * static_cast<std::uint64_t>(largest->height);
  return rows + std::min<std::uint64_t>(threads, columns_of(areas)) * (kCoder + kEach * largest->pixels());
}

template <typename Sample>
void LosslessRows::add(std::span<const Sample> pixels, unsigned threads) {
  rows_ += pixels.size() / kind_.width / kind_.channels;
  if (photo_) photo_->add(pixels, kind_.channels, kind_.width, threads);
  if constexpr (sizeof(Sample) == 1) {
    if (graphic_) add_graphic(pixels, threads);
  }
}
template void LosslessRows::add(std::span<const std::uint8_t>, unsigned);
template void LosslessRows::add(std::span<const std::uint16_t>, unsigned);

void LosslessRows::add_graphic(std::span<const std::uint8_t> pixels, unsigned threads) {
  planes_.resize(pixels.size());
  to_planes(pixels, kind_.channels, std::span(planes_));
  counts_.add({planes_, pixels.size() / kind_.width / kind_.channels, kind_.width});
  if (!photo_ || !is_no_graphic()) {
    waiting_.insert(waiting_.end(), pixels.begin(), pixels.end());
    while (next_end_ < ends_.size() && ends_[next_end_] <= rows_) code_waiting(threads);
  }
  decide();
}

void LosslessRows::code_waiting(unsigned threads) {
  const std::uint64_t bytes = (ends_[next_end_] - graphic_rows_) * kind_.width * kind_.channels;
  graphic_->add(std::span<const std::uint8_t>(waiting_).first(bytes), kind_.channels, kind_.width, threads);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(bytes));
  graphic_rows_ = ends_[next_end_++];
}

// The fast model goes by what is likely.
bool LosslessRows::is_no_graphic() const {
  if (counts_.is_constant() && rows_ < kind_.height) return false;
  const Graphic graphic = counts_.graphic();
  return graphic == Graphic::no || (quick_ && graphic == Graphic::perhaps);
}

void LosslessRows::decide() {
  constexpr double kClearly = 1.5;
  bool no = is_no_graphic();
  if (!no && graphic_rows_ != 0 && photo_) {
    const auto each = [](const SpooledTiles& tiles, std::uint64_t rows) {
      return static_cast<double>(tiles.bytes()) / static_cast<double>(rows);
    };
    const double photo = each(*photo_, rows_), graphic = each(*graphic_, graphic_rows_);
    const Graphic looks = counts_.graphic();
    if (looks == Graphic::surely && kClearly * graphic < photo) return photo_.reset();
    no = looks == Graphic::perhaps && graphic > kClearly * photo;
  }
  if (!no || !photo_) return;
  graphic_.reset();
  waiting_ = {};
}

const SpooledTiles& LosslessRows::chosen() const {
  if (!graphic_ || !photo_) return photo_ ? *photo_ : *graphic_;
  const Graphic looks = counts_.graphic();
  const bool clear = exact_ && (looks == Graphic::surely || (quick_ && looks == Graphic::likely));
  return clear || graphic_->bytes() <= photo_->bytes() ? *graphic_ : *photo_;
}

}  // namespace vaerans
