#include "format/packed.hpp"

#include <libdeflate.h>

#include <memory>
#include <new>
#include <string>

namespace vaerans {
namespace {

using Data = std::vector<std::uint8_t>;

constexpr std::uint8_t kStored = 0, kDeflated = 1;

using Compressor = std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)>;
using Decompressor = std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>;

Data deflated(std::span<const std::uint8_t> data) {
  constexpr int smallest = 12;
  const Compressor compressor(::libdeflate_alloc_compressor(smallest), &libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  Data out(::libdeflate_zlib_compress_bound(compressor.get(), data.size()));
  out.resize(::libdeflate_zlib_compress(compressor.get(), data.data(), data.size(), out.data(), out.size()));
  return out;
}

// The whole rest of the content, which must be one zlib stream of exactly `size` bytes.
Data inflated(ByteReader& in, std::uint64_t size) {
  const auto packed = in.take(in.left());
  const Decompressor decompressor(::libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  Data out(size);
  std::size_t read = 0;
  const auto result = ::libdeflate_zlib_decompress_ex(decompressor.get(), packed.data(), packed.size(), out.data(),
                                                      out.size(), &read, nullptr);
  if (result != LIBDEFLATE_SUCCESS || read != packed.size()) in.corrupt("deflated data that do not fit");
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
