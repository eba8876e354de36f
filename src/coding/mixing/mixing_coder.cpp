// coder=mixing: binary decisions under mixed probabilities that adapt as they go: no tables, no prior. It codes the
// planes of a picture, each sample predicted (kernels/predict/tile_coder.hpp), and wavelet bands, each coefficient in
// the context of its neighbours (kernels/bands/band_coder.hpp).
//
// Side information: u8 kind of symbols. 1 = planes of a picture: u8 largest error · u8 log2 of the tiles' side;
// payload: for each tile, row by row, varint of its bytes; then the tiles (docs/format_mixing.md). 5 = the same where
// tiles may be dense. 3 = the same with samples of 16 bits: u8 largest error · u8 log2 of the tiles' side · u8 bits of
// a sample, + 128 if levels follow. 2 = bands, 6 = those of dependent indices: no more; 8 and 9 = the same in tiles:
// u8 log2 of the tiles' side; payload: docs/format_bands.md.
// 4 = graphics, planes as those of 1: u8 log2 of the tiles' side; payload: as of 1, with tiles of another kind
// (docs/format_flat.md). 7 = as 1, exact, with tiles of another kind (docs/format_fast.md).
#include <algorithm>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "coding/coder.hpp"
#include "coding/mixing/bands/band_grid.hpp"
#include "coding/mixing/bands/band_side.hpp"
#include "coding/mixing/bands/band_stream.hpp"
#include "coding/mixing/decoder_threads.hpp"
#include "coding/mixing/first_error.hpp"
#include "coding/mixing/flat_tiles.hpp"
#include "coding/mixing/parts.hpp"
#include "coding/mixing/pixel_grid.hpp"
#include "coding/mixing/pixel_levels.hpp"
#include "coding/mixing/pixel_side.hpp"
#include "coding/mixing/pixel_tiles.hpp"
#include "coding/mixing/tiles/fast_tiles.hpp"
#include "coding/mixing/tiles/graphic.hpp"
#include "core/wire_ids.hpp"

