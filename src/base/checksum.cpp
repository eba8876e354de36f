#include "base/checksum.hpp"

#include <libdeflate.h>
#include <openssl/evp.h>

#include <algorithm>

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

void require_hash(bool good) {
  if (!good) throw Error(ErrorCode::internal, "SHA-256 is not available in this build of OpenSSL");
}

}  // namespace

std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t before) {
  // For no bytes at no address it would give the checksum of nothing, whatever came before.
  return bytes.empty() ? before : ::libdeflate_crc32(before, bytes.data(), bytes.size());
}

Digest digest_of(std::span<const std::byte> bytes) {
  Sha256 hash;
  hash.add(bytes);
  return digest_of(hash);
}

Digest digest_of(Sha256& hash) {
  const auto full = hash.end();
  Digest out;
  std::copy_n(full.begin(), out.size(), out.begin());
  return out;
}

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
  require_hash(context_ && ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr) == 1);
}

void Sha256::add(std::span<const std::byte> bytes) {
  require_hash(::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::array<std::byte, 32> Sha256::end() {
  std::array<std::byte, 32> out{};
  require_hash(::EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1);
  return out;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { ::EVP_MD_CTX_free(context); }

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
