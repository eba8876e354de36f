#include "coding/mixing/bands/band_stream.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/zigzag.hpp"
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

std::vector<std::span<const std::byte>> parts_of(std::span<const std::byte> payload) {
  ByteReader in(payload, kPayload);
  const std::uint64_t count = in.varint();
  if (count > payload.size()) in.corrupt("fewer bytes than parts");
  return read_parts(in, count);
}

template <typename Symbol>
void write_symbols(std::span<const std::int32_t> indices, std::span<Symbol> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t symbol = zigzag(indices[i]);
    if (symbol > std::numeric_limits<Symbol>::max())
      throw Error(ErrorCode::corrupt_stream, std::string(kPayload) + ": an index is larger than its symbols allow");
    out[i] = static_cast<Symbol>(symbol);
  }
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

ByteBuffer encode_band_stream(const SymbolsIn& symbols, const BandLayout& layout, kernels::Indices kind) {
  std::vector<std::int32_t> indices;
  std::visit(
      [&](auto all) {
        for (const auto symbol : all) indices.push_back(static_cast<std::int32_t>(unzigzag(symbol)));
      },
      symbols);
  kernels::BandBuffers buffers;
  kernels::PartedDecisions decisions;
  kernels::encode_bands(layout, kind, indices, buffers, decisions);
  const auto parts = decisions.take();
  ByteWriter out;
  out.varint(parts.size());
  write_parts(parts, out);
  return out.take();
}

std::size_t band_stream_bytes(std::span<const Subband> subbands) {
  std::size_t bytes = 0;
  for (const Subband& s : subbands) bytes += s.size() * sizeof(std::int32_t) + kernels::BandPlane::bytes(s.h, s.w);
  return bytes;
}

void decode_band_stream(std::span<const std::byte> payload, const BandLayout& layout, kernels::Indices kind,
                        const SymbolsOut& symbols) {
  const auto parts = parts_of(payload);
  std::vector<std::int32_t> indices(std::visit([](auto all) { return all.size(); }, symbols));
  kernels::BandBuffers buffers;
  kernels::PartedDecoder decoder(parts);
  kernels::decode_bands(layout, kind, indices, buffers, decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok)
    throw Error(ErrorCode::corrupt_stream, std::string(kPayload) + ": " + kernels::to_string(status));
  std::visit([&](auto all) { write_symbols(std::span<const std::int32_t>(indices), all); }, symbols);
}

}  // namespace vaerans
