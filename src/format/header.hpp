// The header of a file: that it is one, of which version, and what its source is.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

struct Header {
  std::uint8_t source = 0;                 ///< bits of layout::source_*
  std::array<std::uint64_t, 3> extents{};  ///< (H, W, channels) of a picture, (C, h, w) of a latent
  std::span<const std::byte> bytes;        ///< all of it: the checksums of the chunks begin with it
};

/// Throws Error(contract) for a source that is neither a picture of one or three channels, u8 or u16, nor a latent.
void write_header(ByteWriter& out, const Spec& source);

/// What a header says behind magic and version, and the same read: a source of its own in a part of a file. Throw what
/// write_header() and source_of() throw.
void write_source(ByteWriter& out, const Spec& source);
[[nodiscard]] Spec read_source(ByteReader& in, const Limits& limits);

/// Whether these bytes begin as a .vrs file does.
[[nodiscard]] bool has_magic(std::span<const std::byte> file);

/// Throws Error(corrupt_stream) for what does not.
void require_magic(std::span<const std::byte> file);

/// Takes the header off the file's front. What it says is for source_of() to judge, once the checksums are known to be
/// right. Throws Error(corrupt_stream), Error(unsupported_version).
[[nodiscard]] Header read_header(ByteReader& in, std::span<const std::byte> file);

/// Throws Error(corrupt_stream), Error(unsupported_version), Error(limit_exceeded).
[[nodiscard]] Spec source_of(const Header& header, const Limits& limits, std::uint64_t file_bytes);

/// What a source counts for in Limits: the pixels of a picture, the samples of a latent.
[[nodiscard]] std::uint64_t pixels_of(const Spec& source);

}  // namespace vaerans
