#include "coding/mixing/pixel_tiles.hpp"

#include <algorithm>
#include <string>

#include "base/bytes.hpp"
#include "kernels/predict/tile_planes.hpp"

namespace vaerans {
namespace {

using kernels::kTilePlanes;
using kernels::PixelModel;
using kernels::PlaneMode;
using kernels::PlaneModes;
using kernels::TilePlanes;

// Kernels take planes that may be written; those of an encoder are only read.
template <typename Sample>
TilePlanes<Sample> planes_of(PixelPlanes<Sample> picture, const TileArea& area) {
  TilePlanes<Sample> out;
  for (std::size_t p = 0; p < picture.planes(); ++p) {
    out[p] = {picture.samples.data() + (p * picture.height + area.top) * picture.width + area.left,
              static_cast<std::ptrdiff_t>(picture.width)};
  }
  return out;
}

template <typename Sample>
PixelPlanes<Sample> writable(PixelPlanes<const Sample> picture) {
  return {{const_cast<Sample*>(picture.samples.data()), picture.samples.size()}, picture.height, picture.width};
}

// Marks a tile whose coded planes are exact, though those of others may be moved.
constexpr unsigned kExact = 1U << (2 * kTilePlanes);
// Marks one whose coded planes are dense.
constexpr unsigned kDense = 2 * kExact;

struct TileHead {
  PlaneModes modes{};
  bool exact = false;
  PixelModel model = PixelModel::balanced;

  [[nodiscard]] std::size_t coded(std::size_t planes) const {
    return static_cast<std::size_t>(
        std::count(modes.begin(), modes.begin() + static_cast<std::ptrdiff_t>(planes), PlaneMode::coded));
  }
};

// One tile of a picture, as its functions want it.
template <typename Sample>
struct Tile {
  Tile(PixelPlanes<Sample> picture, const TileArea& where, const TilePlan& how)
      : planes(planes_of(picture, where)),
        area(where),
        shape{where.width, where.height, how.max_error, static_cast<int>(picture.planes()), how.bits} {}

  [[nodiscard]] kernels::TileShape shape_for(const TileHead& head) const {
    kernels::TileShape out = shape;
    if (head.exact) out.max_error = 0;
    out.model = head.model;
    return out;
  }
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(shape.planes); }
  template <typename Row>
  void for_each_row(std::size_t plane, Row row) const {
    for (int y = 0; y < area.height; ++y)
      row(std::span(planes[plane].samples + y * planes[plane].stride, static_cast<std::size_t>(area.width)));
  }

  TilePlanes<Sample> planes;
  TileArea area;
  kernels::TileShape shape;
};

// ---- the bytes of a tile -----------------------------------------------------------------------------------------

std::byte byte_of(const TileHead& head) {
  unsigned out = (head.exact ? kExact : 0) | (head.model == PixelModel::dense ? kDense : 0);
  for (std::size_t p = 0; p < head.modes.size(); ++p) out |= static_cast<unsigned>(head.modes[p]) << (2 * p);
  return static_cast<std::byte>(out);
}

TileHead read_head(ByteReader& in, const kernels::TileShape& shape, bool names_models) {
  const unsigned bits = in.u8();
  const unsigned allowed = kExact - 1 + (shape.max_error > 0 ? kExact : 0) + (names_models ? kDense : 0);
  if ((bits & ~allowed) != 0) in.corrupt("unknown modes of planes");
  TileHead head{{}, (bits & kExact) != 0, (bits & kDense) != 0 ? PixelModel::dense : PixelModel::balanced};
  for (std::size_t p = 0; p < head.modes.size(); ++p) head.modes[p] = static_cast<PlaneMode>(bits >> (2 * p) & 3U);
  if (head.modes[0] == PlaneMode::copy) in.corrupt("the first plane as a copy");
  for (auto p = static_cast<std::size_t>(shape.planes); p < head.modes.size(); ++p) {
    if (head.modes[p] != PlaneMode::coded) in.corrupt("a mode of a plane that is not there");
  }
  if (head.model != PixelModel::balanced && head.coded(static_cast<std::size_t>(shape.planes)) == 0)
    in.corrupt("a model, but nothing that it codes");
  return head;
}

template <typename Sample>
void write_sample(ByteBuffer& out, Sample value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
}

template <typename Sample>
Sample read_sample(ByteReader& in, int bits) {
  std::uint32_t value = in.u8();
  if constexpr (sizeof(Sample) == 2) value |= std::uint32_t{in.u8()} << 8U;
  if (value >> static_cast<unsigned>(bits) != 0) in.corrupt("a sample of more bits than it should have");
  return static_cast<Sample>(value);
}

template <typename Sample>
void write_head(const TileHead& head, const Tile<Sample>& tile, ByteBuffer& out) {
  out.assign(1, byte_of(head));
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] == PlaneMode::constant) write_sample(out, tile.planes[p].samples[0]);
    if (head.modes[p] != PlaneMode::raw) continue;
    tile.for_each_row(p, [&](std::span<Sample> row) {
      for (const Sample value : row) write_sample(out, value);
    });
  }
}

