// Parts of a payload: the varint of each one's bytes, then the parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace vaerans {

inline void write_parts(std::span<const ByteBuffer> parts, ByteWriter& out) {
  for (const auto& part : parts) out.varint(part.size());
  for (const auto& part : parts) out.raw(part);
}

/// As many parts as `count`, which the caller has bounded.
[[nodiscard]] inline std::vector<std::span<const std::byte>> take_parts(ByteReader& in, std::size_t count) {
  std::vector<std::uint64_t> sizes(count);
  for (auto& size : sizes) size = in.varint();
  std::vector<std::span<const std::byte>> out;
  out.reserve(count);
  for (const std::uint64_t size : sizes) out.push_back(in.take(size));
  return out;
}

/// Parts with which the payload ends.
[[nodiscard]] inline std::vector<std::span<const std::byte>> read_parts(ByteReader& in, std::size_t count) {
  auto out = take_parts(in, count);
  in.expect_end();
  return out;
}

/// Parts behind the varint of how many they are, and back.
[[nodiscard]] inline ByteBuffer write_counted_parts(std::span<const ByteBuffer> parts) {
  ByteWriter out;
  out.varint(parts.size());
  write_parts(parts, out);
  return out.take();
}
[[nodiscard]] inline std::vector<std::span<const std::byte>> read_counted_parts(ByteReader& in) {
  const std::uint64_t count = in.varint();
  if (count > in.at() + in.left()) in.corrupt("fewer bytes than parts");
  return read_parts(in, count);
}

/// The parts of a payload that is nothing but tiles. Throws Error(corrupt_stream).
[[nodiscard]] inline std::vector<std::span<const std::byte>> read_directory(std::span<const std::byte> payload,
                                                                            std::size_t tiles) {
  ByteReader in(payload, "ans payload (mixing)");
  if (tiles > payload.size()) in.corrupt("fewer bytes than tiles");
  return read_parts(in, tiles);
}

}  // namespace vaerans
