// Which chunk holds which field of a picture's metadata.
#pragma once

#include <array>
#include <cstddef>
#include <span>
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

/// Unpacks the content of a field's chunk, which `part` names, unless a later version packed it. Throws
/// Error(corrupt_stream), and Error(limit_exceeded) where all fields together take more than limits.max_memory: each
/// alone would be within it.
void unpack_field(PictureMetadata& into, const MetadataField& field, std::span<const std::byte> content,
                  const std::string& part, const Limits& limits);

/// A field as a chunk holds it. Throws Error(limit_exceeded) for more than a reader takes.
[[nodiscard]] ByteBuffer packed_field(const Bytes& data);

}  // namespace vaerans
