// Chunks of PNG, written.
#pragma once

#include <libdeflate.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "vaerans/file.hpp"

namespace vaerans::image_io {

inline void put_png_number(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

inline void put_png_chunk(Bytes& out, std::string_view type, std::span<const std::uint8_t> data) {
  put_png_number(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = out.size();
  out.insert(out.end(), type.begin(), type.end());
  out.insert(out.end(), data.begin(), data.end());
  put_png_number(out, ::libdeflate_crc32(0, out.data() + begin, out.size() - begin));
}

/// The data under deflate, as PNG's chunks hold them; empty where there is no memory for that.
[[nodiscard]] inline Bytes deflated(std::span<const std::uint8_t> data) {
  constexpr int thorough = 9;
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      ::libdeflate_alloc_compressor(thorough), &libdeflate_free_compressor);
  if (!compressor) return {};
  Bytes out(::libdeflate_zlib_compress_bound(compressor.get(), data.size()));
  out.resize(::libdeflate_zlib_compress(compressor.get(), data.data(), data.size(), out.data(), out.size()));
  return out;
}

}  // namespace vaerans::image_io
