#include "onnx/graph_cache.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <span>
#include <string_view>
#include <system_error>

#include "onnx/hash.hpp"

namespace vaerans::onnx {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "VRSGRAF1", suffix = ".onnx", draft_prefix = ".draft-";
constexpr std::size_t trailer_bytes = 8 + 4 + magic.size();
constexpr auto draft_lifetime = std::chrono::hours(1);  // of drafts that a process left behind when it was killed

using Trailer = std::array<std::byte, trailer_bytes>;

std::uint32_t crc32_of(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Trailer trailer_of(std::span<const std::byte> graph) {
  Trailer out{};
  const std::uint64_t size = graph.size();
  const std::uint32_t crc = crc32_of(graph);
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::byte>(size >> (8 * i));
  for (std::size_t i = 0; i < 4; ++i) out[8 + i] = static_cast<std::byte>(crc >> (8 * i));
  std::memcpy(out.data() + 12, magic.data(), magic.size());
  return out;
}

std::vector<std::byte> read_all(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!in || error || size > 2 * graph_cache_file_bytes) return {};
  std::vector<std::byte> bytes(size);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  return in ? std::move(bytes) : std::vector<std::byte>();
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

bool append(const fs::path& file, const Trailer& trailer) {
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out.write(reinterpret_cast<const char*>(trailer.data()), static_cast<std::streamsize>(trailer.size()));
  out.close();
  return out.good();
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
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
  const std::string own = variable("VAERANS_GRAPH_CACHE");
  if (own == "off") return {};
  if (!own.empty()) return own;
  if (const std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) return fs::path(cache) / "vaerans/graphs";
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache/vaerans/graphs";
}

CachedGraph::CachedGraph(const fs::path& folder, const std::string& key) {
  if (!folder.empty()) file_ = folder / (text_sha256(key) + std::string(suffix));
}

CachedGraph::~CachedGraph() {
  std::error_code ignored;
  if (!draft_.empty()) fs::remove(draft_, ignored);
}

std::vector<std::byte> CachedGraph::read() const noexcept {
  return guarded(std::vector<std::byte>(), [&] {
    std::vector<std::byte> bytes = file_.empty() ? std::vector<std::byte>() : read_all(file_);
    if (bytes.size() <= trailer_bytes) return std::vector<std::byte>();
    const Trailer wanted = trailer_of(std::span(bytes).first(bytes.size() - trailer_bytes));
    if (!std::ranges::equal(std::span(bytes).last(trailer_bytes), wanted)) return std::vector<std::byte>();
    bytes.resize(bytes.size() - trailer_bytes);
    std::error_code ignored;
    fs::last_write_time(file_, fs::file_time_type::clock::now(), ignored);
    return bytes;
  });
}

std::string CachedGraph::draft() noexcept {
  return guarded(std::string(), [&] {
    if (file_.empty()) return std::string();
    std::error_code error;
    fs::create_directories(file_.parent_path(), error);
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
    const std::vector<std::byte> graph = read_all(draft_);
    if (graph.empty() || !append(draft_, trailer_of(graph))) return false;
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
