// Blobs: one array of numbers, coded alone, such as a latent or a text embedding (docs/format_blob.md).
//
//   const auto blob = encode_blob({latent, NumberType::f16, {16, 128, 128}}, {.channel_axis = 0});   // 2 % error
//   std::vector<std::byte> out(blob_info(blob).count() * 2);
//   decode_blob(blob, NumberType::f16, out);
//
// A blob is self-contained: it may lie in a store's shard or in any other container. All functions are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "vaerans/base/limits.hpp"

namespace vaerans {

enum class NumberType : std::uint8_t { f32 = 0, f16 = 1, bf16 = 2 };
[[nodiscard]] std::string_view number_name(NumberType type) noexcept;  ///< "f32", "f16", "bf16"
[[nodiscard]] constexpr std::size_t number_size(NumberType type) noexcept { return type == NumberType::f32 ? 4 : 2; }

/// What an encoder may lose. A target that cannot be held is an error, never passed over in silence.
struct Target {
  enum class Kind : std::uint8_t {
    lossless = 0,   ///< every bit of f16 and bf16 numbers, NaN and infinity included
    rmse = 1,       ///< root mean square error, relative to the standard deviation of each channel
    bits = 2,       ///< size of the blob, in bits for each number
    step = 3,       ///< the quantiser's step, the same in all channels
    max_error = 4,  ///< largest absolute error of a number
  };
  Kind kind = Kind::rmse;
  double value = 0.02;
};
[[nodiscard]] std::string_view target_name(Target::Kind kind) noexcept;  ///< "rmse" …

/// An array in row-major order; it owns nothing. One to six axes, up to 2^31 numbers.
struct ArrayView {
  const void* data = nullptr;
  NumberType type = NumberType::f32;
  std::vector<std::uint64_t> shape;
};

struct BlobOptions {
  Target target;
  std::uint32_t channel_axis = 0;  ///< the axis whose indices have a mean and a spread of their own; up to 65536 long
  /// Quantisers that depend on each other, 0.1 to 0.17 bit less for each number at equal error. Only for the targets
  /// rmse and bits, since step and max_error promise something of each number.
  bool trellis = true;
};

struct BlobInfo {
  NumberType type = NumberType::f32;  ///< which the encoded array had
  std::vector<std::uint64_t> shape;
  std::uint32_t channel_axis = 0;
  Target target;
  double rmse = 0;               ///< reached, relative to the channels' standard deviations; 0 if lossless
  double largest_error = 0;      ///< reached, absolute
  bool haar = false;             ///< whether planes are split into bands
  bool trellis = false;          ///< whether quantisers depend on each other
  bool rotated = false;          ///< whether channels are rotated
  unsigned lanes = 1;            ///< interleaved coder states
  std::uint64_t exceptions = 0;  ///< numbers beyond their tables, listed one by one
  std::uint64_t bytes = 0;
  [[nodiscard]] std::uint64_t count() const noexcept;
};

/// Throws Error: shape (no numbers, too many axes), non_finite, dtype (lossless f32), bad_parameter (a target that is
/// out of range or cannot be held).
[[nodiscard]] std::vector<std::uint8_t> encode_blob(const ArrayView& array, const BlobOptions& options = {});

/// Reads the header only. Throws Error: corrupt_stream, unsupported_version, limit_exceeded.
[[nodiscard]] BlobInfo blob_info(std::span<const std::uint8_t> bytes, const Limits& limits = {});

/// Fills `out`, which has room for exactly count() numbers of `type`. A lossless blob comes in its own type or as f32.
/// Throws as blob_info, and invalid_argument for a wrong size, dtype for a type that would lose something.
void decode_blob(std::span<const std::uint8_t> bytes, NumberType type, std::span<std::byte> out,
                 const Limits& limits = {});

/// A blob whose header has been read: says what room its numbers need, then decodes; the header is read once for both.
class BlobReader {
 public:
  /// `bytes` have to outlive the object. Throws as blob_info().
  explicit BlobReader(std::span<const std::uint8_t> bytes, const Limits& limits = {});
  ~BlobReader();
  BlobReader(BlobReader&&) noexcept;
  BlobReader& operator=(BlobReader&&) noexcept;

  [[nodiscard]] NumberType type() const noexcept;  ///< which the encoded array had
  [[nodiscard]] std::span<const std::uint64_t> shape() const noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept;
  [[nodiscard]] BlobInfo info() const;
  /// As decode_blob(); the checksum, which the constructor does not look at, comes first.
  void decode(NumberType type, std::span<std::byte> out) const;
  /// This blob and another one side by side, which takes less time than one after the other where the CPU has the
  /// vectors for it. False: call decode() for each. Nothing is amiss then, or decode() throws what is.
  [[nodiscard]] bool decode_beside(const BlobReader& other, NumberType type, std::span<std::byte> out,
                                   std::span<std::byte> other_out) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace vaerans
