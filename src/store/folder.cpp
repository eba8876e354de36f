#include "store/folder.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "store/shard/file.hpp"
#include "store/shard/shard_writer.hpp"

namespace vaerans::store {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_ending(const std::string& folder, const std::string& ending) {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().filename().string().ends_with(ending)) out.push_back(entry.path().string());
  }
  if (failed) throw Error(ErrorCode::io, folder + ": cannot be listed: " + failed.message());
  std::ranges::sort(out);
  return out;
}

}  // namespace

std::vector<std::string> shard_files(const std::string& path) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (fs::is_regular_file(status)) return {path};
  if (fs::is_directory(status)) return files_ending(path, ".vls");
  throw Error(ErrorCode::io, path + ": there is no such store");
}

std::vector<std::string> part_files(const std::string& folder, const std::string& rank) {
  return files_ending(folder, "-" + rank + ".vls" + kPart);
}

std::string shard_path(const std::string& folder, std::uint64_t sequence, const std::string& rank) {
  const bool plain = std::ranges::all_of(rank, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (rank.empty() || rank.size() > 64 || !plain)
    throw Error(ErrorCode::bad_parameter, "rank '" + rank + "': letters, digits and _ only, up to 64 of them");
  std::array<char, 32> number{};
  (void)std::snprintf(number.data(), number.size(), "%06llu", static_cast<unsigned long long>(sequence));
  return (fs::path(folder) / (std::string(number.data()) + "-" + rank + ".vls")).string();
}

std::uint64_t sequence_of(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  std::uint64_t sequence = 1;
  (void)std::from_chars(name.data(), name.data() + name.size(), sequence);
  return sequence;
}

}  // namespace vaerans::store
