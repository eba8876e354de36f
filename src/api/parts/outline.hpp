// Where a file's chunks lie, found by their heads alone, so that only those that are wanted are read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/header.hpp"
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

/// Where a chunk's content lies in the file.
struct Place {
  std::uint8_t number = 0;
  bool needed = false;
  std::uint64_t begin = 0, content = 0, bytes = 0;  ///< the chunk's and its content's places, the content's size
  [[nodiscard]] bool is(layout::ChunkNumber n) const { return number == static_cast<std::uint8_t>(n); }
};

struct Outline {
  Bytes header;
  Header parsed;  ///< its spans point into `header`
  std::vector<Place> chunks;
  [[nodiscard]] const Place* find(layout::ChunkNumber number) const;
};

/// Reads the header and the heads of the chunks, and stops where the file is cut or makes no sense. Throws what
/// read_header() throws.
[[nodiscard]] Outline outline_of(Reader& file);

/// A chunk's content, held against its checksum. Throws Error(corrupt_stream).
[[nodiscard]] Bytes checked_content(Reader& file, const Outline& outline, const Place& place);

/// Throws Error(corrupt_stream), Error(limit_exceeded).
[[nodiscard]] PictureMetadata metadata_in(Reader& file, const Outline& outline);

}  // namespace vaerans
