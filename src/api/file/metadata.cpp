// What a file says of its picture besides the pixels: the chunks icc, exif and xmp.
#include <algorithm>
#include <array>
#include <vector>

#include "api/file/chunks.hpp"
#include "api/file/metadata_fields.hpp"
#include "format/draft.hpp"
#include "format/packed.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

ByteBuffer packed_field(const Bytes& data) {
  if (data.size() <= max_unpacked) return pack(data);
  throw Error(ErrorCode::limit_exceeded, "metadata of " + std::to_string(data.size()) + " bytes; the limit is " +
                                             std::to_string(max_unpacked) + " bytes for each of ICC, EXIF and XMP");
}

std::uint64_t PictureMetadata::stored_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [number, member] : metadata_fields) {
    if ((this->*member).empty()) continue;
    const ByteBuffer packed = pack(this->*member);
    sum += vaerans::stored_bytes(make_chunk(number, packed));
  }
  return sum;
}

void unpack_field(PictureMetadata& into, const MetadataField& field, std::span<const std::byte> content,
                  const std::string& part, const Limits& limits) {
  const auto size = unpacked_bytes(content, part);
  if (!size) return;
  const std::uint64_t sum = into.icc.size() + into.exif.size() + into.xmp.size() + *size;
  if (sum > limits.max_memory)
    throw Error(ErrorCode::limit_exceeded, part + ": metadata of " + std::to_string(sum) +
                                               " bytes, over the limit of " + std::to_string(limits.max_memory) +
                                               " bytes of memory; raise Limits.max_memory (--max-memory) if the file "
                                               "is to be trusted");
  into.*field.member = unpack(content, part).value();
}

PictureMetadata file_metadata(std::span<const std::uint8_t> bytes, const Limits& limits) {
  PictureMetadata out;
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) return out;
  const Frame frame = intact_frame(file, limits);
  for (const MetadataField& field : metadata_fields) {
    const Chunk* chunk = frame.find(field.number);
    if (chunk != nullptr) unpack_field(out, field, chunk->content, "chunk '" + chunk_name(*chunk) + "'", limits);
  }
  return out;
}

Bytes with_metadata(std::span<const std::uint8_t> bytes, const PictureMetadata& metadata, const Limits& limits) {
  std::array<ByteBuffer, metadata_fields.size()> packed;
  std::vector<Chunk> chunks;
  for (std::size_t i = 0; i < metadata_fields.size(); ++i) {
    const Bytes& data = metadata.*metadata_fields[i].member;
    if (data.empty()) continue;
    packed[i] = packed_field(data);
    chunks.push_back(make_chunk(metadata_fields[i].number, packed[i]));
  }
  const auto is_metadata = [](const Chunk& chunk) {
    return std::ranges::any_of(metadata_fields, [&](const MetadataField& field) { return chunk.is(field.number); });
  };
  return with_chunks(bytes, is_metadata, chunks, limits);
}

}  // namespace vaerans
