// The folders that models lie in.
#include <algorithm>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "base/files/environment.hpp"
#include "models/installed.hpp"
#include "models/model.hpp"

#ifndef VAERANS_DEFAULT_MODEL_DIRS
#define VAERANS_DEFAULT_MODEL_DIRS ""
#endif

namespace vaerans {
namespace models {
namespace {

namespace fs = std::filesystem;

/// What packages added.
struct Added {
  std::mutex mutex;
  std::vector<std::string> folders;
};

Added& added() {
  static auto& instance = *new Added;
  return instance;
}

void split(std::vector<std::string>& out, const std::string& list, char separator) {
  std::istringstream in(list);
  for (std::string item; std::getline(in, item, separator);) {
    if (!item.empty() && std::find(out.begin(), out.end(), item) == out.end()) out.push_back(item);
  }
}

}  // namespace

fs::path user_model_folder() {
  if (const std::string data = environment_variable("XDG_DATA_HOME"); !data.empty())
    return fs::path(data) / "vaerans/models";
  const std::string home = environment_variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".local/share/vaerans/models";
}

}  // namespace models

void add_model_path(std::string_view folder) {
  const std::scoped_lock lock(models::added().mutex);
  auto& folders = models::added().folders;
  if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.emplace_back(folder);
}

bool add_tree_models(std::string_view header) noexcept try {
  for (const std::string& folder : models::model_folders_beside(header)) {
    std::error_code ignored;
    if (!models::fs::is_directory(folder, ignored)) continue;
    add_model_path(folder);
    return true;
  }
  return false;
} catch (...) {  // no memory: models are then looked for elsewhere
  return false;
}

std::vector<std::string> model_paths() {
  std::vector<std::string> paths;
  models::split(paths, environment_variable("VAERANS_MODEL_PATH"), ':');
  if (const auto user = models::user_model_folder(); !user.empty()) paths.push_back(user.string());
  {
    const std::scoped_lock lock(models::added().mutex);
    for (const std::string& folder : models::added().folders) models::split(paths, folder, '\0');
  }
  for (const std::string& folder : models::installed_model_folders()) models::split(paths, folder, '\0');
  models::split(paths, VAERANS_DEFAULT_MODEL_DIRS, ';');
  return paths;
}

}  // namespace vaerans
