#include "base/hash.hpp"

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <map>
#include <mutex>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "base/checksum.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

namespace fs = std::filesystem;

std::string compute(std::istream& in, const std::string& name) {
  Sha256 hash;
  std::vector<char> block(1U << 20);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.add(std::as_bytes(std::span(block)).first(static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad() || !in.eof()) throw Error(ErrorCode::io, name + ": reading failed");
  return hex(hash.end());
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
  for (const std::string_view text : texts) hash.add(std::as_bytes(std::span(text)));
  return hex(hash.end());
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
