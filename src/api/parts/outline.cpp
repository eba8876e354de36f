#include "api/parts/outline.hpp"

#include <algorithm>
#include <utility>

#include "api/file/metadata_fields.hpp"
#include "base/bytes.hpp"
#include "base/checksum.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

// A chunk that claims more is damage: sums with other places must not overflow.
constexpr std::uint64_t most_bytes = 1ULL << 62U;

// The next chunk, of which only the head is read. Whether further ones follow.
bool find_chunk(Reader& file, std::uint64_t at, Outline& out) {
  constexpr std::uint64_t most_head = 1 + 2 + layout::max_name + 10;
  const Bytes bytes = file.take(at, most_head);
  const std::string part = "the chunk from byte " + std::to_string(at) + " on";
  ByteReader in(std::as_bytes(std::span(bytes)), part);
  ChunkHead head = read_chunk_head(in);
  if (head.content_bytes > most_bytes) in.corrupt(std::string(faults::cut));
  const Place& place = out.places.emplace_back(at, at + in.at(), head.content_bytes);
  Chunk& chunk = out.frame.chunks.emplace_back(std::move(head.chunk));
  chunk.offset = at;
  chunk.bytes = std::min(place.end(), file.size()) - at;
  if (place.end() > file.size()) chunk.fault = faults::cut;
  if (head.last && place.end() < file.size()) out.frame.fault = faults::left_over(file.size() - place.end());
  return !head.last && chunk.fault.empty();
}

// Finds the chunks by their heads alone; notes where the file is cut or makes no sense.
void find_chunks(Reader& file, Outline& out) {
  try {
    for (std::uint64_t at = out.header.size();; at = out.places.back().end()) {
      if (at >= file.size() || out.places.size() == layout::max_chunks) {
        out.frame.fault = at >= file.size() ? faults::last_missing : faults::many;
        return;
      }
      if (!find_chunk(file, at, out)) return;
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt_stream && error.code() != ErrorCode::limit_exceeded) throw;
    out.frame.fault = error.what();
  }
}

// The same as part_checksum() of what is read, block by block.
std::uint32_t checksum_of(Reader& file, std::span<const std::uint8_t> header, std::uint64_t begin, std::uint64_t end) {
  constexpr std::uint64_t block_bytes = std::uint64_t{1} << 20U;
  std::uint32_t out = crc32_of(std::as_bytes(header));
  while (begin < end) {
    const Bytes block = file.take(begin, std::min(block_bytes, end - begin));
    if (block.empty()) break;
    out = crc32_of(std::as_bytes(std::span(block)), out);
    begin += block.size();
  }
  return out;
}

}  // namespace

Bytes Reader::take(std::uint64_t offset, std::uint64_t most) {
  Bytes out(offset < size_ ? std::min(most, size_ - offset) : 0);
  if (!out.empty()) source_.read(offset, out);
  read_ += out.size();
  return out;
}

Bytes Reader::take_all(const Limits& limits) {
  require_file_bytes(size_, limits);
  return take(0, size_);
}

const Place* Outline::find(ChunkNumber number) const {
  const Chunk* chunk = frame.find(number);
  return chunk == nullptr ? nullptr : &places[static_cast<std::size_t>(chunk - frame.chunks.data())];
}

const Place* Outline::find_intact(ChunkNumber number) const {
  const Chunk* chunk = frame.find(number);
  return chunk != nullptr && chunk->fault.empty() ? find(number) : nullptr;
}

Outline outline_of(Reader& file) {
  Outline out;
  const Bytes front = file.take(0, 64);
  ByteReader in(std::as_bytes(std::span(front)), "file");
  (void)read_header(in, std::as_bytes(std::span(front)));
  out.header.assign(front.begin(), front.begin() + static_cast<std::ptrdiff_t>(in.at()));
  ByteReader again(std::as_bytes(std::span(out.header)), "file");
  out.frame.header = read_header(again, std::as_bytes(std::span(out.header)));
  find_chunks(file, out);
  return out;
}

void check_content(Reader& file, Outline& outline, std::size_t i) {
  const Place& place = outline.places[i];
  Chunk& chunk = outline.frame.chunks[i];
  if (!chunk.fault.empty()) return;
  const std::uint64_t end = place.content + place.bytes;
  const std::uint32_t found = checksum_of(file, outline.header, place.begin, end);
  const Bytes said = file.take(end, layout::crc_bytes);
  ByteReader in(std::as_bytes(std::span(said)), "checksum");
  if (in.u32() != found) chunk.fault = faults::checksum;
}

Bytes checked_content(Reader& file, const Outline& outline, const Place& place) {
  const std::uint64_t bytes = place.content + place.bytes - place.begin;
  Bytes chunk = file.take(place.begin, bytes + layout::crc_bytes);
  const auto all = std::as_bytes(std::span(chunk));
  const auto header = std::as_bytes(std::span(outline.header));
  const auto i = static_cast<std::size_t>(&place - outline.places.data());
  if (all.size() != bytes + layout::crc_bytes) corrupt_chunk(outline.frame.chunks[i], std::string(faults::cut));
  if (ByteReader(all.subspan(bytes), "checksum").u32() != part_checksum(header, all.first(bytes)))
    corrupt_chunk(outline.frame.chunks[i], std::string(faults::checksum));
  chunk.resize(bytes);
  chunk.erase(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(place.content - place.begin));
  return chunk;
}

PictureMetadata metadata_in(Reader& file, const Outline& outline, const Limits& limits) {
  PictureMetadata out;
  for (const MetadataField& field : metadata_fields) {
    const Place* place = outline.find_intact(field.number);
    if (place == nullptr) continue;
    const Bytes content = checked_content(file, outline, *place);
    unpack_field(out, field, std::as_bytes(std::span(content)), "metadata", limits);
  }
  return out;
}

}  // namespace vaerans
