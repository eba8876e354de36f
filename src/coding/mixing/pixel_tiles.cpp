#include "coding/mixing/pixel_tiles.hpp"

#include <algorithm>
#include <string>

#include "base/bytes.hpp"
#include "coding/mixing/tiles/fast_tiles.hpp"
#include "coding/mixing/tiles/pixel_tile.hpp"
#include "kernels/predict/tile_planes.hpp"

namespace vaerans {
namespace {

using kernels::kTilePlanes;
using kernels::PixelModel;
using kernels::PlaneMode;
using kernels::PlaneModes;

// A tile as bytes; false if its coded planes are not on the grids of their predictions.
template <typename Sample>
bool write_by(const PixelTile<Sample>& tile, TileHead& head, kernels::TileBuffers& buffers, ByteBuffer& out) {
  const std::size_t coded = head.coded(tile.count());
  if (coded == 0) head.model = PixelModel::balanced;
  if (coded != 0 && !kernels::encode_tile(tile.planes, head.modes, tile.shape_for(head), buffers)) return false;
  write_head(head, tile, out);
  if (coded == 0) return true;
  buffers.decisions.write(out);
  if (out.size() <= 1 + sizeof(Sample) * (kTilePlanes + coded * tile.area.pixels())) return true;
  head.leave_raw(tile.count());
  write_head(head, tile, out);
  return true;
}

// Whether a quarter of the samples equal the one to their left: less is no graphic.
template <typename Sample>
bool repeats(const PixelTile<Sample>& tile) {
  std::size_t equal = 0;
  for (std::size_t p = 0; p < tile.count(); ++p) {
    tile.for_each_row(p, [&](std::span<Sample> row) {
      for (std::size_t x = 1; x < row.size(); ++x) equal += row[x] == row[x - 1] ? 1U : 0U;
    });
  }
  return 4 * equal >= tile.count() * tile.area.pixels();
}

// Whether the dense model might take more bytes than the balanced one: it has more to learn, which small tiles,
// graphics and moved samples may not pay for. Exact photos were never seen to be larger.
template <typename Sample>
bool dense_is_doubtful(const PixelTile<Sample>& tile) {
  constexpr std::size_t kSmall = std::size_t{256} * 256;
  return tile.shape.max_error > 0 || tile.area.pixels() <= kSmall || repeats(tile);
}

bool may_be_dense(ModelChoice choice) { return choice == ModelChoice::dense || choice == ModelChoice::smallest; }

// The smallest of what the allowed models make of a tile. False if it is not on the grids of any of them.
template <typename Sample>
bool write_tile(const PixelTile<Sample>& tile, TileHead& head, ModelChoice choice, kernels::TileBuffers& buffers,
                ByteBuffer& out) {
  if (sizeof(Sample) > 1 || !may_be_dense(choice)) return write_by(tile, head, buffers, out);
  TileHead balanced = head;
  head.model = PixelModel::dense;
  const bool written = write_by(tile, head, buffers, out);
  if (written && choice == ModelChoice::dense && !dense_is_doubtful(tile)) return true;
  ByteBuffer other;
  if (!write_by(tile, balanced, buffers, other)) return written;
  if (written && out.size() < other.size()) return true;
  head = balanced;
  out = std::move(other);
  return true;
}

// ---- moving samples ----------------------------------------------------------------------------------------------

template <typename Sample>
std::vector<Sample> samples_of(const PixelTile<Sample>& tile) {
  std::vector<Sample> out;
  for (std::size_t p = 0; p < tile.count(); ++p)
    tile.for_each_row(p, [&](std::span<Sample> row) { out.insert(out.end(), row.begin(), row.end()); });
  return out;
}

template <typename Sample>
void put_samples(std::span<const Sample> samples, const PixelTile<Sample>& tile) {
  for (std::size_t p = 0; p < tile.count(); ++p) {
    tile.for_each_row(p, [&](std::span<Sample> row) {
      std::ranges::copy(samples.first(row.size()), row.begin());
      samples = samples.subspan(row.size());
    });
  }
}

// Which way of moving the samples of a tile takes the fewest bytes.
template <typename Sample>
class SmallestSamples {
 public:
  SmallestSamples(PixelPlanes<Sample> picture, const TileArea& area, const TilePlan& plan,
                  kernels::TileBuffers& buffers)
      : tile_(picture, area, plan), plan_(plan), buffers_(buffers), source_(samples_of(tile_)) {}

