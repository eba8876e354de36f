// Which chunk holds which field of a picture's metadata.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/memory.hpp"
#include "format/layout.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

struct MetadataField {
  layout::ChunkNumber number;
  Bytes PictureMetadata::* member;
};
inline constexpr std::array<MetadataField, 3> metadata_fields{{{layout::ChunkNumber::icc, &PictureMetadata::icc},
                                                               {layout::ChunkNumber::exif, &PictureMetadata::exif},
                                                               {layout::ChunkNumber::xmp, &PictureMetadata::xmp}}};

/// Fields are unpacked together: each alone would be within the limit. Throws Error(limit_exceeded), which names the
/// chunk that is too much, for `bytes` in all.
void require_metadata_room(std::uint64_t bytes, const std::string& part, const Limits& limits);

/// A field as a chunk holds it. Throws Error(limit_exceeded) for more than a reader takes.
[[nodiscard]] ByteBuffer packed_field(const Bytes& data);

}  // namespace vaerans
