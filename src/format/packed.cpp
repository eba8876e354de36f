#include "format/packed.hpp"

#include <zlib.h>

#include <string>

namespace vaerans {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::uint8_t kStored = 0, kDeflated = 1;

Data deflated(std::span<const std::uint8_t> data) {
  uLongf size = ::compressBound(static_cast<uLong>(data.size()));
  Data out(size);
  if (::compress2(out.data(), &size, data.data(), static_cast<uLong>(data.size()), Z_BEST_COMPRESSION) != Z_OK) {
    throw Error(ErrorCode::internal, "deflate failed");
  }
  out.resize(size);
  return out;
}

// The whole rest of the content, which must be one zlib stream of exactly `size` bytes.
Data inflated(ByteReader& in, std::uint64_t size) {
  const auto packed = in.take(in.left());
  Data out(size + 1);  // one more, so that a longer stream is told
  uLongf written = out.size();
  uLong read = packed.size();
  const int result = ::uncompress2(out.data(), &written, reinterpret_cast<const Bytef*>(packed.data()), &read);
  if (result != Z_OK || written != size || read != packed.size()) in.corrupt("deflated data that do not fit");
  out.resize(size);
  return out;
}

}  // namespace

ByteBuffer pack(std::span<const std::uint8_t> data) {
  ByteWriter stored, out;
  stored.u8(kStored);
  stored.raw(std::as_bytes(data));
  const auto packed = deflated(data);
  out.u8(kDeflated);
  out.varint(data.size());
  out.raw(std::as_bytes(std::span(packed)));
  return out.bytes().size() < stored.bytes().size() ? out.take() : stored.take();
}

std::optional<Data> unpack(std::span<const std::byte> content, std::string_view part) {
  ByteReader in(content, part);
  const std::uint8_t method = in.u8();
  if (method > kDeflated) return std::nullopt;
  if (method == kDeflated) {
    const std::uint64_t size = in.count(max_unpacked, "data of");
    return inflated(in, size);
  }
  const auto raw = in.take(in.left());
  const auto* first = reinterpret_cast<const std::uint8_t*>(raw.data());
  return Data(first, first + raw.size());
}

}  // namespace vaerans
