// The frame of a file: a header and chunks with checksums. What the chunks hold is not known here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "format/header.hpp"
#include "format/layout.hpp"

namespace vaerans {

/// A chunk that was read, or is to be written.
struct Chunk {
  std::uint8_t number = 0;  ///< a layout::ChunkNumber, or one of a later version
  bool needed = false;      ///< whether a reader that does not know it must refuse the file
  std::string name = {};    ///< only of number 0
  std::span<const std::byte> content = {};
  std::uint64_t offset = 0, bytes = 0;  ///< once read: where it begins in the file, and how much it takes there
  std::string fault = {};               ///< once read: what is wrong with its bytes; empty if nothing is
  [[nodiscard]] bool is(layout::ChunkNumber n) const noexcept { return number == static_cast<std::uint8_t>(n); }
};

/// "base", "icc", the name of a named chunk, "chunk 17".
[[nodiscard]] std::string chunk_name(const Chunk& chunk);

/// A chunk of this version.
[[nodiscard]] Chunk make_chunk(layout::ChunkNumber number, std::span<const std::byte> content);

/// What stands before a chunk's content.
struct ChunkHead {
  Chunk chunk;  ///< `offset` is where the reader stood
  std::uint64_t content_bytes = 0;
  bool last = false;
};
/// Throws Error(corrupt_stream), Error(limit_exceeded).
[[nodiscard]] ChunkHead read_chunk_head(ByteReader& in);

/// What faults say.
namespace faults {
inline constexpr std::string_view cut = "the file is cut short";
inline constexpr std::string_view last_missing = "the file is cut short: its last chunk is missing";
inline constexpr std::string_view checksum = "the checksum does not match: the file is damaged or cut short";
inline constexpr std::string_view many = "more than 64 chunks";
[[nodiscard]] inline std::string left_over(std::uint64_t bytes) {
  return std::to_string(bytes) + " bytes are left over behind the last chunk";
}
}  // namespace faults

struct Frame {
  Header header;
  std::vector<Chunk> chunks;
  std::string fault;  ///< what is wrong behind the last chunk that was found; empty if nothing is
  [[nodiscard]] const Chunk* find(layout::ChunkNumber number) const noexcept;
};

/// Throws Error(limit_exceeded) for a file of more bytes than limits.max_file_bytes.
void require_file_bytes(std::uint64_t bytes, const Limits& limits);

/// Finds the chunks and holds their checksums against their bytes; a chunk that the file's end cuts is there as far as
/// it goes. Damage is noted in the faults. Throws what read_header() throws, and Error(limit_exceeded) for the size of
/// the file.
[[nodiscard]] Frame scan_frame(std::span<const std::byte> bytes, const Limits& limits);

/// Throws Error(corrupt_stream) that names the chunk and its place.
[[noreturn]] void corrupt_chunk(const Chunk& chunk, const std::string& what);
/// All that is wrong, for who goes on all the same.
[[nodiscard]] std::vector<std::string> faults_of(const Frame& frame);
/// The first fault as Error(corrupt_stream), if there is one.
void require_intact(const Frame& frame);
/// scan_frame() of a file that must be whole.
[[nodiscard]] Frame intact_frame(std::span<const std::byte> bytes, const Limits& limits);

/// Header and chunks, in the order given, with their checksums, and padding where a reader with the usual limits would
/// refuse so few bytes. Padding among the chunks is left out.
[[nodiscard]] std::vector<std::uint8_t> write_frame(const Spec& source, std::span<const Chunk> chunks);

/// What stands before a chunk's content, of so many bytes.
void write_chunk_head(ByteWriter& out, const Chunk& chunk, std::uint64_t content_bytes, bool last);

/// A chunk's place among layout::chunk_rules; their number where it has none.
[[nodiscard]] std::size_t place_of(const Chunk& chunk);
/// Puts chunks into the order in which they are written.
void sort_chunks(std::vector<Chunk>& chunks);

/// The checksum of a part of a file: of the header's bytes and then the part's.
[[nodiscard]] std::uint32_t part_checksum(std::span<const std::byte> header, std::span<const std::byte> part);

/// How many bytes a chunk takes in a file, with content of so many bytes or with its own.
[[nodiscard]] std::uint64_t stored_bytes(const Chunk& chunk, std::uint64_t content_bytes);
[[nodiscard]] std::uint64_t stored_bytes(const Chunk& chunk);

}  // namespace vaerans
