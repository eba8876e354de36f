// Chunks of PNG, written.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/checksum.hpp"
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
  put_png_number(out, crc32_of(std::as_bytes(std::span(out).subspan(begin))));
}

}  // namespace vaerans::image_io