template <typename Sample>
void read_samples(ByteReader& in, const TileHead& head, const Tile<Sample>& tile) {
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] == PlaneMode::constant) {
      const auto value = read_sample<Sample>(in, tile.shape.bits);
      tile.for_each_row(p, [&](std::span<Sample> row) { std::ranges::fill(row, value); });
    }
    if (head.modes[p] != PlaneMode::raw) continue;
    tile.for_each_row(p, [&](std::span<Sample> row) {
      for (Sample& value : row) value = read_sample<Sample>(in, tile.shape.bits);
    });
  }
}

// A tile as bytes; false if its coded planes are not on the grids of their predictions.
template <typename Sample>
bool write_by(const Tile<Sample>& tile, TileHead& head, kernels::TileBuffers& buffers, ByteBuffer& out) {
  const std::size_t coded = head.coded(tile.count());
  if (coded == 0) head.model = PixelModel::balanced;
  if (coded != 0 && !kernels::encode_tile(tile.planes, head.modes, tile.shape_for(head), buffers)) return false;
  write_head(head, tile, out);
  if (coded == 0) return true;
  buffers.decisions.write(out);
  if (out.size() <= 1 + sizeof(Sample) * (kTilePlanes + coded * tile.area.pixels())) return true;
  for (std::size_t p = 0; p < tile.count(); ++p) {
    if (head.modes[p] == PlaneMode::coded) head.modes[p] = PlaneMode::raw;
  }
  head.exact = false;
  head.model = PixelModel::balanced;
  write_head(head, tile, out);
  return true;
}

// Whether a quarter of the samples equal the one to their left: less is no graphic.
template <typename Sample>
bool repeats(const Tile<Sample>& tile) {
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
bool dense_is_doubtful(const Tile<Sample>& tile) {
  constexpr std::size_t kSmall = 256 * 256;
  return tile.shape.max_error > 0 || tile.area.pixels() <= kSmall || repeats(tile);
}

// The smallest of what the allowed models make of a tile. False if it is not on the grids of any of them.
template <typename Sample>
bool write_tile(const Tile<Sample>& tile, TileHead& head, ModelChoice choice, kernels::TileBuffers& buffers,
                ByteBuffer& out) {
  if (sizeof(Sample) > 1 || choice == ModelChoice::balanced) return write_by(tile, head, buffers, out);
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
std::vector<Sample> samples_of(const Tile<Sample>& tile) {
  std::vector<Sample> out;
  for (std::size_t p = 0; p < tile.count(); ++p)
    tile.for_each_row(p, [&](std::span<Sample> row) { out.insert(out.end(), row.begin(), row.end()); });
  return out;
}

template <typename Sample>
void put_samples(std::span<const Sample> samples, const Tile<Sample>& tile) {
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

  Tile<Sample> tile_;
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
  const Tile<Sample> tile(writable(picture), area, plan);
  TileHead head{kernels::choose_modes(tile.planes, tile.shape)};
  if (write_tile(tile, head, plan.choice, buffers, out)) return head.model;
  head.exact = true;
  (void)write_tile(tile, head, plan.choice, buffers, out);
  return head.model;
}

template <typename Sample>
void decode_tile(std::span<const std::byte> bytes, PixelPlanes<Sample> picture, const TileArea& area,
                 const TilePlan& plan, kernels::TileBuffers& buffers) {
  const Tile<Sample> tile(picture, area, plan);
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
  const Tile<Sample> tile(picture, area, plan);
  TileHead head{kernels::choose_modes(tile.planes, tile.shape)};
  const bool coded = head.coded(tile.count()) != 0;
  // Where most samples repeat, moving them to grids breaks what repeats; each model has grids of its own.
  const bool as_it_is = coded && repeats(tile);
  const bool dense = coded && sizeof(Sample) == 1 && plan.choice != ModelChoice::balanced;
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
  for_each_tile(threads, tiles, [&](std::size_t i, kernels::TileBuffers& buffers) {
    encode_tile(picture, tiles[i], plan, buffers, out[i]);
  });
  return out;
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
