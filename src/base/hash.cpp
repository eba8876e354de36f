#include "base/hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

namespace fs = std::filesystem;

std::string hex(std::span<const unsigned char> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

/// SHA-256 of what is added to it.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    check(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }
  [[nodiscard]] std::string end() {
    std::array<unsigned char, 32> digest{};
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return hex(digest);
  }

 private:
  static void check(bool good) {
    if (!good) throw Error(ErrorCode::internal, "SHA-256 is not available in this build of OpenSSL");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string compute(std::istream& in, const std::string& name) {
  Sha256 hash;
  std::vector<char> block(1U << 20);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.add({block.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad() || !in.eof()) throw Error(ErrorCode::io, name + ": reading failed");
  return hash.end();
}

std::string compute(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  // Before it is opened: a pipe would wait for its writer, a device may have no end.
  if (!error && !fs::is_regular_file(status))
    throw Error(ErrorCode::io, file.string() + ": not a regular file, so it cannot be hashed and then read");
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, file.string() + ": cannot be read: " + std::generic_category().message(errno));
  return compute(in, file.string());
}

}  // namespace

std::string text_sha256(std::string_view text) { return texts_sha256({&text, 1}); }

std::string texts_sha256(std::span<const std::string_view> texts) {
  Sha256 hash;
  for (const std::string_view text : texts) hash.add(text);
  return hash.end();
}

std::string file_stamp(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) return "-";
  const auto time = fs::last_write_time(file, error);
  if (error) return "-";
  return std::to_string(size) + "@" + std::to_string(time.time_since_epoch().count());
}

std::string file_sha256(const fs::path& file) {
  static std::mutex mutex;
  static auto& known = *new std::map<std::pair<std::string, std::string>, std::string>;
  const std::pair<std::string, std::string> key{file.string(), file_stamp(file)};
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = known.find(key); found != known.end()) return found->second;
  }
  std::string digest = compute(file);  // without the lock: large files take a while
  const std::scoped_lock lock(mutex);
  return known.emplace(key, std::move(digest)).first->second;
}

}  // namespace vaerans
