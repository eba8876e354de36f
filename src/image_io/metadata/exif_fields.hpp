// EXIF in TIFF (EXIF 2.3, section 4.5): its fields stand in the picture's own directory and in directories below that,
// all with places in the whole file and in its byte order. So they are read and written anew, value by value.
#pragma once

#include <cstdint>
#include <vector>

#include "image_io/formats/byte_view.hpp"
#include "vaerans/file.hpp"

namespace vaerans::image_io {

struct ExifField {
  std::uint16_t tag = 0, type = 0;
  std::uint32_t count = 0;
  Bytes value;                   ///< in the byte order of what is written
  std::vector<ExifField> below;  ///< where the field leads to a directory
};
using ExifFields = std::vector<ExifField>;

/// Reads the fields about the picture, and not about how its file or a thumbnail is laid out, of a directory in a TIFF
/// file, a BigTIFF file or a block of EXIF, with all of the directories that they lead to. Damage throws
/// Error(image_unreadable).
class ExifReader {
 public:
  /// `big`: values are turned to the byte order of Motorola, else of Intel. `most`: bytes that all fields may have.
  ExifReader(std::span<const std::uint8_t> file, bool big, std::uint64_t most);

  /// The directory that the header names.
  [[nodiscard]] ExifFields first() { return directory(file_.number(wide_ ? 8 : 4, word_), 0); }
  [[nodiscard]] ExifFields at(std::uint64_t place) { return directory(place, 0); }

 private:
  [[nodiscard]] ExifFields directory(std::uint64_t at, unsigned depth);
  [[nodiscard]] ExifField field(std::uint64_t entry, unsigned depth);
  [[nodiscard]] Bytes value_of(const ExifField& field, std::uint64_t entry);
  void spend(std::uint64_t bytes);

  ByteView file_;
  bool wide_;      ///< BigTIFF
  unsigned word_;  ///< bytes of a place and of a count
  bool turned_;
  std::uint64_t left_;
};

/// Appends directories to a TIFF file, or to the header of one.
class ExifWriter {
 public:
  ExifWriter(Bytes& file, bool big) : file_(file), big_(big) {}

  /// The fields of a file's own directory stay as they are: `kept` are their entries. Its place goes into
  /// the header.
  void first_directory(const ExifFields& fields, const std::vector<Bytes>& kept = {});

 private:
  [[nodiscard]] std::uint32_t directory(const ExifFields& fields, const std::vector<Bytes>& kept);
  [[nodiscard]] Bytes entry_of(const ExifField& field);
  [[nodiscard]] std::uint32_t align();
  void put(std::uint64_t value, unsigned bytes);
  void put_into(Bytes& out, std::size_t at, std::uint64_t value, unsigned bytes) const;

  Bytes& file_;
  bool big_;
};

}  // namespace vaerans::image_io