namespace vaerans {
namespace {

// Those of bands: bands/band_side.cpp.
constexpr std::uint8_t kPixels = 1, kDeepPixels = 3, kGraphics = 4, kDensePixels = 5, kFastPixels = 7;
constexpr unsigned kHasLevels = 128;
constexpr std::string_view kSideInfo = "ans side information (mixing)";

/// Whether the symbols are one or three planes of one size that lie one after another.
bool are_planes(std::span<const Subband> subbands) {
  if (subbands.size() != kernels::kTilePlanes && subbands.size() != 1) return false;
  for (std::size_t c = 0; c < subbands.size(); ++c) {
    const Subband& s = subbands[c];
    if (s.level != 0 || s.h != subbands[0].h || s.w != subbands[0].w || s.offset != c * s.size()) return false;
  }
  return subbands[0].size() != 0;
}

template <typename Sample>
PixelPlanes<Sample> planes_of(std::span<Sample> samples, const Pyramid& pyramid) {
  return {samples, pyramid.subbands[0].h, pyramid.subbands[0].w};
}

// ---- encoder -----------------------------------------------------------------------------------------------------

void write_tiles(std::span<const ByteBuffer> coded, ByteBuffer& payload) {
  ByteWriter out(std::move(payload));
  write_parts(coded, out);
  payload = out.take();
}

/// Whether any tile is dense.
template <typename Sample>
bool encode_planes(PixelPlanes<const Sample> planes, const TilePlan& plan, unsigned threads, ByteBuffer& payload) {
  const auto tiles = encode_tiles(planes, plan, threads);
  write_tiles(tiles, payload);
  return std::ranges::any_of(tiles, is_dense_tile);
}

void encode_photo(PixelPlanes<const std::uint8_t> planes, const TilePlan& plan, unsigned threads, Coded& out) {
  TilePlan written = plan;
  written.names_models = encode_planes(planes, plan, threads, out.payload);
  out.side_info = pixel_side_info(written, false);
}

void encode_graphic(PixelPlanes<const std::uint8_t> planes, unsigned threads, Coded& out) {
  const TilePlan plan{.side_log = kMostFlatLog};
  out.side_info = graphic_side_info(plan);
  write_tiles(encode_flat_tiles(planes, plan, threads), out.payload);
}

/// By the coder of photos or of graphics, whichever needs less of all of the picture, or of the sample of a large one:
/// on a photo that of graphics takes twice the time of the other, and the two differ by a few percent. Graphics have to
/// win by 2.5 % of a sample: of 33 whole pictures that may be either, most of them photos, one was then chosen wrongly,
/// for .2 % more.
void encode_either(PixelPlanes<const std::uint8_t> planes, const TilePlan& plan, unsigned threads, Coded& out) {
  const PlaneSample sample = trial_sample_of(planes, plan.choice);
  const PixelPlanes<const std::uint8_t> tried =
      sample.samples.empty() ? planes : PixelPlanes<const std::uint8_t>{sample.samples, sample.height, sample.width};
  Coded photo;
  encode_graphic(tried, threads, out);
  encode_photo(tried, plan, threads, photo);
  if (!sample.samples.empty())
    return 40 * out.size() >= 39 * photo.size() ? encode_photo(planes, plan, threads, out)
                                                : encode_graphic(planes, threads, out);
  if (photo.size() < out.size()) out = std::move(photo);
}

/// The fast model goes by what is likely: the coder of graphics takes ten times its time on a photo. Samples that were
/// moved repeat more than those of the picture, whatever that is.
void encode_bytes(PixelPlanes<const std::uint8_t> planes, const TilePlan& plan, unsigned threads, Coded& out) {
  const Graphic graphic = graphic_of(planes);
  const bool is_clear = plan.fast() || graphic == Graphic::no || (graphic == Graphic::surely && plan.max_error == 0);
  if (!is_clear) return encode_either(planes, plan, threads, out);
  const bool is_photo = graphic == Graphic::no || graphic == Graphic::perhaps;
  return is_photo ? encode_photo(planes, plan, threads, out) : encode_graphic(planes, threads, out);
}

/// Moved samples lie on grids that end at the most that 16 bits hold. Exact ones may have fewer bits, or be ranks.
void encode_deep(std::span<const std::uint16_t> samples, TilePlan plan, const Pyramid& pyramid, Coded& out) {
  const PixelLevels levels = plan.max_error == 0 ? choose_levels(samples) : PixelLevels{};
  std::vector<std::uint16_t> ranks(levels.empty() ? 0 : samples.size());
  if (!levels.empty()) {
    to_ranks(levels, samples, ranks);
    samples = ranks;
  }
  plan.bits = plan.max_error == 0 ? bits_of(samples) : kernels::kMostBits;
  out.side_info = pixel_side_info(plan, true);
  if (!levels.empty()) {
    ByteWriter behind;
    write_levels(levels, behind);
    out.side_info.back() |= std::byte{kHasLevels};
    out.side_info.insert(out.side_info.end(), behind.bytes().begin(), behind.bytes().end());
  }
  (void)encode_planes(planes_of(samples, pyramid), plan, pyramid.threads, out.payload);
}

// ---- decoder -----------------------------------------------------------------------------------------------------

bool is_side(unsigned log) { return log >= TilePlan::least_log && log <= TilePlan::most_log; }
bool is_flat_side(unsigned log) { return log >= TilePlan::least_log && log <= kMostFlatLog; }

struct PixelSide {
  TilePlan plan;
  PixelLevels levels;
};

PixelSide read_side_info(std::span<const std::byte> side_info, bool deep) {
  ByteReader in(side_info, kSideInfo);
  const std::uint8_t kind = in.u8();
  if (kind != kPixels && kind != kDeepPixels && kind != kDensePixels && kind != kFastPixels)
    in.corrupt("a kind of symbols that this version does not know");
  if ((kind == kDeepPixels) != deep) in.corrupt("samples of another depth than the picture's");
  PixelSide side;
  TilePlan& plan = side.plan;
  plan.names_models = kind == kDensePixels;
  plan.max_error = in.u8();
  if (plan.max_error > (kind == kFastPixels ? 0 : kernels::kMostError)) in.corrupt("the largest error is out of range");
  plan.side_log = in.u8();
  if (!is_side(plan.side_log)) in.corrupt("no size of tiles");
  if (deep) {
    const unsigned bits = in.u8();
    plan.bits = static_cast<int>(bits & ~kHasLevels);
    if (plan.bits < 9 || plan.bits > kernels::kMostBits) in.corrupt("no number of bits of a sample");
    if (bits >= kHasLevels) side.levels = read_levels(in);
  }
  in.expect_end();
  return side;
}

TilePlan read_graphic_side_info(std::span<const std::byte> side_info) {
  ByteReader in(side_info.subspan(1), kSideInfo);
  const TilePlan plan{.side_log = in.u8()};
  if (!is_flat_side(plan.side_log)) in.corrupt("no size of tiles");
  in.expect_end();
  return plan;
}

// What a thread takes to decode any of the tiles.
template <typename Buffers>
std::size_t tile_bytes(std::span<const TileArea> tiles, std::size_t planes, const TilePlan& plan) {
  const auto largest = std::ranges::max_element(tiles, {}, &TileArea::pixels);
  const kernels::TileShape shape{
      .width = largest->width,
      .height = largest->height,
      .planes = static_cast<int>(planes),
      .model = plan.names_models ? kernels::PixelModel::dense : kernels::PixelModel::balanced};
  if constexpr (std::is_same_v<Buffers, FlatTileBuffers>) return flat_decoder_bytes(shape);
  if constexpr (std::is_same_v<Buffers, kernels::FastBuffers>) return kernels::fast_bytes_for(shape);
  return kernels::TileBuffers::bytes_to_decode(shape);
}

// Decodes the tiles of a picture.
struct PixelDecoder {
  std::span<const std::byte> payload;
  unsigned threads;
  const Limits& limits;

