// A .vrs file taken apart: the source, the streams, the digests of pictures, and the chunks that a decoder may skip.
// The layout is in format/layout.hpp and docs/format.md. What the steps do, and how streams become one picture, is not
// known here: see api/layers.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/checksum.hpp"
#include "format/chunks.hpp"
#include "format/stream_io.hpp"

namespace vaerans {

/// Spans point into the bytes it was read from, or to what is to be written.
struct StoredFile {
  Spec source;  ///< a picture or a latent
  StoredStream base;
  std::optional<StoredStream> residual;
  std::optional<StoredStream> alpha;  ///< its source is a picture (H, W, 1) with samples of the source's type
  bool lossless = false;              ///< only with a residual: the promise that both streams together are the source
  std::optional<Digest> base_digest;  ///< the base picture's; always there with a residual
  Digest source_digest{};             ///< only with a residual
  std::vector<Chunk> others;          ///< carried, not understood: metadata, tile index, named chunks, later additions
  bool draft = false;                 ///< once read: it has the layout from before 1.0
};

[[nodiscard]] Digest read_digest(ByteReader& in);
/// That of a chunk `digest`, which holds nothing else. Throws Error(corrupt_stream).
[[nodiscard]] Digest digest_in(std::span<const std::byte> content);

/// Refuses a chunk that is there twice, one that must be known and is not, and one that is marked wrongly. Throws
/// Error(corrupt_stream), Error(unsupported_version).
void require_understood(const Frame& frame);

/// What the alpha stream's source is.
[[nodiscard]] Spec alpha_source(const Spec& picture);

/// Throws Error(contract) for a source that a file cannot hold.
[[nodiscard]] std::vector<std::uint8_t> write_container(const StoredFile& file);

/// Throws Error(corrupt_stream) with the byte offset, Error(unsupported_version), Error(limit_exceeded),
/// Error(unknown_system), Error(bad_parameter).
[[nodiscard]] StoredFile parse_container(std::span<const std::byte> bytes, const Limits& limits);

/// The same of a frame that was scanned: of its chunks that have no fault. `file_bytes` is the size of the whole file.
[[nodiscard]] StoredFile parse_frame(const Frame& frame, const Limits& limits, std::uint64_t file_bytes);

}  // namespace vaerans
