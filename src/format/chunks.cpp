#include "format/chunks.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/checksum.hpp"
#include "format/padding.hpp"

namespace vaerans {
namespace {

// ---- reading -----------------------------------------------------------------------------------------------------

// Where the chunks are looked for.
struct Scan {
  std::span<const std::byte> file;
  std::span<const std::byte> header;
  ByteReader in;
};

void check_sum(Scan& scan, Chunk& chunk) {
  const auto part = scan.file.subspan(chunk.offset, scan.in.at() - chunk.offset);
  if (scan.in.u32() == part_checksum(scan.header, part)) return;
  chunk.fault = faults::checksum;
}

// Whether further chunks follow.
bool read_chunk(Scan& scan, Frame& frame) {
  ChunkHead head = read_chunk_head(scan.in);
  Chunk& chunk = frame.chunks.emplace_back(std::move(head.chunk));
  const std::uint64_t size = head.content_bytes;
  if (scan.in.left() < layout::crc_bytes || size > scan.in.left() - layout::crc_bytes) {
    chunk.content = scan.in.take(std::min<std::uint64_t>(size, scan.in.left()));
    chunk.bytes = scan.file.size() - chunk.offset;
    chunk.fault = faults::cut;
    return false;
  }
  chunk.content = scan.in.take(size);
  check_sum(scan, chunk);
  chunk.bytes = scan.in.at() - chunk.offset;
  return !head.last;
}

bool read_next(Scan& scan, Frame& frame) {
  if (scan.in.left() == 0) {
    frame.fault = faults::last_missing;
    return false;
  }
  if (frame.chunks.size() == layout::max_chunks) scan.in.corrupt(std::string(faults::many));
  return read_chunk(scan, frame);
}

}  // namespace

std::size_t place_of(const Chunk& chunk) {
  const auto* const rule = std::ranges::find_if(layout::chunk_rules, [&](const auto& r) { return chunk.is(r.number); });
  return static_cast<std::size_t>(rule - layout::chunk_rules.begin());
}

void sort_chunks(std::vector<Chunk>& chunks) { std::ranges::stable_sort(chunks, {}, place_of); }

std::string chunk_name(const Chunk& chunk) {
  if (chunk.is(layout::ChunkNumber::named)) return chunk.name;
  const std::size_t place = place_of(chunk);
  return place < layout::chunk_rules.size() ? std::string(layout::chunk_rules[place].name)
                                            : "chunk " + std::to_string(chunk.number);
}

Chunk make_chunk(layout::ChunkNumber number, std::span<const std::byte> content) {
  const auto* const rule = std::ranges::find(layout::chunk_rules, number, &layout::ChunkRule::number);
  return {.number = static_cast<std::uint8_t>(number), .needed = rule->needed, .content = content};
}

ChunkHead read_chunk_head(ByteReader& in) {
  ChunkHead out;
  out.chunk.offset = in.at();
  const std::uint8_t type = in.u8();
  out.chunk.number = type & layout::chunk_number_bits;
  out.chunk.needed = (type & layout::chunk_needed) != 0;
  out.last = (type & layout::chunk_last) != 0;
  if (out.chunk.is(layout::ChunkNumber::named)) out.chunk.name = in.text(layout::max_name, "a name of");
  out.content_bytes = in.varint();
  return out;
}

const Chunk* Frame::find(layout::ChunkNumber number) const noexcept {
  const auto found = std::ranges::find_if(chunks, [&](const Chunk& c) { return c.is(number); });
  return found == chunks.end() ? nullptr : &*found;
}

std::uint32_t part_checksum(std::span<const std::byte> header, std::span<const std::byte> part) {
  return crc32_of(part, crc32_of(header));
}

void require_file_bytes(std::uint64_t bytes, const Limits& limits) {
  if (bytes <= limits.max_file_bytes) return;
  throw Error(ErrorCode::limit_exceeded, "the file has " + std::to_string(bytes) + " bytes, over the limit of " +
                                             std::to_string(limits.max_file_bytes) + "; raise Limits.max_file_bytes");
}

Frame scan_frame(std::span<const std::byte> bytes, const Limits& limits) {
  require_file_bytes(bytes.size(), limits);
  Scan scan{bytes, {}, ByteReader(bytes, "file")};
  Frame frame;
  frame.header = read_header(scan.in, bytes);
  scan.header = frame.header.bytes;
  try {
    while (read_next(scan, frame)) {
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt_stream && error.code() != ErrorCode::limit_exceeded) throw;
    frame.fault = error.what();
    return frame;
  }
  if (frame.fault.empty() && scan.in.left() != 0) {
    frame.fault = faults::left_over(scan.in.left());
  }
  return frame;
}

void corrupt_chunk(const Chunk& chunk, const std::string& what) {
  throw Error(ErrorCode::corrupt_stream,
              "chunk '" + chunk_name(chunk) + "' from byte " + std::to_string(chunk.offset) + " on: " + what);
}

std::vector<std::string> faults_of(const Frame& frame) {
  std::vector<std::string> out;
  for (const Chunk& chunk : frame.chunks) {
    if (!chunk.fault.empty()) out.push_back("chunk '" + chunk_name(chunk) + "': " + chunk.fault);
  }
  if (!frame.fault.empty()) out.push_back(frame.fault);
  return out;
}

void require_intact(const Frame& frame) {
  for (const Chunk& chunk : frame.chunks) {
    if (!chunk.fault.empty()) corrupt_chunk(chunk, chunk.fault);
  }
  if (!frame.fault.empty()) throw Error(ErrorCode::corrupt_stream, frame.fault);
}

Frame intact_frame(std::span<const std::byte> bytes, const Limits& limits) {
  Frame frame = scan_frame(bytes, limits);
  require_intact(frame);
  return frame;
}

void write_chunk_head(ByteWriter& out, const Chunk& chunk, std::uint64_t content_bytes, bool last) {
  out.u8(static_cast<std::uint8_t>(chunk.number | (chunk.needed ? layout::chunk_needed : 0) |
                                   (last ? layout::chunk_last : 0)));
  if (chunk.is(layout::ChunkNumber::named)) out.text(chunk.name);
  out.varint(content_bytes);
}

std::uint64_t stored_bytes(const Chunk& chunk, std::uint64_t content_bytes) {
  ByteWriter head;
  write_chunk_head(head, chunk, content_bytes, false);
  return head.bytes().size() + content_bytes + layout::crc_bytes;
}

std::uint64_t stored_bytes(const Chunk& chunk) { return stored_bytes(chunk, chunk.content.size()); }

std::vector<std::uint8_t> write_frame(const Spec& source, std::span<const Chunk> chunks) {
  ByteWriter out;
  write_header(out, source);
  const std::size_t header = out.bytes().size();
  std::vector<Chunk> kept;
  std::ranges::remove_copy_if(chunks, std::back_inserter(kept), is_padding);
  std::uint64_t size = header;
  for (const Chunk& chunk : kept) size += stored_bytes(chunk);
  const ByteBuffer zeros(padding_for(pixels_of(source), size));
  if (!zeros.empty() && kept.size() < layout::max_chunks) kept.push_back(padding_chunk(zeros));
  for (const Chunk& chunk : kept) {
    const std::size_t begin = out.bytes().size();
    write_chunk_head(out, chunk, chunk.content.size(), &chunk == &kept.back());
    out.raw(chunk.content);
    const std::span<const std::byte> written(out.bytes());
    out.u32(part_checksum(written.first(header), written.subspan(begin)));
  }
  std::vector<std::uint8_t> bytes(out.bytes().size());
  std::memcpy(bytes.data(), out.bytes().data(), bytes.size());
  return bytes;
}

}  // namespace vaerans
