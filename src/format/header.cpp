#include "format/header.hpp"

#include <algorithm>
#include <string>

#include "format/layout.hpp"

namespace vaerans {
namespace {

[[noreturn]] void refuse(ErrorCode code, const std::string& what) { throw Error(code, what); }

std::uint8_t source_bits(const Spec& source) {
  const Shape& shape = source.shape;
  if (shape.rank() == 3 && source.kind == Kind::planes && source.dtype == DType::f32) return layout::source_latent;
  const bool sixteen = source.dtype == DType::u16;
  if (shape.rank() == 3 && source.kind == Kind::image && (sixteen || source.dtype == DType::u8) &&
      (shape[2] == 1 || shape[2] == 3)) {
    return static_cast<std::uint8_t>((shape[2] == 1 ? layout::source_grey : 0) |
                                     (sixteen ? layout::source_sixteen_bit : 0));
  }
  throw Error(ErrorCode::contract,
              "a file holds a picture of one or three channels, u8 or u16, or a latent of f32, not " +
                  std::string(kind_name(source.kind)) + " " + shape.str() + " of " +
                  std::string(dtype_name(source.dtype)));
}

std::uint64_t bounded(std::uint64_t value, std::uint64_t most, const char* what) {
  if (value == 0) refuse(ErrorCode::corrupt_stream, std::string("the header: ") + what + " of 0");
  if (value <= most) return value;
  refuse(ErrorCode::limit_exceeded, std::string("the header: ") + what + " of " + std::to_string(value) +
                                        " is over the limit of " + std::to_string(most));
}

// `pixels` as (rows, columns, channels of a latent or 1).
void require_pixels(std::uint64_t rows, std::uint64_t columns, std::uint64_t channels, const Limits& limits,
                    std::uint64_t file_bytes) {
  if (rows > limits.max_pixels / columns) {
    refuse(ErrorCode::limit_exceeded,
           "the picture has more than " + std::to_string(limits.max_pixels) + " pixels, the limit in force");
  }
  // Every sample of a latent counts as a pixel.
  std::uint64_t pixels = 0;
  if (__builtin_mul_overflow(rows * columns, channels, &pixels))
    refuse(ErrorCode::limit_exceeded, "the header: more samples than 64 bits can count");
  if (limits.allow_expansion(pixels, file_bytes)) return;
  refuse(ErrorCode::limit_exceeded,
         std::to_string(file_bytes) + " bytes for " + std::to_string(pixels) + " pixels, over the limit of " +
             std::to_string(limits.max_pixels_per_byte) +
             " pixels per byte (max_pixels_per_byte) beyond the first 16 megapixels; raise it for a file that you "
             "trust");
}

Header read_extents(ByteReader& in) {
  Header out;
  out.source = in.u8();
  const bool latent = (out.source & layout::source_latent) != 0;
  out.extents[0] = in.varint();
  out.extents[1] = in.varint();
  const std::uint64_t colors = (out.source & layout::source_grey) != 0 ? 1 : 3;
  out.extents[2] = latent ? in.varint() : colors;
  return out;
}

}  // namespace

void write_header(ByteWriter& out, const Spec& source) {
  out.raw(layout::magic);
  out.u8(layout::version);
  write_source(out, source);
}

void write_source(ByteWriter& out, const Spec& source) {
  const std::uint8_t bits = source_bits(source);
  out.u8(bits);
  const bool latent = (bits & layout::source_latent) != 0;
  for (std::size_t i = 0; i < (latent ? 3U : 2U); ++i) out.varint(source.shape[i]);
}

bool has_magic(std::span<const std::byte> file) {
  return file.size() >= layout::magic.size() && std::ranges::equal(layout::magic, file.first(layout::magic.size()));
}

void require_magic(std::span<const std::byte> file) {
  if (file.empty()) refuse(ErrorCode::corrupt_stream, "the file is empty");
  if (has_magic(file)) return;
  refuse(ErrorCode::corrupt_stream, "this is not a .vrs file: its first bytes are not the magic number");
}

Header read_header(ByteReader& in, std::span<const std::byte> file) {
  require_magic(file);
  (void)in.take(layout::magic.size());
  if (const unsigned version = in.u8(); version != layout::version) {
    refuse(ErrorCode::unsupported_version, "the file has format version " + std::to_string(version) +
                                               ", this build reads version " + std::to_string(layout::version) +
                                               "; update vaerans");
  }
  Header out = read_extents(in);
  out.bytes = file.first(in.at());
  return out;
}

Spec read_source(ByteReader& in, const Limits& limits) {
  const Header header = read_extents(in);
  return source_of(header, limits, in.left());
}

std::uint64_t pixels_of(const Spec& source) {
  return source.kind == Kind::image ? source.shape[0] * source.shape[1] : source.shape.elements();
}

Spec source_of(const Header& header, const Limits& limits, std::uint64_t file_bytes) {
  const unsigned unknown = header.source & ~unsigned{layout::source_known};
  if (unknown != 0) {
    refuse(ErrorCode::unsupported_version,
           "the header: a kind of source (" + std::to_string(header.source) + ") of a later vaerans; update vaerans");
  }
  const auto [a, b, c] = header.extents;
  if ((header.source & layout::source_latent) != 0) {
    if (header.source != layout::source_latent) {
      refuse(ErrorCode::corrupt_stream, "the header: a latent with what belongs to pictures");
    }
    require_pixels(bounded(b, limits.max_side, "a height"), bounded(c, limits.max_side, "a width"),
                   bounded(a, limits.max_channels, "a channel count"), limits, file_bytes);
    return {Kind::planes, DType::f32, Shape{a, b, c}, {}};
  }
  require_pixels(bounded(a, limits.max_side, "a height"), bounded(b, limits.max_side, "a width"), 1, limits,
                 file_bytes);
  const bool sixteen = (header.source & layout::source_sixteen_bit) != 0;
  return {Kind::image, sixteen ? DType::u16 : DType::u8, Shape{a, b, c}, {}};
}

}  // namespace vaerans
