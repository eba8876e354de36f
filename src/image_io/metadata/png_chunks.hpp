// Chunks of PNG, written.
#pragma once

#include <zlib.h>

#include <cstdint>
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
  put_png_number(out, static_cast<std::uint32_t>(::crc32_z(0, out.data() + begin, out.size() - begin)));
}

/// The data under deflate, as PNG's chunks hold them.
[[nodiscard]] inline Bytes deflated(std::span<const std::uint8_t> data) {
  uLongf size = ::compressBound(static_cast<uLong>(data.size()));
  Bytes out(size);
  const bool done =
      ::compress2(out.data(), &size, data.data(), static_cast<uLong>(data.size()), Z_BEST_COMPRESSION) == Z_OK;
  out.resize(done ? size : 0);
  return out;
}

}  // namespace vaerans::image_io
