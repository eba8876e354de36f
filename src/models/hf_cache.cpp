#include "models/hf_cache.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <system_error>

#include "base/files/environment.hpp"
#include "base/files/small_file.hpp"
#include "models/model.hpp"

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_ref_bytes = 1024;

bool is_part(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 96 && text.front() != '.' && text.front() != '-' &&
         text.find("..") == std::string_view::npos && text.find("--") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
                  c == '.';
         });
}

/// A commit's hash: what is in refs/main must not lead out of the folder.
bool is_commit(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string main_commit(const fs::path& repository) {
  std::istringstream in(read_small_file(repository / "refs" / "main", max_ref_bytes).bytes);
  std::string text;
  in >> text;
  return is_commit(text) ? text : std::string();
}

std::set<std::string> commits_in(const fs::path& repository) {
  std::set<std::string> commits;
  std::error_code error;
  for (fs::directory_iterator it(repository / "snapshots", error), end; !error && it != end; it.increment(error)) {
    commits.insert(it->path().filename().string());
  }
  return commits;
}

/// Empty if there are none or several: then nobody said which.
std::string only_commit(const fs::path& repository) {
  const std::set<std::string> commits = commits_in(repository);
  return commits.size() == 1 && is_commit(*commits.begin()) ? *commits.begin() : std::string();
}

Snapshot snapshot_in(const fs::path& folder, std::string repository) {
  std::error_code error;
  for (const std::string& commit : {main_commit(folder), only_commit(folder)}) {
    const fs::path snapshot = folder / "snapshots" / commit;
    if (!commit.empty() && fs::is_directory(snapshot, error)) return {std::move(repository), commit, snapshot};
  }
  return {std::move(repository), {}, {}};
}

/// Sorted: the answer must not depend on the file system.
template <typename Accept>
std::set<std::string> repositories(Accept accept) {
  std::set<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(hub_folder(), error), end; !error && it != end; it.increment(error)) {
    const std::string entry = it->path().filename().string();
    const std::size_t split = entry.rfind("--");
    if (!entry.starts_with("models--") || split < 8) continue;
    const std::string repository = entry.substr(8, split - 8) + "/" + entry.substr(split + 2);
    if (accept(repository)) out.insert(repository);
  }
  return out;
}

/// Empty without a home.
fs::path repository_folder(std::string_view repository) {
  const fs::path hub = hub_folder();
  if (hub.empty() || !is_repository_id(repository)) return {};
  const std::size_t slash = repository.find('/');
  return hub /
         ("models--" + std::string(repository.substr(0, slash)) + "--" + std::string(repository.substr(slash + 1)));
}

}  // namespace

fs::path hub_folder() {
  std::string hub = environment_variable("HF_HUB_CACHE");
  if (!hub.empty()) return hub;
  if (const std::string home = environment_variable("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
  if (const std::string cache = environment_variable("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "huggingface/hub";
  const std::string home = environment_variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".cache/huggingface/hub";
}

bool is_repository_id(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_part(text.substr(0, slash)) && is_part(text.substr(slash + 1));
}

Snapshot find_snapshot(std::string_view repository) {
  const fs::path folder = repository_folder(repository);
  return folder.empty() ? Snapshot{} : snapshot_in(folder, std::string(repository));
}

Snapshot find_snapshot_by_name(std::string_view name) {
  if (!is_part(name)) return {};
  const std::string end = "/" + std::string(name);
  for (const std::string& repository : repositories([&](const std::string& id) { return id.ends_with(end); })) {
    Snapshot found = find_snapshot(repository);
    if (!found.folder.empty() && has_model_files(found.folder)) return found;
  }
  return {};
}

std::vector<Snapshot> snapshots_of_name(std::string_view name) {
  std::vector<Snapshot> out;
  if (!is_part(name)) return out;
  for (const std::string& repository : repositories([&](const std::string& id) { return model_name_of(id) == name; })) {
    const fs::path folder = repository_folder(repository);
    for (const std::string& commit : commits_in(folder)) {
      if (is_commit(commit)) out.push_back({repository, commit, folder / "snapshots" / commit});
    }
  }
  return out;
}

}  // namespace vaerans::models
