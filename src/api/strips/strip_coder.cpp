#include "api/strips/strip_coder.hpp"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "api/dial/dial.hpp"
#include "api/parts/regions.hpp"
#include "api/parts/tiles.hpp"
#include "api/strips/band_strips.hpp"
#include "base/parallel.hpp"
#include "base/zigzag.hpp"
#include "coding/coder.hpp"
#include "coding/mixing/bands/band_side.hpp"
#include "coding/mixing/bands/band_stream.hpp"
#include "coding/mixing/bands/band_tiles.hpp"
#include "coding/mixing/parts.hpp"
#include "core/subbands.hpp"
#include "kernels/bands/steps/activity.hpp"
#include "systems/quantize/band_side_info.hpp"
#include "systems/quantize/tile_quantizer.hpp"

namespace vaerans {
namespace {

BandPlan plan_of(const QuantizeBandsOptions& bands) {
  return {TileQuantizer(bands).kind(), static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(bands.tile)))};
}

// A tile takes the coder's memory, and 14 bytes a coefficient: in steps, as indices, and what is around them.
std::uint64_t tile_bytes(const PictureKind& kind, const QuantizeBandsOptions& bands) {
  constexpr std::uint64_t kCoder = std::uint64_t{8} << 20U, kEach = 14;
  const auto side = static_cast<std::uint64_t>(bands.tile);
  return kCoder + kEach * kind.channels * side * side;
}

// The bands of a row of tiles.
std::uint64_t row_bytes(const PictureKind& kind, const QuantizeBandsOptions& bands) {
  return std::max<std::uint64_t>(1,
                                 kind.width * kind.channels * sizeof(float) * static_cast<std::uint64_t>(bands.tile));
}

unsigned threads_for(const PictureKind& kind, const QuantizeBandsOptions& bands, const Context& context,
                     const StripMemory& memory) {
  const std::uint64_t fit = memory.tiles / tile_bytes(kind, bands);
  return static_cast<unsigned>(std::clamp<std::uint64_t>(fit, 1, thread_count(context.threads)));
}

// How busy luma is, whose finest bands are looked at some hundred rows at a time.
StepMapOrNone map_of(PictureRows& picture, const QuantizeBandsOptions& bands, unsigned threads) {
  if (!bands.visual) return std::nullopt;
  constexpr std::uint64_t kRows = 256;
  const PictureKind kind = picture.kind();
  std::vector<std::uint64_t> ends;
  for (std::uint64_t end = kRows; end < kind.height; end += kRows) ends.push_back(end);
  ends.push_back(kind.height);
  BandStrips strips(kind, 1, kernels::Activity::kLevels, std::move(ends));
  kernels::Activity activity(kind.height, kind.width);
  while (strips.next(picture, threads)) {
    for (std::size_t level = 1; level <= strips.whole()[0].level; ++level) {
      for (std::size_t i = 1; i < strips.bands().size(); ++i) {
        const Subband& s = strips.bands()[i];
        if (s.level != level) continue;
        activity.add(level, strips.top(i), {static_cast<int>(s.h), static_cast<int>(s.w), s.offset}, strips.values());
      }
    }
  }
  return activity.map(bands.masking);
}

class StripCoder {
 public:
  StripCoder(PictureRows& picture, const QuantizeBandsOptions& bands, const Context& context, const StripMemory& memory)
      : picture_(picture),
        bands_(bands),
        plan_(plan_of(bands)),
        threads_(threads_for(picture.kind(), bands, context, memory)),
        quantizer_(bands),
        strips_(picture.kind(), picture.kind().channels, band_levels(bands.tile), strip_ends(memory)),
        tiles_(strips_.whole(), plan_.side_log) {}

  BandStream stream() {
    map_ = map_of(picture_, bands_, threads_);
    while (strips_.next(picture_, threads_)) code_strip();
    return put_together();
  }

 private:
  struct Tile {
    ByteBuffer coded;
    TileQuantizer::Sums sums;
    bool wide = false;
  };

