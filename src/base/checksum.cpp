#include "base/checksum.hpp"

#include <libdeflate.h>
#include <openssl/sha.h>

#include <algorithm>

namespace vaerans {

std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t before) {
  // For no bytes at no address it would give the checksum of nothing, whatever came before.
  return bytes.empty() ? before : ::libdeflate_crc32(before, bytes.data(), bytes.size());
}

Digest digest_of(std::span<const std::byte> bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> full{};
  ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), full.data());
  Digest out;
  std::transform(full.begin(), full.begin() + out.size(), out.begin(), [](unsigned char c) { return std::byte{c}; });
  return out;
}

std::string hex(std::span<const std::byte> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte b : bytes) {
    out += digits[std::to_integer<unsigned>(b) >> 4];
    out += digits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

}  // namespace vaerans
