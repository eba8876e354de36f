// The public functions: what an array may be, and which of the two ways it takes.
#include "vaerans/store/blob.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "store/blob/exact.hpp"
#include "store/blob/header.hpp"
#include "store/blob/quantized/quantized.hpp"
#include "store/blob/quantized/search.hpp"
#include "store/blob/quantized/statistics.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

using blob::Header;
using blob::Parts;

void check_target(const Target& target) {
  if (target.kind == Target::Kind::lossless) return;
  const bool good = std::isfinite(target.value) && target.value > 0;
  const bool small = target.kind != Target::Kind::rmse || target.value < 1;
  const bool few = target.kind != Target::Kind::bits || target.value <= 24;
  if (good && small && few) return;
  throw Error(ErrorCode::bad_parameter, std::string(target_name(target.kind)) + "=" + std::to_string(target.value) +
                                            ": a number above 0 is needed; rmse below 1, bits up to 24");
}

std::vector<std::uint8_t> encode_bits(const ArrayView& array, Header header) {
  if (array.type == NumberType::f32)
    throw Error(ErrorCode::dtype, "lossless keeps f16 and bf16 numbers; convert the f32 array, or choose an error");
  header.exact = true;
  const std::span<const std::uint16_t> bits(static_cast<const std::uint16_t*>(array.data), header.geometry.count);
  const blob::ExactParts parts = blob::encode_exact(bits, header);
  return blob::assemble(header, parts.raw, parts.words);
}

void check_room(const Parts& parts, NumberType type, std::span<std::byte> out) {
  const std::uint64_t wanted = parts.header.geometry.count * number_size(type);
  if (out.size() != wanted)
    throw Error(ErrorCode::invalid_argument, "the blob's numbers take " + std::to_string(wanted) + " bytes as " +
                                                 std::string(number_name(type)) + ", there is room for " +
                                                 std::to_string(out.size()));
  if (reinterpret_cast<std::uintptr_t>(out.data()) % number_size(type) != 0)
    throw Error(ErrorCode::invalid_argument, "the room for the numbers is not aligned for them");
}

void decode_bits(const Parts& parts, NumberType type, std::span<std::byte> out) {
  const NumberType own = parts.header.type;
  const std::uint64_t n = parts.header.geometry.count;
  if (type == own) return blob::decode_exact(parts, {reinterpret_cast<std::uint16_t*>(out.data()), n});
  if (type != NumberType::f32)
    throw Error(ErrorCode::dtype, "a lossless blob of " + std::string(number_name(own)) + " numbers cannot become " +
                                      std::string(number_name(type)) + " without loss; ask for " +
                                      std::string(number_name(own)) + " or f32");
  RecycledVector<std::uint16_t> bits(n);
  blob::decode_exact(parts, bits);
  blob::RecycledRoom<float> memory;
  const auto floats = blob::as_floats(bits.data(), own, n, memory);
  std::ranges::copy(std::as_bytes(floats), out.begin());
}

/// Numbers of the other types may be beyond what float16 holds.
void check_range(const Parts& parts, NumberType type, std::span<const std::byte> out) {
  if (type != NumberType::f16 || parts.header.type == NumberType::f16) return;
  const std::span bits(reinterpret_cast<const std::uint16_t*>(out.data()), parts.header.geometry.count);
  if (std::ranges::all_of(bits, [](std::uint16_t b) { return (b & 0x7FFFU) < 0x7C00U; })) return;
  throw Error(ErrorCode::dtype, "numbers beyond 65504, which f16 cannot hold; ask for " +
                                    std::string(number_name(parts.header.type)) + " or f32");
}

void decode_parts(const Parts& parts, NumberType type, std::span<std::byte> out) {
  check_room(parts, type, out);
  if (parts.header.exact) return decode_bits(parts, type, out);
  blob::decode_quantized(parts, type, out);
  check_range(parts, type, out);
}

}  // namespace

std::string_view number_name(NumberType type) noexcept {
  switch (type) {
    case NumberType::f32: return "f32";
    case NumberType::f16: return "f16";
    case NumberType::bf16: break;
  }
  return "bf16";
}

