// docs/format.md#files-from-before-10 has the layout.
#include "format/draft.hpp"

#include <algorithm>
#include <array>

namespace vaerans {
namespace {

constexpr std::array<std::byte, 4> kMagic{std::byte{0x96}, std::byte{'V'}, std::byte{'R'}, std::byte{'S'}};
constexpr std::uint8_t kVersion = 1, kResidual = 1, kLossless = 2, kDigest = 4;
constexpr std::size_t kLeastBytes = kMagic.size() + 2 + layout::crc_bytes;

void check(std::span<const std::byte> file, const Limits& limits) {
  const auto fail = [](ErrorCode code, const std::string& what) {
    throw Error(code, "a .vrs file from before format 1.0: " + what);
  };
  if (file.size() > limits.max_file_bytes) fail(ErrorCode::limit_exceeded, "its size is over the limit");
  if (file.size() < kLeastBytes) fail(ErrorCode::corrupt_stream, "it is cut short");
  if (std::to_integer<unsigned>(file[kMagic.size()]) != kVersion) {
    fail(ErrorCode::unsupported_version, "only its last layout is read");
  }
  const auto body = file.first(file.size() - layout::crc_bytes);
  if (ByteReader(file.last(layout::crc_bytes), "checksum").u32() != crc32_of(body)) {
    fail(ErrorCode::corrupt_stream, "the checksum does not match: the file is damaged or cut short");
  }
}

Spec read_source(ByteReader& in, const Limits& limits, std::uint64_t file_bytes) {
  const std::uint8_t kind = in.u8();
  if (kind > 1) in.corrupt("unknown kind of source");
  Header header;
  header.source = kind == 1 ? layout::source_latent : std::uint8_t{0};
  for (std::uint64_t& extent : header.extents) extent = in.varint();
  if (kind == 0 && header.extents[2] != 3) in.corrupt("an impossible shape");
  return source_of(header, limits, file_bytes);
}

StoredStream read_sized_stream(ByteReader& in, const Limits& limits) {
  StoredStream out;
  out.steps = read_steps(in, limits);
  const std::uint64_t payload = in.count(limits.max_file_bytes, "a payload of");
  if (payload == 0) in.corrupt("a stream without a payload");
  out.payload = in.take(payload);
  return out;
}

}  // namespace

bool is_draft(std::span<const std::byte> file) {
  return file.size() >= kMagic.size() && std::ranges::equal(kMagic, file.first(kMagic.size()));
}

StoredFile parse_draft(std::span<const std::byte> file, const Limits& limits) {
  check(file, limits);
  ByteReader in(file.first(file.size() - layout::crc_bytes), "file");
  (void)in.take(kMagic.size() + 1);
  const std::uint8_t flags = in.u8();
  if (flags == kLossless || flags > kDigest) in.corrupt("unknown flags");
  StoredFile out;
  out.draft = true;
  out.source = read_source(in, limits, file.size());
  out.base = read_sized_stream(in, limits);
  if (flags != 0 && out.source.kind != Kind::image) in.corrupt("a latent with what belongs to pictures");
  if (flags != 0) out.base_digest = read_digest(in);
  if ((flags & kResidual) != 0) {
    out.source_digest = read_digest(in);
    out.residual = read_sized_stream(in, limits);
    out.lossless = (flags & kLossless) != 0;
  }
  in.expect_end();
  return out;
}

}  // namespace vaerans
