// The band coder's stream: symbols of a picture's wavelet bands to the parts of decisions, and back.
#pragma once

#include <optional>
#include <span>

#include "base/memory.hpp"
#include "coding/coder.hpp"
#include "kernels/bands/band_coder.hpp"

namespace vaerans {

/// Where the bands lie, for three channels alike that a wavelet has cut, or one: nullopt if the subbands are something
/// else.
[[nodiscard]] std::optional<kernels::BandLayout> band_layout_of(std::span<const Subband> subbands);

/// How the indices of a picture's bands are coded.
struct BandPlan {
  kernels::Indices kind = kernels::Indices::independent;
  unsigned side_log = 0;  ///< log2 of the side of tiles that are coded alone; 0: the picture is one
  bool operator==(const BandPlan&) const = default;
};

/// Payload of a tile: varint number of parts · of each the varint of its bytes · the parts. With tiles: of each the
/// varint of its bytes · the payloads of the tiles, row by row. `subbands` are those of band_layout_of().
[[nodiscard]] ByteBuffer encode_band_stream(const SymbolsIn& symbols, std::span<const Subband> subbands,
                                            const BandPlan& plan, unsigned threads);
/// One of the tiles, of its indices.
[[nodiscard]] ByteBuffer encode_band_tile(const kernels::BandLayout& layout, kernels::Indices kind,
                                          std::span<const std::int32_t> indices, kernels::BandBuffers& buffers);
/// Bytes that decode_band_stream takes beside the symbols, with as many threads as it has.
[[nodiscard]] std::size_t band_stream_bytes(std::span<const Subband> subbands, const BandPlan& plan,
                                            const Limits& limits);
/// Throws Error(corrupt_stream) for anything that encode_band_stream does not write: of several tiles that are damaged
/// the first is named.
void decode_band_stream(std::span<const std::byte> payload, std::span<const Subband> subbands, const BandPlan& plan,
                        unsigned threads, const Limits& limits, const SymbolsOut& symbols);

}  // namespace vaerans
