// Picture files that are a header and the samples, row by row: PGM, PPM and PAM in, these and NPY out. Part of
// vaerans::image_io.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "vaerans/rows.hpp"

namespace vaerans {

/// Reads a raw PGM, PPM or PAM (P5, P6, P7) from front to end. A maximum below 255 or 65535 is scaled up to that.
class RawRowReader {
 public:
  /// `more` fills its argument as far as it can and gives how much it filled, 0 at the end. Throws
  /// Error(image_unsupported) for another format, Error(image_unreadable), Error(limit_exceeded), Error(io).
  using More = std::function<std::size_t(std::span<std::uint8_t>)>;
  explicit RawRowReader(More more, const Limits& limits = {});
  [[nodiscard]] const PictureKind& kind() const noexcept { return kind_; }
  /// The next rows, exactly so many. Throws Error(image_unreadable) where the file ends before.
  [[nodiscard]] Image read(std::uint64_t rows);
  /// After the last row. Throws Error(image_unsupported) where a further picture follows.
  void expect_end();

 private:
  void fill(std::span<std::uint8_t> out);

  More more_;
  Limits limits_;
  PictureKind kind_;
  std::uint64_t maximum_ = 0;
  Bytes front_;  ///< what was read with the header and is not used yet
};

/// Writes a raw file: the header at once, then rows as they come. `suffix` is .ppm, .pgm, .pnm, .pam or .npy.
class RawRowWriter {
 public:
  /// Throws Error(image_unsupported) where such a file cannot hold the picture, Error(invalid_argument) for another
  /// suffix.
  RawRowWriter(ByteSink& out, const PictureKind& kind, const std::string& suffix);
  void write(const Image& rows);

 private:
  ByteSink& out_;
  bool turned_;
};

/// A file made piece by piece, with the guarantees of write_bytes().
void write_pieces(const std::string& path, bool overwrite, const std::function<void(ByteSink&)>& work);

}  // namespace vaerans
