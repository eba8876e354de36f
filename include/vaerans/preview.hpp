// Previews: a picture of a few dozen pixels that stands at the front of a file and decodes without a model.
#pragma once

#include <cstdint>
#include <optional>

#include "vaerans/partial.hpp"

namespace vaerans {

inline constexpr std::uint64_t preview_side = 64;           ///< pixels of the longer side of a preview, at most
inline constexpr std::uint64_t usual_preview_bytes = 400;   ///< what a preview may take of a file
inline constexpr std::uint64_t least_preview_bytes = 100;   ///< fewer show nothing
inline constexpr std::uint64_t most_preview_bytes = 65536;  ///< more are no preview

/// The file with a preview of this picture, in the place of the one that it has. The preview is 8-bit RGB, alpha over
/// white, and takes at most so many bytes; where they do not suffice for 64 pixels it has fewer. Throws
/// Error(bad_parameter) for a number of bytes out of range, and what verify_file() throws.
[[nodiscard]] Bytes with_preview(std::span<const std::uint8_t> file, const ImageView& picture,
                                 std::uint64_t bytes = usual_preview_bytes, const Context& context = {});

/// The preview of a picture: (h, w, 3) u8, in the colours of the picture's profile. Reads the front of the file, whose
/// checksum covers the preview, and nothing of the picture. Nothing where there is none, or one of a later version.
/// Throws Error(corrupt_stream), Error(unsupported_version), Error(limit_exceeded), Error(io).
[[nodiscard]] std::optional<Image> preview_of(ByteSource& source, const Context& context = {});
[[nodiscard]] std::optional<Image> preview_of(std::span<const std::uint8_t> file, const Context& context = {});

}  // namespace vaerans