std::string_view target_name(Target::Kind kind) noexcept {
  switch (kind) {
    case Target::Kind::lossless: return "lossless";
    case Target::Kind::rmse: return "rmse";
    case Target::Kind::bits: return "bits";
    case Target::Kind::step: return "step";
    case Target::Kind::max_error: return "max_error";
  }
  return "unknown";
}

std::uint64_t BlobInfo::count() const noexcept {
  std::uint64_t n = 1;
  for (const std::uint64_t length : shape) n *= length;
  return n;
}

std::vector<std::uint8_t> encode_blob(const ArrayView& array, const BlobOptions& options) {
  check_target(options.target);
  Header header;
  header.type = array.type;
  header.shape = array.shape;
  header.channel_axis = options.channel_axis;
  header.target = options.target;
  const bool lossless = options.target.kind == Target::Kind::lossless;
  if (lossless) header.target.value = 0;
  // A sum of four rounding errors can be twice as large as one: no bands where the largest error counts.
  const bool haar = !lossless && options.target.kind != Target::Kind::max_error;
  header.geometry = blob::geometry_of(array.shape, options.channel_axis, haar);
  if (lossless) return encode_bits(array, std::move(header));
  blob::RecycledRoom<float> memory;
  header.trellis =
      options.trellis && (options.target.kind == Target::Kind::rmse || options.target.kind == Target::Kind::bits);
  const auto x = blob::as_floats(array.data, array.type, header.geometry.count, memory);
  return blob::encode_to_target(x, header);
}

struct BlobReader::State {
  std::span<const std::uint8_t> bytes;
  Parts parts;
};

BlobReader::BlobReader(std::span<const std::uint8_t> bytes, const Limits& limits)
    : state_(std::make_unique<State>(bytes, blob::read_blob(bytes, limits))) {}
BlobReader::~BlobReader() = default;
BlobReader::BlobReader(BlobReader&&) noexcept = default;
BlobReader& BlobReader::operator=(BlobReader&&) noexcept = default;

NumberType BlobReader::type() const noexcept { return state_->parts.header.type; }
std::span<const std::uint64_t> BlobReader::shape() const noexcept { return state_->parts.header.shape; }
std::uint64_t BlobReader::count() const noexcept { return state_->parts.header.geometry.count; }

BlobInfo BlobReader::info() const {
  const Header& h = state_->parts.header;
  return {.type = h.type,
          .shape = h.shape,
          .channel_axis = h.channel_axis,
          .target = h.target,
          .rmse = h.rmse,
          .largest_error = h.largest_error,
          .haar = h.geometry.haar,
          .trellis = h.trellis,
          .rotated = !h.rotation.empty(),
          .lanes = 1U << h.log2_lanes,
          .exceptions = h.exceptions.size(),
          .bytes = state_->bytes.size()};
}

void BlobReader::decode(NumberType type, std::span<std::byte> out) const {
  blob::check_sum(state_->bytes);
  decode_parts(state_->parts, type, out);
}

bool BlobReader::decode_beside(const BlobReader& other, NumberType type, std::span<std::byte> out,
                               std::span<std::byte> other_out) const {
  const Parts &a = state_->parts, &b = other.state_->parts;
  if (a.header.exact || b.header.exact) return false;
  check_room(a, type, out);
  check_room(b, type, other_out);
  if (!blob::is_whole(state_->bytes) || !blob::is_whole(other.state_->bytes)) return false;
  if (!blob::decode_quantized_both(a, b, type, out, other_out)) return false;
  check_range(a, type, out);
  check_range(b, type, other_out);
  return true;
}

BlobInfo blob_info(std::span<const std::uint8_t> bytes, const Limits& limits) {
  return BlobReader(bytes, limits).info();
}

void decode_blob(std::span<const std::uint8_t> bytes, NumberType type, std::span<std::byte> out, const Limits& limits) {
  blob::check_sum(bytes);  // before the header, so that damage is called by its name
  const Parts parts = blob::read_blob(bytes, limits);
  decode_parts(parts, type, out);
}

}  // namespace vaerans
