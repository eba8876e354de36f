#include "format/container.hpp"

#include <algorithm>
#include <cstring>

#include "format/layout.hpp"

namespace vaerans {
namespace {

using layout::SourceKind;

// ---- writing -----------------------------------------------------------------------------------------------------

std::uint8_t flags_of(const StoredFile& file) {
  if (file.residual) return layout::flag_residual | (file.lossless ? layout::flag_lossless : 0);
  return file.base_digest ? layout::flag_digest : 0;
}

void write_source(ByteWriter& out, const Spec& source) {
  if (source.shape.rank() != 3 || (source.kind != Kind::image && source.kind != Kind::planes)) {
    throw Error(ErrorCode::contract, "a file holds a picture or a latent, not " + std::string(kind_name(source.kind)));
  }
  out.u8(static_cast<std::uint8_t>(source.kind == Kind::image ? SourceKind::picture : SourceKind::latent));
  for (const std::uint64_t d : source.shape.dims()) out.varint(d);
}

std::vector<std::uint8_t> sealed(ByteWriter& out) {
  out.u32(crc32_of(out.bytes()));
  std::vector<std::uint8_t> bytes(out.bytes().size());
  std::memcpy(bytes.data(), out.bytes().data(), bytes.size());
  return bytes;
}

// ---- reading -----------------------------------------------------------------------------------------------------

void check_frame(std::span<const std::byte> bytes, const Limits& limits) {
  const auto fail = [](ErrorCode code, const std::string& what) { throw Error(code, what); };
  if (bytes.size() > limits.max_file_bytes)
    fail(ErrorCode::limit_exceeded, "the file has " + std::to_string(bytes.size()) + " bytes, over the limit");
  if (bytes.size() < layout::magic.size() || !std::equal(layout::magic.begin(), layout::magic.end(), bytes.begin())) {
    fail(ErrorCode::corrupt_stream,
         bytes.empty() ? "the file is empty" : "this is not a .vrs file: its first bytes are not the magic number");
  }
  if (bytes.size() < layout::least_bytes)
    fail(ErrorCode::corrupt_stream,
         "the file ends after " + std::to_string(bytes.size()) + " bytes, within its header");
  const auto version = std::to_integer<unsigned>(bytes[4]);
  if (version != layout::version) {
    fail(ErrorCode::unsupported_version, "the file has format version " + std::to_string(version) +
                                             ", this build reads version " + std::to_string(layout::version) +
                                             "; update vaerans");
  }
  const auto body = bytes.first(bytes.size() - layout::crc_bytes);
  if (ByteReader(bytes.last(layout::crc_bytes), "checksum").u32() != crc32_of(body)) {
    fail(ErrorCode::corrupt_stream, "the checksum does not match: the file is damaged or cut short");
  }
}

void require_expansion(std::uint64_t pixels, std::uint64_t file_bytes, const Limits& limits) {
  if (limits.allow_expansion(pixels, file_bytes)) return;
  throw Error(ErrorCode::limit_exceeded,
              std::to_string(file_bytes) + " bytes for " + std::to_string(pixels) + " pixels, over the limit of " +
                  std::to_string(limits.max_pixels_per_byte) +
                  " pixels per byte (max_pixels_per_byte) beyond the first 16 megapixels; raise it for a file that you "
                  "trust");
}

Spec read_source(ByteReader& in, const Limits& limits, std::uint64_t file_bytes) {
  const std::uint8_t kind = in.u8();
  if (kind > 1) in.corrupt("unknown kind of source");
  const bool picture = kind == static_cast<std::uint8_t>(SourceKind::picture);
  const std::uint64_t a =
      in.count(picture ? limits.max_side : limits.max_channels, picture ? "a height of" : "a channel count of");
  const std::uint64_t b = in.count(limits.max_side, picture ? "a width of" : "a height of");
  const std::uint64_t c = in.count(limits.max_side, picture ? "a channel count of" : "a width of");
  if (a == 0 || b == 0 || c == 0 || (picture && c != 3)) in.corrupt("an impossible shape");
  if ((picture ? a * b : b * c) > limits.max_pixels) {
    throw Error(ErrorCode::limit_exceeded,
                "the picture has more than " + std::to_string(limits.max_pixels) + " pixels, the limit in force");
  }
  // Every sample of a latent counts as a pixel.
  require_expansion(picture ? a * b : a * b * c, file_bytes, limits);
  if (!picture) return {Kind::planes, DType::f32, Shape{a, b, c}, {}};
  return {Kind::image, DType::u8, Shape{a, b, c}, {}};
}

bool known_flags(std::uint8_t flags) {
  const bool lossless_only = flags == layout::flag_lossless;
  return !lossless_only && flags <= layout::flag_digest;
}

Digest read_digest(ByteReader& in) {
  Digest out;
  std::ranges::copy(in.take(out.size()), out.begin());
  return out;
}

}  // namespace

std::vector<std::uint8_t> write_container(const StoredFile& file) {
  ByteWriter out;
  for (const std::byte b : layout::magic) out.u8(std::to_integer<std::uint8_t>(b));
  out.u8(layout::version);
  out.u8(flags_of(file));
  write_source(out, file.source);
  write_stream(out, file.base);
  if (file.base_digest) out.raw(*file.base_digest);
  if (file.residual) {
    out.raw(file.source_digest);
    write_stream(out, *file.residual);
  }
  return sealed(out);
}

StoredFile parse_container(std::span<const std::byte> bytes, const Limits& limits) {
  check_frame(bytes, limits);
  ByteReader in(bytes.first(bytes.size() - layout::crc_bytes), "file");
  StoredFile out;
  (void)in.take(layout::magic.size() + 1);
  const std::uint8_t flags = in.u8();
  if (!known_flags(flags)) in.corrupt("unknown flags");
  out.source = read_source(in, limits, bytes.size());
  out.base = read_stream(in, limits);
  if (flags != 0 && out.source.kind != Kind::image) in.corrupt("a latent with what belongs to pictures");
  if (flags != 0) out.base_digest = read_digest(in);
  if ((flags & layout::flag_residual) != 0) {
    out.source_digest = read_digest(in);
    out.residual = read_stream(in, limits);
    out.lossless = (flags & layout::flag_lossless) != 0;
  }
  in.expect_end();
  return out;
}

}  // namespace vaerans