  [[nodiscard]] std::vector<std::uint64_t> strip_ends(const StripMemory& memory) const {
    const PictureKind kind = picture_.kind();
    const auto areas = band_tile_areas(kind.height, kind.width, plan_.side_log);
    const auto ends = row_ends(areas);
    const std::uint64_t columns = columns_of(areas);
    const std::uint64_t wanted = (2 * std::uint64_t{threads_} + columns - 1) / columns;
    const std::uint64_t rows = std::clamp<std::uint64_t>(memory.bands / row_bytes(kind, bands_), 1, wanted);
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if ((i + 1) % rows == 0 || i + 1 == ends.size()) out.push_back(ends[i]);
    }
    return out;
  }

  // The tiles of the strip, which are the next ones.
  void code_strip() {
    for (const Subband& s : strips_.bands()) quantizer_.require_coarse_enough(part(strips_.values(), s), s, map_);
    const std::size_t first = done_.size();
    const std::uint64_t end = strips_.end();
    const auto& areas = tiles_.areas();
    const auto own = std::find_if(areas.begin() + static_cast<std::ptrdiff_t>(first), areas.end(),
                                  [&](const TileArea& area) { return area.top >= end; });
    done_.resize(static_cast<std::size_t>(own - areas.begin()));
    for_each_tile_with<kernels::BandBuffers>(
        threads_, std::span(areas).subspan(first, done_.size() - first),
        [&](std::size_t i, kernels::BandBuffers& buffers) { done_[first + i] = coded(first + i, buffers); });
  }

  // A tile's parts of the strip's bands.
  [[nodiscard]] BandParts parts_in_strip(std::size_t tile) const {
    BandParts out = tiles_.parts(tile);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].whole = &strips_.bands()[i];
      out[i].above = strips_.top(i);
      out[i].top -= strips_.top(i);
    }
    return out;
  }

  [[nodiscard]] Tile coded(std::size_t tile, kernels::BandBuffers& buffers) const {
    const BandParts parts = parts_in_strip(tile);
    TileQuantizer::Tile chosen = quantizer_.quantize(parts, strips_.values(), map_, buffers);
    Tile out{.coded = encode_band_tile(layout_of(parts), plan_.kind, chosen.indices, buffers),
             .sums = std::move(chosen.sums)};
    out.wide = std::ranges::any_of(chosen.indices, [](std::int32_t index) { return zigzag(index) > 255; });
    return out;
  }

  [[nodiscard]] ByteBuffer quantizer_side_info() const {
    std::vector<TileQuantizer::Sums> sums;
    for (const Tile& tile : done_) sums.push_back(tile.sums);
    BandSideInfo out{.wide = std::ranges::any_of(done_, &Tile::wide), .centers = quantizer_.centers_of(sums)};
    const ByteBuffer written = map_ ? write_map(*map_) : ByteBuffer{};
    out.map = written;
    return write_side_info(out);
  }

  [[nodiscard]] BandStream put_together() {
    std::vector<ByteBuffer> tiles;
    for (Tile& tile : done_) tiles.push_back(std::move(tile.coded));
    ByteWriter payload;
    write_parts(tiles, payload);
    return {band_pipeline(bands_), quantizer_side_info(), side_info_of(mixing_coder(), band_side_info(plan_)),
            payload.take()};
  }

  PictureRows& picture_;
  const QuantizeBandsOptions& bands_;
  BandPlan plan_;
  unsigned threads_;
  TileQuantizer quantizer_;
  BandStrips strips_;
  BandTiles tiles_;
  StepMapOrNone map_;
  std::vector<Tile> done_;  // from the first one on
};

}  // namespace

bool goes_in_strips(std::uint64_t height, std::uint64_t width) noexcept {
  constexpr std::uint64_t kWhole = std::uint64_t{1} << 24U;
  return height * width > kWhole;
}

StripMemory strip_memory(const Limits& limits) {
  const StripMemory most;
  return {std::min(most.bands, limits.max_memory / 4), std::min(most.tiles, limits.max_memory / 4)};
}

// What the transform must see below a row of tiles is at most as much again.
std::uint64_t least_strip_memory(const PictureKind& kind, const QuantizeBandsOptions& bands) {
  return 2 * row_bytes(kind, bands) + tile_bytes(kind, bands);
}

StoredStream BandStream::stored() const {
  StoredStream out;
  for (const auto& step : chain.steps()) out.steps.push_back({step.system, {}});
  out.steps.rbegin()[1].side_info = quantizer;
  out.steps.back().side_info = coder;
  out.payload = payload;
  return out;
}

BandStream stream_in_strips(PictureRows& picture, const QuantizeBandsOptions& bands, const Context& context,
                            const StripMemory& memory) {
  return StripCoder(picture, bands, context, memory).stream();
}

Bytes code_in_strips(PictureRows& picture, const QuantizeBandsOptions& bands, const Context& context,
                     const StripMemory& memory) {
  const BandStream stream = stream_in_strips(picture, bands, context, memory);
  StoredFile file;
  file.source = spec_of(picture.kind());
  file.base = stream.stored();
  return write_tiled(std::move(file));
}

Spec spec_of(const PictureKind& kind) {
  return {Kind::image, kind.dtype, Shape{kind.height, kind.width, kind.channels}, {}};
}

}  // namespace vaerans
