#include "coding/mixing/bands/band_stream.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/zigzag.hpp"
#include "coding/mixing/bands/band_tiles.hpp"
#include "coding/mixing/decoder_threads.hpp"
#include "coding/mixing/first_error.hpp"
#include "coding/mixing/parts.hpp"
#include "kernels/bands/band_plane.hpp"

namespace vaerans {
namespace {

using kernels::BandLayout;
using kernels::BandPlace;

constexpr std::string_view kPayload = "ans payload (mixing, bands)";

BandPlace place_of(const Subband& s) { return {static_cast<int>(s.h), static_cast<int>(s.w), s.offset}; }

// The bands of one channel, LL first, then HL, LH, HH of each level; false if they are not in that order.
bool read_channel(std::span<const Subband> bands, BandLayout::Channel& out) {
  const std::size_t levels = (bands.size() - 1) / 3;
  if (bands[0].orientation != Orientation::LL) return false;
  out.coarse = place_of(bands[0]);
  out.levels.resize(levels);
  for (std::size_t i = 1; i < bands.size(); ++i) {
    const std::size_t k = (i - 1) / 3, o = (i - 1) % 3;
    if (bands[i].level != levels - k || static_cast<std::size_t>(bands[i].orientation) != o + 1) return false;
    out.levels[k][o] = place_of(bands[i]);
  }
  return true;
}

bool alike(const Subband& a, const Subband& b) { return a.h == b.h && a.w == b.w && a.level == b.level; }

// What a tile has of all symbols, as indices, and back.
std::vector<std::int32_t> indices_of(const BandParts& parts, const SymbolsIn& symbols) {
  std::vector<std::int32_t> out(coefficients_of(parts));
  std::visit(
      [&](auto all) {
        for_each_part_row(parts, [&](std::size_t whole, std::size_t own, std::size_t n) {
          for (std::size_t x = 0; x < n; ++x) out[own + x] = static_cast<std::int32_t>(unzigzag(all[whole + x]));
        });
      },
      symbols);
  return out;
}

template <typename Symbol>
void write_symbols(const BandParts& parts, std::span<const std::int32_t> indices, std::span<Symbol> out) {
  for_each_part_row(parts, [&](std::size_t whole, std::size_t own, std::size_t n) {
    for (std::size_t x = 0; x < n; ++x) {
      const std::uint64_t symbol = zigzag(indices[own + x]);
      if (symbol > std::numeric_limits<Symbol>::max())
        throw Error(ErrorCode::corrupt_stream, std::string(kPayload) + ": an index is larger than its symbols allow");
      out[whole + x] = static_cast<Symbol>(symbol);
    }
  });
}

void decode_tile(std::span<const std::byte> payload, const BandParts& parts, kernels::Indices kind,
                 const SymbolsOut& symbols, kernels::BandBuffers& buffers) {
  ByteReader in(payload, kPayload);
  const auto streams = read_counted_parts(in);
  std::vector<std::int32_t> indices(coefficients_of(parts));
  kernels::PartedDecoder decoder(streams);
  kernels::decode_bands(layout_of(parts), kind, indices, buffers, decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok)
    throw Error(ErrorCode::corrupt_stream, std::string(kPayload) + ": " + kernels::to_string(status));
  std::visit([&](auto all) { write_symbols(parts, indices, all); }, symbols);
}

// What a thread takes for a tile: the coder's memory, its indices, and its planes.
std::size_t tile_bytes(const BandParts& parts) {
  constexpr std::size_t kModel = std::size_t{8} << 20U;
  std::size_t bytes = kModel;
  for (const BandPart& part : parts)
    bytes += part.own.size() * sizeof(std::int32_t) + kernels::BandPlane::bytes(part.own.h, part.own.w);
  return bytes;
}

std::size_t most_tile_bytes(const BandTiles& tiles) {
  const auto largest = std::ranges::max_element(tiles.areas(), {}, &TileArea::pixels);
  return tile_bytes(tiles.parts(static_cast<std::size_t>(largest - tiles.areas().begin())));
}

}  // namespace

std::optional<BandLayout> band_layout_of(std::span<const Subband> subbands) {
  const std::size_t channels = subbands.empty() ? 0 : std::size_t{subbands.back().channel} + 1;
  if ((channels != 1 && channels != BandLayout::kMostChannels) || subbands.size() % channels != 0) return std::nullopt;
  const std::size_t each = subbands.size() / channels;
  if (each % 3 != 1) return std::nullopt;
  BandLayout out{.channels = std::vector<BandLayout::Channel>(channels)};
  for (std::size_t c = 0; c < channels; ++c) {
    const auto own = subbands.subspan(c * each, each);
    if (!std::ranges::equal(own, subbands.first(each), alike) || !read_channel(own, out.channels[c]))
      return std::nullopt;
  }
  return out;
}

ByteBuffer encode_band_tile(const BandLayout& layout, kernels::Indices kind, std::span<const std::int32_t> indices,
                            kernels::BandBuffers& buffers) {
  kernels::PartedDecisions decisions;
  kernels::encode_bands(layout, kind, indices, buffers, decisions);
  return write_counted_parts(decisions.take());
}

ByteBuffer encode_band_stream(const SymbolsIn& symbols, std::span<const Subband> subbands, const BandPlan& plan,
                              unsigned threads) {
  const BandTiles tiles(subbands, plan.side_log);
  std::vector<ByteBuffer> coded(tiles.size());
  for_each_tile_with<kernels::BandBuffers>(threads, tiles.areas(), [&](std::size_t i, kernels::BandBuffers& buffers) {
    const BandParts parts = tiles.parts(i);
    coded[i] = encode_band_tile(layout_of(parts), plan.kind, indices_of(parts, symbols), buffers);
  });
  if (plan.side_log == 0) return std::move(coded.front());
  ByteWriter out;
  write_parts(coded, out);
  return out.take();
}

std::size_t band_stream_bytes(std::span<const Subband> subbands, const BandPlan& plan, const Limits& limits) {
  const BandTiles tiles(subbands, plan.side_log);
  const std::size_t each = most_tile_bytes(tiles);
  return each * decoder_threads(each, tiles.size(), 0, limits);
}

void decode_band_stream(std::span<const std::byte> payload, std::span<const Subband> subbands, const BandPlan& plan,
                        unsigned threads, const Limits& limits, const SymbolsOut& symbols) {
  const BandTiles tiles(subbands, plan.side_log);
  threads = decoder_threads(most_tile_bytes(tiles), tiles.size(), threads, limits);
  std::vector<std::span<const std::byte>> parts{payload};
  if (plan.side_log != 0) parts = read_directory(payload, tiles.size());
  FirstError errors(plan.side_log == 0 ? 0 : tiles.size());
  for_each_tile_with<kernels::BandBuffers>(threads, tiles.areas(), [&](std::size_t i, kernels::BandBuffers& buffers) {
    errors.guard(i, [&] { decode_tile(parts[i], tiles.parts(i), plan.kind, symbols, buffers); });
  });
  errors.raise();
}

}  // namespace vaerans
