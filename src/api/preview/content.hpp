// The content of the chunk preview: u8 bits of a source · varints H, W · a stream.
#pragma once

#include "base/bytes.hpp"
#include "vaerans/preview.hpp"

namespace vaerans {

/// Throws Error(bad_parameter) for a number of bytes out of range.
void require_preview_bytes(std::uint64_t bytes);

/// Makes a preview that takes at most so many bytes together with what a chunk takes around it.
[[nodiscard]] ByteBuffer preview_content(const ImageView& picture, std::uint64_t bytes, const Context& context);

/// The file with a chunk of this content in the place of the preview that it has. Throws what verify_file() throws.
[[nodiscard]] Bytes with_preview_content(std::span<const std::uint8_t> file, std::span<const std::byte> content,
                                         const Limits& limits);

/// How many bytes it adds to a file.
[[nodiscard]] std::uint64_t stored_preview_bytes(std::span<const std::byte> content);

}  // namespace vaerans
