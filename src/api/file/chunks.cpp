// A file's chunks, looked at and left out, without understanding or decoding any.
#include <algorithm>

#include "api/file/chunks.hpp"
#include "format/container.hpp"
#include "format/draft.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

void require_vrs(std::span<const std::uint8_t> front) {
  const auto bytes = std::as_bytes(front);
  if (!is_draft(bytes)) require_magic(bytes);
}

void verify_file(std::span<const std::uint8_t> bytes, const Limits& limits) {
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) {
    (void)parse_draft(file, limits);
    return;
  }
  const Frame frame = intact_frame(file, limits);
  (void)source_of(frame.header, limits, file.size());
}

Bytes strip_file(std::span<const std::uint8_t> bytes, std::span<const std::string> keep, const Limits& limits) {
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) {
    const Bytes renewed = write_container(parse_draft(file, limits));
    return strip_file(renewed, keep, limits);
  }
  Frame frame = intact_frame(file, limits);
  std::erase_if(frame.chunks, [&](const Chunk& chunk) {
    return !chunk.needed && std::ranges::find(keep, chunk_name(chunk)) == keep.end();
  });
  if (frame.chunks.empty()) throw Error(ErrorCode::corrupt_stream, "the file: there is no chunk 'base'");
  return write_frame(source_of(frame.header, limits, file.size()), frame.chunks);
}

Bytes with_chunks(std::span<const std::uint8_t> bytes, const std::function<bool(const Chunk&)>& replaced,
                  std::span<const Chunk> chunks, const Limits& limits) {
  const auto file = std::as_bytes(bytes);
  if (is_draft(file)) return with_chunks(strip_file(bytes, {}, limits), replaced, chunks, limits);
  Frame frame = intact_frame(file, limits);
  std::erase_if(frame.chunks, replaced);
  frame.chunks.insert(frame.chunks.end(), chunks.begin(), chunks.end());
  if (frame.chunks.size() > layout::max_chunks)
    throw Error(ErrorCode::limit_exceeded, "a file has up to " + std::to_string(layout::max_chunks) +
                                               " chunks, and this one is full; strip some of them first");
  sort_chunks(frame.chunks);
  return write_frame(source_of(frame.header, limits, file.size()), frame.chunks);
}

}  // namespace vaerans
