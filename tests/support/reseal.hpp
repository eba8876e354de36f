// Right checksums on altered bytes, so that what lies behind them is reached.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/chunks.hpp"

namespace vaerans::test {

/// Seals every chunk that is found; bytes that are no frame stay as they are.
inline void reseal(std::vector<std::uint8_t>& file) {
  try {
    const auto bytes = std::as_bytes(std::span(file));
    const Frame frame = scan_frame(bytes, {});
    for (const Chunk& chunk : frame.chunks) {
      if (chunk.bytes < layout::crc_bytes || chunk.fault.starts_with("the file is cut")) continue;
      const std::size_t end = chunk.offset + chunk.bytes - layout::crc_bytes;
      const std::uint32_t crc = part_checksum(frame.header.bytes, bytes.subspan(chunk.offset, end - chunk.offset));
      for (std::size_t i = 0; i < layout::crc_bytes; ++i) file[end + i] = static_cast<std::uint8_t>(crc >> (8 * i));
    }
  } catch (const Error&) {
  }
}

}  // namespace vaerans::test
