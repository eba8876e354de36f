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

/// Payload: varint number of parts · of each the varint of its bytes · the parts.
[[nodiscard]] ByteBuffer encode_band_stream(const SymbolsIn& symbols, const kernels::BandLayout& layout,
                                            kernels::Indices kind);
/// Bytes that decode_band_stream takes beside the symbols.
[[nodiscard]] std::size_t band_stream_bytes(std::span<const Subband> subbands);
/// Throws Error(corrupt_stream) for anything that encode_band_stream does not write.
void decode_band_stream(std::span<const std::byte> payload, const kernels::BandLayout& layout, kernels::Indices kind,
                        const SymbolsOut& symbols);

}  // namespace vaerans
