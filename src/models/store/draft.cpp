#include "models/store/draft.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "models/model.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void io(const std::string& what, const std::error_code& error) {
  throw Error(ErrorCode::io, what + ": " + error.message());
}

}  // namespace

Draft::Draft(const fs::path& root) {
  std::error_code error;
  fs::create_directories(root, error);
  if (error) io("cannot make " + root.string(), error);
  std::string name = (root / ".adding-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) io("cannot write to " + root.string(), {errno, std::generic_category()});
  path_ = name;
  fs::permissions(path_, fs::perms(0755), error);  // others on this machine may use it, as any other file
}

Draft::~Draft() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void Draft::become(const fs::path& target) {
  std::error_code error;
  fs::rename(path_, target, error);
  if (error == std::errc::directory_not_empty || error == std::errc::file_exists) {
    throw Error(ErrorCode::exists, "the model folder " + target.string() + " exists");
  }
  if (error) io("cannot make " + target.string(), error);
  path_.clear();
}

void remove_folder(const fs::path& folder) {
  std::error_code error;
  const fs::path away = folder.parent_path() / (".removing-" + folder.filename().string());
  fs::remove_all(away, error);
  fs::rename(folder, away, error);
  if (!error) fs::remove_all(away, error);
  if (error) io("cannot remove " + folder.string(), error);
}

fs::path writable_user_folder() {
  fs::path folder = user_model_folder();
  if (folder.empty()) throw Error(ErrorCode::io, "no folder for models: neither XDG_DATA_HOME nor HOME is set");
  return folder;
}

}  // namespace vaerans::models