  void offer_exact(TileHead head) {
    (void)write_tile(tile_, head, plan_.choice, buffers_, bytes_);
    note();
  }
  // `only`: nothing else is offered, so that the bytes do not matter.
  void offer(const PlaneModes& modes, PixelModel model, bool only) {
    put_samples(std::span<const Sample>(source_), tile_);
    kernels::TileShape shape = tile_.shape;
    shape.model = model;
    kernels::quantize_tile(tile_.planes, modes, shape, buffers_);
    if (only) return void(best_ = samples_of(tile_));
    // Planes may have become equal, or constant.
    TileHead head{kernels::choose_modes(tile_.planes, tile_.shape), false, model};
    if (!write_by(tile_, head, buffers_, bytes_)) {
      head.exact = true;
      (void)write_by(tile_, head, buffers_, bytes_);
    }
    note();
  }
  void keep() const { put_samples(std::span<const Sample>(best_), tile_); }

 private:
  void note() {
    if (!best_.empty() && bytes_.size() >= least_) return;
    least_ = bytes_.size();
    best_ = samples_of(tile_);
  }

  PixelTile<Sample> tile_;
  const TilePlan& plan_;
  kernels::TileBuffers& buffers_;
  std::vector<Sample> source_, best_;
  std::size_t least_ = 0;
  ByteBuffer bytes_;
};

// ---- the cut -----------------------------------------------------------------------------------------------------

std::uint64_t parts_of(std::uint64_t length, std::uint64_t part) {
  return std::max<std::uint64_t>(1, (length + part / 2 - 1) / part);
}

}  // namespace

bool is_dense_tile(std::span<const std::byte> bytes) {
  return !bytes.empty() && (bytes[0] & std::byte{kDense}) != std::byte{0};
}

std::vector<TileArea> tiles_of(std::uint64_t height, std::uint64_t width, const TilePlan& plan) {
  const std::uint64_t side = std::uint64_t{1} << plan.side_log;
  const std::uint64_t rows = parts_of(height, side), columns = parts_of(width, side);
  std::vector<TileArea> out;
  for (std::uint64_t r = 0; r < rows; ++r) {
    const std::uint64_t top = r * height / rows, bottom = (r + 1) * height / rows;
    for (std::uint64_t c = 0; c < columns; ++c) {
      const std::uint64_t left = c * width / columns, right = (c + 1) * width / columns;
      out.push_back({top, left, static_cast<int>(bottom - top), static_cast<int>(right - left)});
    }
  }
  return out;
}

template <typename Sample>
PixelModel encode_tile(PixelPlanes<const Sample> picture, const TileArea& area, const TilePlan& plan,
                       kernels::TileBuffers& buffers, ByteBuffer& out) {
  const PixelTile<Sample> tile(writable(picture), area, plan);
  TileHead head{kernels::choose_modes(tile.planes, tile.shape)};
  if (write_tile(tile, head, plan.choice, buffers, out)) return head.model;
  head.exact = true;
  (void)write_tile(tile, head, plan.choice, buffers, out);
  return head.model;
}

template <typename Sample>
void decode_tile(std::span<const std::byte> bytes, PixelPlanes<Sample> picture, const TileArea& area,
                 const TilePlan& plan, kernels::TileBuffers& buffers) {
  const PixelTile<Sample> tile(picture, area, plan);
  ByteReader in(bytes, "ans payload (mixing), a tile");
  const TileHead head = read_head(in, tile.shape, plan.names_models);
  const kernels::TileShape shape = tile.shape_for(head);
  read_samples(in, head, tile);
  const auto stream = in.take(in.left());
  if (head.coded(tile.count()) == 0) {
    if (!stream.empty()) in.corrupt("bytes left over");
    for (std::size_t p = 1; p < tile.count(); ++p) {
      if (head.modes[p] == PlaneMode::copy) kernels::copy_samples(tile.planes[0], tile.planes[p], shape);
    }
    return;
  }
  kernels::DecisionDecoder decoder(stream);
  kernels::decode_tile(tile.planes, head.modes, shape, buffers, decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok) in.corrupt(kernels::to_string(status));
}

template <typename Sample>
void quantize_tile(PixelPlanes<Sample> picture, const TileArea& area, const TilePlan& plan,
                   kernels::TileBuffers& buffers) {
  const PixelTile<Sample> tile(picture, area, plan);
  TileHead head{kernels::choose_modes(tile.planes, tile.shape)};
  const bool coded = head.coded(tile.count()) != 0;
  // Where most samples repeat, moving them to grids breaks what repeats; each model has grids of its own.
  const bool as_it_is = coded && repeats(tile);
  const bool dense = coded && sizeof(Sample) == 1 && may_be_dense(plan.choice);
  const bool both = dense && (plan.choice == ModelChoice::smallest || dense_is_doubtful(tile));
  SmallestSamples<Sample> smallest(picture, area, plan, buffers);
  if (as_it_is) {
    head.exact = true;
    smallest.offer_exact(head);
  }
  if (dense) smallest.offer(head.modes, PixelModel::dense, !as_it_is && !both);
  if (!dense || both) smallest.offer(head.modes, PixelModel::balanced, !as_it_is && !both);
  smallest.keep();
}

template <typename Sample>
void quantize_tiles(PixelPlanes<Sample> picture, const TilePlan& plan, unsigned threads) {
  const auto tiles = tiles_of(picture.height, picture.width, plan);
  for_each_tile(threads, tiles,
                [&](std::size_t i, kernels::TileBuffers& buffers) { quantize_tile(picture, tiles[i], plan, buffers); });
}

template <typename Sample>
std::vector<ByteBuffer> encode_tiles(PixelPlanes<const Sample> picture, const TilePlan& plan, unsigned threads) {
  const auto tiles = tiles_of(picture.height, picture.width, plan);
  std::vector<ByteBuffer> out(tiles.size());
  if constexpr (sizeof(Sample) == 1) {
    if (plan.fast()) {
      for_each_tile_with<kernels::FastBuffers>(threads, tiles, [&](std::size_t i, kernels::FastBuffers& buffers) {
        encode_fast_tile(picture, tiles[i], buffers, out[i]);
      });
      return out;
    }
  }
  for_each_tile(threads, tiles, [&](std::size_t i, kernels::TileBuffers& buffers) {
    encode_tile(picture, tiles[i], plan, buffers, out[i]);
  });
  return out;
}

std::size_t encoder_bytes(const TileArea& area, std::size_t planes, const TilePlan& plan) {
  kernels::TileShape shape{area.width, area.height, plan.max_error, static_cast<int>(planes), plan.bits};
  if (plan.fast()) return kernels::fast_bytes_for(shape);
  if (plan.bits == 8 && may_be_dense(plan.choice)) shape.model = PixelModel::dense;
  // Where samples are moved, a tile is kept as it was, and as it is best.
  const std::size_t kept = plan.max_error > 0 ? 2 * planes * area.pixels() * (plan.bits > 8 ? 2 : 1) : 0;
  return kernels::TileBuffers::bytes_for(shape) + kept;
}

#define VAERANS_PIXEL_TILES(Sample)                                                                                   \
  template PixelModel encode_tile(PixelPlanes<const Sample>, const TileArea&, const TilePlan&, kernels::TileBuffers&, \
                                  ByteBuffer&);                                                                       \
  template void decode_tile(std::span<const std::byte>, PixelPlanes<Sample>, const TileArea&, const TilePlan&,        \
                            kernels::TileBuffers&);                                                                   \
  template void quantize_tile(PixelPlanes<Sample>, const TileArea&, const TilePlan&, kernels::TileBuffers&);          \
  template void quantize_tiles(PixelPlanes<Sample>, const TilePlan&, unsigned);                                       \
  template std::vector<ByteBuffer> encode_tiles(PixelPlanes<const Sample>, const TilePlan&, unsigned)
VAERANS_PIXEL_TILES(std::uint8_t);
VAERANS_PIXEL_TILES(std::uint16_t);
#undef VAERANS_PIXEL_TILES

}  // namespace vaerans
