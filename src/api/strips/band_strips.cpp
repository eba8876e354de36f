#include "api/strips/band_strips.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/parallel.hpp"
#include "kernels/pixels/ycocg.hpp"
#include "systems/wavelet/subbands.hpp"

namespace vaerans {
namespace {

constexpr std::uint64_t kBlock = 64;  // rows that are transformed at once

std::vector<Subband> bands_of(const PictureKind& kind, std::uint32_t planes, std::uint32_t levels) {
  const auto h = static_cast<std::uint32_t>(kind.height), w = static_cast<std::uint32_t>(kind.width);
  auto out = wavelet_subbands(planes, h, w, levels);
  if (out.empty()) throw Error(ErrorCode::limit_exceeded, "the picture is too large for a wavelet");
  return out;
}

// A row of pixels as planes, one behind the other.
template <typename Sample>
void to_planes(const std::uint8_t* pixels, std::size_t channels, std::span<float> out) {
  const std::span<const Sample> samples(reinterpret_cast<const Sample*>(pixels), out.size());
  channels == 1 ? kernels::to_luma(samples, out) : kernels::to_ycocg(samples, out);
}

}  // namespace

// Puts the rows of one plane's bands behind those that are there.
class BandStrips::Keeper final : public kernels::BandRows {
 public:
  Keeper(BandStrips& strips, std::size_t first, std::size_t levels) : strips_(strips), first_(first), levels_(levels) {}
  float* row(std::uint32_t level, kernels::BandKind kind, std::size_t y) override {
    const std::size_t finer =
        kind == kernels::BandKind::ll ? 0 : 3 * (levels_ - level) + static_cast<std::size_t>(kind);
    const Subband& band = strips_.bands_[first_ + finer];
    Rows& rows = strips_.rows_[first_ + finer];
    rows.come = static_cast<std::uint32_t>(y) + 1;
    return strips_.values_.get() + band.offset + (y - rows.first) * band.w;
  }

 private:
  BandStrips& strips_;
  std::size_t first_, levels_;
};

BandStrips::BandStrips(const PictureKind& kind, std::uint32_t planes, std::uint32_t levels,
                       std::vector<std::uint64_t> ends)
    : kind_(kind), planes_(planes), ends_(std::move(ends)), whole_(bands_of(kind, planes, levels)), bands_(whole_) {
  const auto h = static_cast<std::uint32_t>(kind.height), w = static_cast<std::uint32_t>(kind.width);
  for (std::uint32_t c = 0; c < planes; ++c) transforms_.emplace_back(h, w, levels);
  rows_.resize(whole_.size());
  place(ends_);
  block_.resize(kBlock * kind.width * kind.channels);
}

// Where the longest strip of each band lies, with room for what comes before the coarsest bands are complete.
void BandStrips::place(std::span<const std::uint64_t> ends) {
  const std::uint64_t beyond = kernels::RowTransform97::ahead(whole_[0].level) + kBlock;
  for (std::size_t i = 0; i < whole_.size(); ++i) {
    std::uint32_t begin = 0, longest = 0;
    for (const std::uint64_t end : ends) {
      longest = std::max(longest, end_in(whole_[i], end) - begin);
      begin = end_in(whole_[i], end);
    }
    bands_[i].offset = size_;
    size_ += (std::uint64_t{longest} + (beyond >> whole_[i].level) + 1) * whole_[i].w;
  }
  values_ = std::make_unique_for_overwrite<float[]>(size_);
}

std::uint32_t BandStrips::end_in(const Subband& band, std::uint64_t end) const {
  if (end == kind_.height) return band.h;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(end >> band.level, band.h));
}

bool BandStrips::next(PictureRows& picture, unsigned threads) {
  if (strip_ == ends_.size()) return false;
  move_on();
  while (!complete()) {
    const std::uint64_t n = std::min(kBlock, kind_.height - taken_);
    add(picture.rows(taken_, n), threads);
    taken_ += n;
  }
  return true;
}

// What has come of the strip below becomes the begin of the strip.
void BandStrips::move_on() {
  for (std::size_t i = 0; i < bands_.size(); ++i) {
    Rows& rows = rows_[i];
    float* const at = values_.get() + bands_[i].offset;
    const std::size_t gone = std::size_t{rows.end - rows.first} * bands_[i].w;
    const std::size_t left = std::size_t{rows.come - rows.end} * bands_[i].w;
    std::memmove(at, at + gone, left * sizeof(float));
    rows.first = rows.end;
    rows.end = end_in(whole_[i], ends_[strip_]);
    bands_[i].h = rows.end - rows.first;
  }
  ++strip_;
}

bool BandStrips::complete() const {
  return std::ranges::all_of(rows_, [](const Rows& rows) { return rows.come >= rows.end; });
}

void BandStrips::add(const ImageView& rows, unsigned threads) {
  const std::size_t row = kind_.width * kind_.channels;
  const std::span<float> block(block_);
  parallel_for(threads, rows.height, [&](std::size_t y, std::size_t) {
    const std::uint8_t* const pixels = rows.data + y * rows.stride();
    const auto out = block.subspan(y * row, row);
    rows.dtype == DType::u16 ? to_planes<std::uint16_t>(pixels, rows.channels, out)
                             : to_planes<std::uint8_t>(pixels, rows.channels, out);
  });
  const std::size_t each = whole_.size() / planes_;
  parallel_for(threads, planes_, [&](std::size_t c, std::size_t) {
    Keeper keeper(*this, c * each, (each - 1) / 3);
    for (std::uint64_t y = 0; y < rows.height; ++y)
      transforms_[c].add(block.data() + y * row + c * kind_.width, keeper);
  });
}

}  // namespace vaerans
