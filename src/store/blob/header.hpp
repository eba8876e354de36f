// A blob's bytes: its header, which is everything before the coded words, and what stands around it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/memory.hpp"
#include "coding/static/spread_table.hpp"
#include "store/blob/geometry.hpp"
#include "vaerans/store/blob.hpp"

namespace vaerans::blob {

inline constexpr std::uint8_t kVersion = 1;
inline constexpr float kLeastBase = 0x1p-100F, kMostBase = 0x1p64F;  ///< beyond, steps leave no room for multiples
inline constexpr std::uint64_t kMaxRotated = 64;                     ///< channels
inline constexpr float kRotationUnit = 128;                          ///< what stands for 1 in a rotation
inline constexpr std::uint8_t kConstant = 0, kUnitScale = 128;       ///< codes of scales

/// A number beyond its section's table: `beyond` is added to the integer of the symbol at `position`.
struct Exception {
  std::uint64_t position = 0;
  std::int64_t beyond = 0;
};

struct Header {
  bool exact = false;  ///< bits kept, nothing quantised
  NumberType type = NumberType::f32;
  std::vector<std::uint64_t> shape;
  std::uint32_t channel_axis = 0;
  Target target;
  float rmse = 0, largest_error = 0;
  Geometry geometry;
  unsigned log2_lanes = 0;
  RecycledVector<std::uint8_t> sections;  ///< for each section its spread (4 class + shape), or which exact table
  // Quantised:
  bool wide = false;                     ///< symbols of 16 bits instead of 8
  bool trellis = false;                  ///< symbols are indices of kernels/trellis
  float base = 1;                        ///< step at scale code 128
  RecycledVector<std::uint8_t> scales;   ///< for each channel; empty: 128 everywhere
  RecycledVector<std::int64_t> centers;  ///< for each channel, in its steps; the bits of a constant channel's value
  /// channels x channels: numbers are this / 128 times the integers that are coded. Empty: channels are coded alone.
  RecycledVector<std::int8_t> rotation;
  RecycledVector<Exception> exceptions;
  // Exact:
  RecycledVector<SymbolTable> tables;
};

/// step = base * 2^((scale - 128) / 8) and center of each channel, as floats: what numbers are restored with.
struct Steps {
  RecycledVector<float> step, center;
};
[[nodiscard]] Steps steps_of(const Header& header);
[[nodiscard]] float step_of(float base, std::uint8_t scale) noexcept;

/// From the magic to the padding behind the header, which ends at a multiple of four bytes. `raw`: see exact.hpp.
void write_header(ByteWriter& out, const Header& header, std::span<const std::byte> raw);

/// Header, raw bytes, words and checksum as the bytes of a blob.
[[nodiscard]] std::vector<std::uint8_t> assemble(const Header& header, std::span<const std::byte> raw,
                                                 std::span<const std::uint32_t> words);

/// Whether the channels can be rotated: rows of one channel each, 2 … kMaxRotated of them.
[[nodiscard]] bool can_rotate(const Geometry& geometry) noexcept;

/// Throws Error(limit_exceeded) where so many numbers take more memory to decode than there may be.
void check_count(std::uint64_t count, const Limits& limits);

/// What read_blob finds: the header, and where the raw bytes and the words lie.
struct Parts {
  Header header;
  std::span<const std::byte> raw, words;
};
/// Checks everything that can be checked without decoding, but for the checksum. Throws Error: corrupt_stream,
/// unsupported_version, limit_exceeded.
[[nodiscard]] Parts read_blob(std::span<const std::uint8_t> blob, const Limits& limits);
/// Whether the checksum matches. Throws Error: corrupt_stream where there is no room for one, unsupported_version.
[[nodiscard]] bool is_whole(std::span<const std::uint8_t> blob);
/// Throws Error: corrupt_stream where a bit has changed, unsupported_version.
void check_sum(std::span<const std::uint8_t> blob);

}  // namespace vaerans::blob
