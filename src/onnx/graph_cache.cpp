#include "onnx/graph_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/files/environment.hpp"
#include "base/files/file_descriptor.hpp"
#include "base/hash.hpp"

namespace vaerans::onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".onnx", draft_prefix = ".draft-";
constexpr auto draft_lifetime = std::chrono::hours(1);  // then a draft was left behind by a process that was killed

// The field doc_string of an ONNX model: field 6 (tag 0x32, which is '2') of 88 bytes (0x58, 'X'), which hold
// "VRSGRAF2" and, in hex, the size of all bytes before the field and the SHA-256 of the key and these bytes. Where a
// field of a protobuf message stands twice, the last one counts.
constexpr std::string_view mark = "2XVRSGRAF2";
constexpr std::size_t trailer_bytes = mark.size() + 16 + 64;

/// A graph decides what a picture decodes to: only this user (or root) may have written it.
bool is_ours(const struct stat& info) {
  return (info.st_uid == ::geteuid() || info.st_uid == 0) && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool is_our_folder(const fs::path& folder) {
  struct stat info{};
  return ::stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && is_ours(info);
}

/// Creates what is missing of the folder, for this user alone.
bool make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error)) return is_our_folder(folder);
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  return (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) && is_our_folder(folder);
}

/// A file's bytes as long as this object lives; empty where it cannot be read, or others may write to it.
class Mapping {
 public:
  explicit Mapping(const fs::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    struct stat info{};
    if (!descriptor.is_open() || ::fstat(descriptor.get(), &info) != 0) return;
    if (!S_ISREG(info.st_mode) || !is_ours(info) || info.st_size <= 0) return;
    const auto size = static_cast<std::size_t>(info.st_size);
    void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
    if (data != MAP_FAILED) bytes_ = {static_cast<const char*>(data), size};
  }
  ~Mapping() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

std::string hex(std::uint64_t value, unsigned digits) {
  std::string out(digits, '0');
  for (; digits-- > 0; value >>= 4) out[digits] = "0123456789abcdef"[value & 15];
  return out;
}

std::string trailer_of(std::string_view key, std::string_view graph) {
  const std::array texts{key, graph};
  return std::string(mark) + hex(graph.size(), 16) + texts_sha256(texts);
}

/// Whether it is all of the graph that was kept under this key.
bool is_whole(const fs::path& file, std::string_view key) {
  const Mapping mapping(file);
  const std::string_view bytes = mapping.bytes();
  if (bytes.size() <= trailer_bytes) return false;
  const std::string_view graph = bytes.substr(0, bytes.size() - trailer_bytes);
  return bytes.substr(graph.size()) == trailer_of(key, graph);
}

struct Kept {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t bytes = 0;
};

std::vector<Kept> kept_files(const fs::path& folder) {
  std::vector<Kept> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code gone;  // another process may remove it meanwhile
    Kept file{it->path(), it->last_write_time(gone), it->file_size(gone)};
    if (!gone) files.push_back(std::move(file));
  }
  return files;
}

/// Removes what was not used for longest until the rest fits, and drafts that nobody finished.
void tidy(const fs::path& folder) {
  std::vector<Kept> files = kept_files(folder);
  std::ranges::sort(files, std::greater(), &Kept::used);
  std::uint64_t total = 0;
  std::error_code ignored;
  for (const Kept& file : files) {
    const bool draft = file.path.filename().string().starts_with(draft_prefix);
    const bool old_draft = draft && fs::file_time_type::clock::now() - file.used > draft_lifetime;
    if (!draft) total += file.bytes;
    if (old_draft || (!draft && total > graph_cache_bytes)) fs::remove(file.path, ignored);
  }
}

/// Puts the trailer behind a graph that ONNX Runtime has written.
bool seal(const fs::path& file, std::string_view key) {
  const std::string trailer = trailer_of(key, Mapping(file).bytes());
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out << trailer;
  out.close();
  return out.good();
}

/// Runs `work`; what it throws (no memory, a file name that no encoding knows) counts as `otherwise`.
template <typename Result, typename Work>
Result guarded(Result otherwise, Work work) noexcept {
  try {
    return work();
  } catch (...) {
    return otherwise;
  }
}

}  // namespace

fs::path graph_cache_folder() {
  if (const fs::path own = environment_variable("VAERANS_GRAPH_CACHE"); !own.empty())
    return own == "off" ? fs::path() : own;
  if (const std::string cache = environment_variable("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "vaerans/graphs";
  const std::string home = environment_variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache/vaerans/graphs";
}

CachedGraph::CachedGraph(const fs::path& folder, const std::string& key) : key_(key) {
  if (!folder.empty()) file_ = folder / (text_sha256(key) + std::string(suffix));
}

CachedGraph::~CachedGraph() {
  std::error_code ignored;
  if (!draft_.empty()) fs::remove(draft_, ignored);
}

std::string CachedGraph::find() const noexcept {
  return guarded(std::string(), [&] {
    if (file_.empty() || !is_our_folder(file_.parent_path()) || !is_whole(file_, key_)) return std::string();
    std::error_code ignored;
    fs::last_write_time(file_, fs::file_time_type::clock::now(), ignored);
    return file_.string();
  });
}

std::string CachedGraph::draft() noexcept {
  return guarded(std::string(), [&] {
    if (file_.empty() || !make_folder(file_.parent_path())) return std::string();
    std::string name = (file_.parent_path() / (std::string(draft_prefix) + "XXXXXX")).string();
    const int descriptor = mkstemp(name.data());
    if (descriptor < 0) return std::string();
    ::close(descriptor);
    draft_ = name;
    return name;
  });
}

void CachedGraph::keep() noexcept {
  guarded(false, [&] {
    if (!seal(draft_, key_)) return false;
    std::error_code error;
    fs::rename(draft_, file_, error);
    if (error) return false;
    draft_.clear();
    tidy(file_.parent_path());
    return true;
  });
}

void CachedGraph::drop() const noexcept {
  std::error_code ignored;
  fs::remove(file_, ignored);
}

}  // namespace vaerans::onnx