  template <typename Buffers, typename Sample, typename Decode>
  void each(PixelPlanes<Sample> planes, const TilePlan& plan, Decode decode) const {
    const auto areas = tiles_of(planes.height, planes.width, plan);
    const auto parts = read_directory(payload, areas.size());
    const std::size_t bytes = tile_bytes<Buffers>(areas, planes.planes(), plan);
    FirstError errors(areas.size());
    for_each_tile_with<Buffers>(decoder_threads(bytes, areas.size(), threads, limits), areas,
                                [&](std::size_t i, Buffers& buffers) {
                                  errors.guard(i, [&] { decode(parts[i], planes, areas[i], buffers); });
                                });
    errors.raise();
  }

  template <typename Sample>
  void tiles(PixelPlanes<Sample> planes, const TilePlan& plan) const {
    each<kernels::TileBuffers>(
        planes, plan,
        [&](std::span<const std::byte> bytes, PixelPlanes<Sample> picture, const TileArea& area,
            kernels::TileBuffers& buffers) { decode_tile(bytes, picture, area, plan, buffers); });
  }
};

class MixingCoder final : public SymbolCoder {
 public:
  [[nodiscard]] std::string_view name() const override { return "mixing"; }
  [[nodiscard]] std::uint8_t wire_id() const override { return wire::mixing_coder; }
  [[nodiscard]] bool uses_prior() const override { return true; }
  [[nodiscard]] std::string_view needs() const override {
    return "it needs the planes that predict makes of a picture, or the bands of quantize_bands";
  }

  [[nodiscard]] std::size_t decode_bytes(std::span<const std::byte> side_info, std::span<const Subband> subbands,
                                         const Limits& limits) const override {
    if (const auto plan = band_plan_in(side_info))
      return band_layout_of(subbands) ? band_stream_bytes(subbands, *plan, limits) : 0;
    const auto plan = tile_plan_in(side_info);
    return plan && are_planes(subbands) ? pixel_bytes(side_info[0], *plan, subbands, limits) : 0;
  }
  [[nodiscard]] bool encode(const SymbolsIn& symbols, const Pyramid& pyramid, Coded& out) const override {
    if (const auto* const bands = dynamic_cast<const BandGrid*>(pyramid.prior.get()); bands != nullptr)
      return encode_bands(symbols, pyramid, bands->plan, out);
    const auto* const grid = dynamic_cast<const PixelGrid*>(pyramid.prior.get());
    if (grid == nullptr || !are_planes(pyramid.subbands)) return false;
    TilePlan plan;
    plan.max_error = grid->max_error;
    plan.choice = grid->choice;
    plan.side_log = TilePlan::side_log_for(pyramid.subbands[0].h, pyramid.subbands[0].w);
    if (const auto* const bytes = std::get_if<std::span<const std::uint8_t>>(&symbols)) {
      encode_bytes(planes_of(*bytes, pyramid), plan, pyramid.threads, out);
    } else {
      encode_deep(std::get<std::span<const std::uint16_t>>(symbols), plan, pyramid, out);
    }
    return true;
  }

  void decode(std::span<const std::byte> side_info, std::span<const std::byte> payload, const Pyramid& pyramid,
              const Limits& limits, const SymbolsOut& symbols) const override {
    if (const auto plan = band_plan_in(side_info)) return decode_bands(payload, pyramid, *plan, limits, symbols);
    decode_pixels(side_info, payload, pyramid, limits, symbols);
  }

 private:
  [[nodiscard]] static bool encode_bands(const SymbolsIn& symbols, const Pyramid& pyramid, const BandPlan& plan,
                                         Coded& out) {
    if (!band_layout_of(pyramid.subbands)) return false;
    out.side_info = band_side_info(plan);
    out.payload = encode_band_stream(symbols, pyramid.subbands, plan, pyramid.threads);
    return true;
  }

