#include "coding/mixing/bands/band_tiles.hpp"

#include <algorithm>
#include <string>

#include "coding/mixing/bands/band_stream.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

struct Cut {
  std::uint64_t begin, end;
};

std::vector<Cut> cuts_of(std::uint64_t n, unsigned side_log) {
  if (side_log == 0) return {{0, n}};
  const std::uint64_t side = std::uint64_t{1} << side_log;
  const std::uint64_t count = std::max<std::uint64_t>(1, (n + side / 2 - 1) >> side_log);
  std::vector<Cut> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back({i * side, i + 1 == count ? n : (i + 1) * side});
  return out;
}

// What a cut of a picture's side is in a band of n places.
Cut in_band(std::uint64_t begin, std::uint64_t end, std::uint64_t side, unsigned level, std::uint64_t n) {
  return {std::min(begin >> level, n), end == side ? n : std::min(end >> level, n)};
}

}  // namespace

std::size_t coefficients_of(const BandParts& parts) {
  return parts.empty() ? 0 : parts.back().own.offset + parts.back().own.size();
}

kernels::BandLayout layout_of(const BandParts& parts) {
  std::vector<Subband> own;
  own.reserve(parts.size());
  for (const BandPart& part : parts) own.push_back(part.own);
  return *band_layout_of(own);
}

std::vector<TileArea> band_tile_areas(std::uint64_t height, std::uint64_t width, unsigned side_log) {
  std::vector<TileArea> out;
  for (const Cut& y : cuts_of(height, side_log)) {
    for (const Cut& x : cuts_of(width, side_log))
      out.push_back({y.begin, x.begin, static_cast<int>(y.end - y.begin), static_cast<int>(x.end - x.begin)});
  }
  return out;
}

BandTiles::BandTiles(std::span<const Subband> subbands, unsigned side_log) : subbands_(subbands) {
  const kernels::BandLayout layout = *band_layout_of(subbands);
  const std::size_t levels = layout.channels[0].levels.size();
  height_ = layout.height();
  width_ = layout.width();
  if (side_log != 0 && levels >= side_log) {
    throw Error(ErrorCode::contract, "tiles of " + std::to_string(1U << side_log) + " pixels have no place for " +
                                         std::to_string(levels) + " levels of a wavelet; give larger tiles");
  }
  areas_ = band_tile_areas(height_, width_, side_log);
}

BandParts BandTiles::parts(std::size_t tile) const {
  const TileArea& area = areas_[tile];
  const std::uint64_t bottom = area.top + static_cast<std::uint64_t>(area.height);
  const std::uint64_t right = area.left + static_cast<std::uint64_t>(area.width);
  BandParts out;
  std::uint64_t offset = 0;
  for (const Subband& s : subbands_) {
    const Cut y = in_band(area.top, bottom, height_, s.level, s.h), x = in_band(area.left, right, width_, s.level, s.w);
    BandPart part{
        .own = s, .whole = &s, .top = static_cast<std::uint32_t>(y.begin), .left = static_cast<std::uint32_t>(x.begin)};
    part.own.h = static_cast<std::uint32_t>(y.end - y.begin);
    part.own.w = static_cast<std::uint32_t>(x.end - x.begin);
    part.own.offset = offset;
    offset += part.own.size();
    out.push_back(part);
  }
  return out;
}

}  // namespace vaerans
