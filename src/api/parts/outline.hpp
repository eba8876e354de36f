// Where a file's chunks lie, found by their heads alone, so that only those that are wanted are read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/chunks.hpp"
#include "format/layout.hpp"
#include "vaerans/file.hpp"
#include "vaerans/partial.hpp"

namespace vaerans {

/// A source that counts what is read of it.
class Reader {
 public:
  explicit Reader(ByteSource& source) : source_(source), size_(source.size()) {}
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return read_; }
  /// As many bytes as there are, up to `most`.
  Bytes take(std::uint64_t offset, std::uint64_t most);
  /// Throws Error(limit_exceeded) before anything is read.
  Bytes take_all(const Limits& limits);

 private:
  ByteSource& source_;
  std::uint64_t size_, read_ = 0;
};

/// Where a chunk and its content lie in the file.
struct Place {
  Place(std::uint64_t chunk, std::uint64_t inner, std::uint64_t size) : begin(chunk), content(inner), bytes(size) {}
  std::uint64_t begin, content, bytes;  ///< the chunk's and its content's places, the content's size
  /// Where the next chunk begins.
  [[nodiscard]] std::uint64_t end() const { return content + bytes + layout::crc_bytes; }
};

struct Outline {
  Bytes header;
  /// Its spans point into `header`. Contents are not there; checksums are only held against those of whom it is asked.
  Frame frame;
  std::vector<Place> places;  ///< where its chunks are
  [[nodiscard]] const Place* find(layout::ChunkNumber number) const;
  /// The same of a chunk of which no fault is known: what is wrong with the others need not be found twice.
  [[nodiscard]] const Place* find_intact(layout::ChunkNumber number) const;
};

/// Reads the header and the heads of the chunks. Where the file is cut, makes no sense or goes on behind its last chunk
/// is noted in the frame's faults. Throws what read_header() throws.
[[nodiscard]] Outline outline_of(Reader& file);

/// Holds chunk i against its checksum, and notes where that does not fit. All of it is read, a block at a time.
void check_content(Reader& file, Outline& outline, std::size_t i);

/// The content of one of the outline's chunks, held against its checksum. Throws Error(corrupt_stream).
[[nodiscard]] Bytes checked_content(Reader& file, const Outline& outline, const Place& place);

/// Throws Error(corrupt_stream), Error(limit_exceeded).
[[nodiscard]] PictureMetadata metadata_in(Reader& file, const Outline& outline, const Limits& limits);

}  // namespace vaerans
