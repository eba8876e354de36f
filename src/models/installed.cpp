#include "models/installed.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

// The way from the folder of programs, and of libraries, to the models. Empty: nothing gets installed.
#ifndef VAERANS_BIN_TO_MODELS
#define VAERANS_BIN_TO_MODELS ""
#define VAERANS_LIB_TO_MODELS ""
#define VAERANS_INCLUDE_TO_MODELS ""
#endif

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;

fs::path program() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

/// The shared library that holds this very function; empty where the program itself does.
fs::path own_library() {
  Dl_info own{};
  const auto* const here = reinterpret_cast<const void*>(&installed_model_folders);
  if (::dladdr(here, &own) == 0 || own.dli_fname == nullptr) return {};
  if (fs::path(own.dli_fname).filename().string().find(".so") == std::string::npos) return {};
  std::error_code ignored;
  return fs::canonical(own.dli_fname, ignored);
}

}  // namespace

std::vector<std::string> installed_model_folders() {
  std::vector<std::string> folders;
  const auto add = [&](const fs::path& file, const std::string& way) {
    if (!file.empty() && !way.empty()) folders.push_back((file.parent_path() / way).lexically_normal().string());
  };
  const fs::path library = own_library();
  const bool is_ours = library.filename().string().starts_with("libvaerans.");
  if (!library.empty() && !is_ours) return folders;  // a module of Python or a program's own library: no tree of ours
  add(program(), VAERANS_BIN_TO_MODELS);
  add(library, VAERANS_LIB_TO_MODELS);
  return folders;
}

std::vector<std::string> model_folders_beside(std::string_view header) {
  const fs::path folder = fs::path(header).parent_path();
  if (!folder.is_absolute()) return {};
  std::vector<std::string> folders;
  for (const std::string_view way : {VAERANS_INCLUDE_TO_MODELS, "../../models"}) {
    if (!way.empty()) folders.push_back((folder / way).lexically_normal().string());
  }
  return folders;
}

}  // namespace vaerans::models
