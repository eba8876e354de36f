// Pictures that are written and read row by row: memory holds a few hundred rows and never the whole picture.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "vaerans/base/effort.hpp"
#include "vaerans/partial.hpp"

namespace vaerans {

/// What is known of a picture before its pixels.
struct PictureKind {
  std::uint64_t height = 0, width = 0;
  std::uint32_t channels = 3;  ///< grey, grey and alpha, RGB, RGB and alpha: 1 to 4
  DType dtype = DType::u8;     ///< or u16, in the machine's byte order
  bool operator==(const PictureKind&) const = default;
};

/// Where bytes go, from the first to the last.
class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;
  /// Throws Error(io).
  virtual void write(std::span<const std::uint8_t> bytes) = 0;
};

struct RowOptions {
  std::int64_t max_error = 0;  ///< 0…100: how far a sample may be moved, in grey levels; 0 is lossless
  /// Bits that samples of u16 have, 9 to 16. Fewer make smaller files; a sample of more is an error.
  int bits = 16;
  PictureMetadata metadata = {};  ///< what goes into the file besides the pixels
  /// 1 (fastest) to 9 (smallest), as of compress(): from 8 on tiles take twice the time, and more memory. Deep samples
  /// are coded alike at every effort.
  std::int64_t effort = default_effort;
  /// Lossy, by the wavelet coder: 1 to below 100, as of compress() in mode wavelet, whose file it is byte by byte. The
  /// rows wait in a file without a name until the last one is there, since its steps depend on all of them; coding them
  /// takes some 600 MB, which Limits::max_memory must allow. Alpha stays exact, and is coded as that of lossless rows.
  std::optional<double> quality = {};
};

/// Makes a file out of rows: without a quality one of the pixel coder. Of 8-bit photos it is, byte by byte, what
/// compress() makes of the whole at the same effort. Graphics, and pictures of more bits, may take more bytes: how much
/// of a picture repeats, and which levels it has, is not known before its end. The tiles wait in a file without a name
/// (in $TMPDIR, else /tmp) until all are there. Memory holds a row of tiles a few times, and what each thread needs for
/// a tile: fewer threads work where Limits::max_memory has no room for more.
class RowWriter {
 public:
  /// Throws Error(bad_parameter), Error(shape); Error(limit_exceeded) where the picture, or the memory for a row of its
  /// tiles and one thread, is over the limits.
  explicit RowWriter(const PictureKind& kind, RowOptions options = {}, const Context& context = {});
  RowWriter(RowWriter&&) noexcept;
  RowWriter& operator=(RowWriter&&) noexcept;
  ~RowWriter();
  [[nodiscard]] const PictureKind& kind() const noexcept;
  [[nodiscard]] std::uint64_t rows_missing() const noexcept;
  /// The next rows, as many as there are in the view, which has the picture's width, channels and type. Throws
  /// Error(shape) otherwise, and for more rows than are missing; Error(io) where the tiles cannot be kept. With a
  /// quality the last rows take the time: they bring the coding, and what that throws.
  void write(const ImageView& rows);
  /// Writes the file, once all rows are there, and gives its size. Throws Error(contract) while rows are missing.
  std::uint64_t finish(ByteSink& out);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Reads a picture row by row. Files of the pixel coder with several tiles are decoded a row of tiles at a time; those
/// of the wavelet coder as many rows of tiles as 768 MiB (at most a quarter of Limits::max_memory) have room for, with
/// what is above and below them, so that large ones take 1.3 times the time of the whole. All others are decoded whole
/// when the first row is asked for. The source must outlive the reader.
class RowReader {
 public:
  /// Throws what decompress_part() throws.
  explicit RowReader(ByteSource& source, const Context& context = {});
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;
  ~RowReader();
  [[nodiscard]] const PictureKind& kind() const noexcept;
  [[nodiscard]] const PictureMetadata& metadata() const noexcept;
  /// Whether memory holds some rows of tiles at most.
  [[nodiscard]] bool bounded() const noexcept;
  [[nodiscard]] std::uint64_t rows_left() const noexcept;
  /// The next rows: as many as are wanted, or are left. Throws what decompress_part() throws: for a damaged tile with
  /// its rows, for a picture that has not the digest in the file with the last ones.
  [[nodiscard]] Image read(std::uint64_t rows);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Reads a source that can be read once, from front to end, such as a pipe, into a file without a name, so that it can
/// be read in pieces. `more` fills its argument as far as it can and gives how much it filled, 0 at the end. Throws
/// Error(corrupt_stream) at once for what does not begin as a .vrs file does, Error(limit_exceeded), Error(io).
[[nodiscard]] std::unique_ptr<ByteSource> spooled_source(
    const std::function<std::size_t(std::span<std::uint8_t>)>& more, const Limits& limits = {});

}  // namespace vaerans
