// CRC-32 against accidents, and the first 8 bytes of SHA-256 to tell one picture from another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;  // OpenSSL's

namespace vaerans {

using Digest = std::array<std::byte, 8>;

/// zlib's (ISO 3309); of `before`'s bytes and then these where `before` is the checksum of others.
[[nodiscard]] std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t before = 0);
[[nodiscard]] Digest digest_of(std::span<const std::byte> bytes);

/// SHA-256 of bytes that come piece by piece. Throws Error(internal) where OpenSSL has none.
class Sha256 {
 public:
  Sha256();
  void add(std::span<const std::byte> bytes);
  /// Once, after the last piece.
  [[nodiscard]] std::array<std::byte, 32> end();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};
/// That of all pieces; ends the hash.
[[nodiscard]] Digest digest_of(Sha256& hash);

[[nodiscard]] std::string hex(std::span<const std::byte> bytes);

}  // namespace vaerans
