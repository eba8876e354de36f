// Files of the wavelet coder made strip by strip: the same bytes as of the chain that runs on the whole picture, in the
// memory of a few rows of tiles.
//
// Two passes over the rows. The first, where steps are visual, sees how busy the picture is from place to place; the
// second transforms, quantises and codes. Both have each float from the same operations in the same order as the whole.
#pragma once

#include <cstdint>

#include "api/strips/picture_rows.hpp"
#include "format/stream_io.hpp"
#include "vaerans/core/context.hpp"
#include "vaerans/file.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {

/// Whether a picture is so large that it is better not transformed as a whole, which takes 32 bytes a pixel: above 16
/// megapixels.
[[nodiscard]] bool goes_in_strips(std::uint64_t height, std::uint64_t width) noexcept;

struct StripMemory {
  /// For bands: so many rows of tiles are coded at once as keep the threads busy, if this has room for more than one.
  std::uint64_t bands = std::uint64_t{192} << 20U;
  /// For tiles that are at work: no more threads than this has room for, so that a machine of many stays within bounds.
  std::uint64_t tiles = std::uint64_t{512} << 20U;
};

/// What is taken where a caller's limits hold: a quarter of them each, at most the above.
[[nodiscard]] StripMemory strip_memory(const Limits& limits);
/// The least that stream_in_strips() takes, about: for one row of tiles, and one tile at work.
[[nodiscard]] std::uint64_t least_strip_memory(const PictureKind& kind, const QuantizeBandsOptions& bands);

/// A stream, and what its steps point to.
struct BandStream {
  Pipeline chain;
  ByteBuffer quantizer, coder, payload;  ///< two side informations, and the rest
  [[nodiscard]] StoredStream stored() const;
};

/// The stream of the wavelet coder's chain for a picture of one or three channels, as dial.hpp puts it
/// together; bands.tile must be set. Throws what the chain throws, and what picture.rows() does.
[[nodiscard]] BandStream stream_in_strips(PictureRows& picture, const QuantizeBandsOptions& bands,
                                          const Context& context, const StripMemory& memory = {});
/// A file of it alone.
[[nodiscard]] Bytes code_in_strips(PictureRows& picture, const QuantizeBandsOptions& bands, const Context& context,
                                   const StripMemory& memory = {});

/// What a file says of such a picture.
[[nodiscard]] Spec spec_of(const PictureKind& kind);

}  // namespace vaerans
