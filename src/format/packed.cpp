#include "format/packed.hpp"

#include <string>

#include "base/packing/deflate.hpp"

namespace vaerans {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::uint8_t kStored = 0, kDeflated = 1;

// A byte of deflate holds no more: two bits for each 258 bytes that repeat.
constexpr std::uint64_t kMostOfAByte = 1032;

// What comes before the data.
struct Head {
  bool deflated;
  std::uint64_t size;
};

std::optional<Head> read_head(ByteReader& in) {
  const std::uint8_t method = in.u8();
  if (method > kDeflated) return std::nullopt;
  if (method == kStored) {
    if (in.left() > max_unpacked) in.corrupt("more data than " + std::to_string(max_unpacked) + " bytes");
    return Head{false, in.left()};
  }
  const std::uint64_t size = in.count(max_unpacked, "data of");
  if (size / kMostOfAByte > in.left()) in.corrupt("deflated data that do not fit");
  return Head{true, size};
}

// The whole rest of the content, which must be one zlib stream of exactly `size` bytes.
Data inflated(ByteReader& in, std::uint64_t size) {
  const auto rest = in.take(in.left());
  Data out(size);
  if (!inflate({reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()}, out))
    in.corrupt("deflated data that do not fit");
  return out;
}

}  // namespace

ByteBuffer pack(std::span<const std::uint8_t> data) {
  ByteWriter stored, out;
  stored.u8(kStored);
  stored.raw(std::as_bytes(data));
  const auto packed = deflated(data, DeflateLevel::smallest);
  out.u8(kDeflated);
  out.varint(data.size());
  out.raw(std::as_bytes(std::span(packed)));
  return out.bytes().size() < stored.bytes().size() ? out.take() : stored.take();
}

std::optional<std::uint64_t> unpacked_bytes(std::span<const std::byte> content, std::string_view part) {
  ByteReader in(content, part);
  const auto head = read_head(in);
  return head ? std::optional(head->size) : std::nullopt;
}

std::optional<Data> unpack(std::span<const std::byte> content, std::string_view part) {
  ByteReader in(content, part);
  const auto head = read_head(in);
  if (!head) return std::nullopt;
  if (head->deflated) return inflated(in, head->size);
  const auto raw = in.take(head->size);
  const auto* first = reinterpret_cast<const std::uint8_t*>(raw.data());
  return Data(first, first + raw.size());
}

}  // namespace vaerans
