#include "api/parts/outline.hpp"

#include <algorithm>

#include "api/file/metadata_fields.hpp"
#include "base/bytes.hpp"
#include "format/chunks.hpp"
#include "format/packed.hpp"

namespace vaerans {
namespace {

using layout::ChunkNumber;

// A chunk that claims more is damage: sums with other places must not overflow.
constexpr std::uint64_t most_bytes = 1ULL << 62U;

// Finds the chunks by their heads alone; stops where the file is cut or makes no sense.
void find_chunks(Reader& file, Outline& out) {
  constexpr std::uint64_t most_head = 1 + 2 + layout::max_name + 10;
  for (std::uint64_t at = out.header.size(); out.chunks.size() < layout::max_chunks;) {
    const Bytes head = file.take(at, most_head);
    ByteReader in(std::as_bytes(std::span(head)), "file");
    try {
      const std::uint8_t type = in.u8();
      Place place{.number = static_cast<std::uint8_t>(type & layout::chunk_number_bits),
                  .needed = (type & layout::chunk_needed) != 0,
                  .begin = at};
      if (place.is(ChunkNumber::named)) (void)in.text(layout::max_name, "a name of");
      place.bytes = in.varint();
      place.content = at + in.at();
      if (place.bytes > most_bytes) return;
      out.chunks.push_back(place);
      if ((type & layout::chunk_last) != 0 || place.bytes > file.size()) return;
      at = place.content + place.bytes + layout::crc_bytes;
    } catch (const Error&) {
      return;
    }
  }
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
  const auto found = std::ranges::find_if(chunks, [&](const Place& p) { return p.is(number); });
  return found == chunks.end() ? nullptr : &*found;
}

Outline outline_of(Reader& file) {
  Outline out;
  const Bytes front = file.take(0, 64);
  ByteReader in(std::as_bytes(std::span(front)), "file");
  (void)read_header(in, std::as_bytes(std::span(front)));
  out.header.assign(front.begin(), front.begin() + static_cast<std::ptrdiff_t>(in.at()));
  ByteReader again(std::as_bytes(std::span(out.header)), "file");
  out.parsed = read_header(again, std::as_bytes(std::span(out.header)));
  find_chunks(file, out);
  return out;
}

Bytes checked_content(Reader& file, const Outline& outline, const Place& place) {
  const std::uint64_t bytes = place.content + place.bytes - place.begin;
  Bytes chunk = file.take(place.begin, bytes + layout::crc_bytes);
  const auto all = std::as_bytes(std::span(chunk));
  const auto header = std::as_bytes(std::span(outline.header));
  if (all.size() != bytes + layout::crc_bytes ||
      ByteReader(all.subspan(bytes), "checksum").u32() != part_checksum(header, all.first(bytes))) {
    throw Error(ErrorCode::corrupt_stream, "chunk " + std::to_string(place.number) + " from byte " +
                                               std::to_string(place.begin) + " on: the checksum does not match");
  }
  chunk.resize(bytes);
  chunk.erase(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(place.content - place.begin));
  return chunk;
}

PictureMetadata metadata_in(Reader& file, const Outline& outline) {
  PictureMetadata out;
  for (const auto& [number, member] : metadata_fields) {
    const Place* place = outline.find(number);
    if (place == nullptr) continue;
    const Bytes content = checked_content(file, outline, *place);
    if (auto data = unpack(std::as_bytes(std::span(content)), "metadata")) out.*member = std::move(*data);
  }
  return out;
}

}  // namespace vaerans