  static void decode_bands(std::span<const std::byte> payload, const Pyramid& pyramid, const BandPlan& plan,
                           const Limits& limits, const SymbolsOut& symbols) {
    if (!band_layout_of(pyramid.subbands)) {
      throw Error(ErrorCode::corrupt_stream,
                  std::string(kSideInfo) + ": the symbols are no wavelet bands of one or three planes");
    }
    decode_band_stream(payload, pyramid.subbands, plan, pyramid.threads, limits, symbols);
  }

  [[nodiscard]] static std::size_t pixel_bytes(std::byte kind, const TilePlan& plan, std::span<const Subband> subbands,
                                               const Limits& limits) {
    const auto tiles = tiles_of(subbands[0].h, subbands[0].w, plan);
    const std::size_t planes = subbands.size();
    std::size_t each = tile_bytes<kernels::TileBuffers>(tiles, planes, plan);
    if (kind == std::byte{kGraphics}) each = tile_bytes<FlatTileBuffers>(tiles, planes, plan);
    if (kind == std::byte{kFastPixels}) each = tile_bytes<kernels::FastBuffers>(tiles, planes, plan);
    return each * decoder_threads(each, tiles.size(), 0, limits);
  }

  static void decode_pixels(std::span<const std::byte> side_info, std::span<const std::byte> payload,
                            const Pyramid& pyramid, const Limits& limits, const SymbolsOut& symbols) {
    if (!are_planes(pyramid.subbands)) {
      throw Error(ErrorCode::corrupt_stream, std::string(kSideInfo) + ": the symbols are no planes of a picture");
    }
    const PixelDecoder decoder{payload, pyramid.threads, limits};
    if (const auto* const bytes = std::get_if<std::span<std::uint8_t>>(&symbols))
      return decode_bytes(side_info, decoder, planes_of(*bytes, pyramid));
    const auto samples = std::get<std::span<std::uint16_t>>(symbols);
    const PixelSide side = read_side_info(side_info, true);
    decoder.tiles(planes_of(samples, pyramid), side.plan);
    if (!side.levels.empty() && !to_samples(side.levels, samples))
      throw Error(ErrorCode::corrupt_stream, "ans payload (mixing): a sample without a level");
  }

  static void decode_bytes(std::span<const std::byte> side_info, const PixelDecoder& decoder,
                           PixelPlanes<std::uint8_t> planes) {
    if (!side_info.empty() && side_info[0] == std::byte{kGraphics})
      return decoder.each<FlatTileBuffers>(planes, read_graphic_side_info(side_info), decode_flat_tile);
    const TilePlan plan = read_side_info(side_info, false).plan;
    if (side_info[0] != std::byte{kFastPixels}) return decoder.tiles(planes, plan);
    decoder.each<kernels::FastBuffers>(planes, plan, decode_fast_tile);
  }
};

}  // namespace

ByteBuffer pixel_side_info(const TilePlan& plan, bool deep) {
  const std::uint8_t exact = plan.fast() ? kFastPixels : kPixels;
  const std::uint8_t bytes = plan.names_models ? kDensePixels : exact;
  ByteBuffer out{std::byte{deep ? kDeepPixels : bytes}, static_cast<std::byte>(plan.max_error),
                 static_cast<std::byte>(plan.side_log)};
  if (deep) out.push_back(static_cast<std::byte>(plan.bits));
  return out;
}

ByteBuffer graphic_side_info(const TilePlan& plan) {
  return {std::byte{kGraphics}, static_cast<std::byte>(plan.side_log)};
}

std::optional<TilePlan> tile_plan_in(std::span<const std::byte> side_info) {
  const auto kind = side_info.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(side_info[0]);
  if (kind == kGraphics && side_info.size() == 2 && is_flat_side(std::to_integer<unsigned>(side_info[1])))
    return TilePlan{.side_log = std::to_integer<unsigned>(side_info[1])};
  if (side_info.size() < 3) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(side_info[i]); };
  const bool bytes = (kind == kPixels || kind == kDensePixels || kind == kFastPixels) && side_info.size() == 3;
  const bool deep = kind == kDeepPixels && side_info.size() > 3;
  if ((!bytes && !deep) || !is_side(at(2))) return std::nullopt;
  return TilePlan{.side_log = at(2), .max_error = static_cast<int>(at(1)), .names_models = kind == kDensePixels};
}

std::size_t coded_size(PixelPlanes<const std::uint8_t> planes, const TilePlan& plan, unsigned threads) {
  Coded coded;
  encode_bytes(planes, plan, threads, coded);
  return coded.size();
}

const SymbolCoder& mixing_coder() {
  static const MixingCoder coder;
  return coder;
}

}  // namespace vaerans
