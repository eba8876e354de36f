#include "base/packing/deflate.hpp"

#include <libdeflate.h>

#include <memory>
#include <new>

namespace vaerans {
namespace {

using Compressor = std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)>;
using Decompressor = std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)>;

}  // namespace

std::vector<std::uint8_t> deflated(std::span<const std::uint8_t> data, DeflateLevel level) {
  const Compressor compressor(::libdeflate_alloc_compressor(static_cast<int>(level)), &libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::vector<std::uint8_t> out(::libdeflate_zlib_compress_bound(compressor.get(), data.size()));
  out.resize(::libdeflate_zlib_compress(compressor.get(), data.data(), data.size(), out.data(), out.size()));
  return out;
}

bool inflate(std::span<const std::uint8_t> packed, std::span<std::uint8_t> out) {
  const Decompressor decompressor(::libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!decompressor) throw std::bad_alloc();
  std::size_t read = 0;
  const auto result = ::libdeflate_zlib_decompress_ex(decompressor.get(), packed.data(), packed.size(), out.data(),
                                                      out.size(), &read, nullptr);
  return result == LIBDEFLATE_SUCCESS && read == packed.size();
}

}  // namespace vaerans
