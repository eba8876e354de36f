// A .vrs file as bytes: the frame around one or two streams, and the digests of pictures. The layout is in
// format/layout.hpp and docs/format.md. What the steps do, and how two streams become one picture, is not known here:
// see api/layers.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/checksum.hpp"
#include "format/stream_io.hpp"

namespace vaerans {

/// A file taken apart. Spans point into the bytes it was read from, or to what is to be written.
struct StoredFile {
  Spec source;  ///< a picture or a latent
  StoredStream base;
  std::optional<StoredStream> residual;
  bool lossless = false;              ///< only with a residual: the promise that both streams together are the source
  std::optional<Digest> base_digest;  ///< the base picture's; always there with a residual
  Digest source_digest{};             ///< only with a residual
};

/// Throws Error(contract) for a source that is neither a picture nor a latent.
[[nodiscard]] std::vector<std::uint8_t> write_container(const StoredFile& file);

/// Throws Error(corrupt_stream) with the byte offset, Error(unsupported_version), Error(limit_exceeded),
/// Error(unknown_system), Error(bad_parameter).
[[nodiscard]] StoredFile parse_container(std::span<const std::byte> bytes, const Limits& limits);

}  // namespace vaerans
