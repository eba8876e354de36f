#include "onnx/library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/files/environment.hpp"
#include "onnx/ort.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/runtime.hpp"

#ifndef VAERANS_DEFAULT_ORT_DIRS
#define VAERANS_DEFAULT_ORT_DIRS ""
#endif

namespace vaerans {
namespace onnx {
namespace {

namespace fs = std::filesystem;

/// What callers asked for.
struct Wishes {
  std::mutex mutex;
  std::string explicit_path;
  std::vector<std::string> added;
};

Wishes& wishes() {
  static auto& instance = *new Wishes;
  return instance;
}

/// The library in a folder: libonnxruntime.so or, in Python packages, libonnxruntime.so.1.x.y. Empty if there is none.
std::string library_in(const fs::path& folder) {
  std::string best;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with("libonnxruntime.so")) best = std::max(best, it->path().string());
  }
  return best;
}

void add_folder(std::vector<Candidate>& list, const fs::path& folder, const std::string& origin) {
  const std::string file = library_in(folder);
  if (!file.empty()) list.push_back({file, origin, false});
}

/// <root>/lib/python3.*/site-packages/onnxruntime/capi
void add_python(std::vector<Candidate>& list, const fs::path& root) {
  std::error_code error;
  for (fs::directory_iterator it(root / "lib", error), end; !error && it != end; it.increment(error)) {
    if (!it->path().filename().string().starts_with("python3")) continue;
    add_folder(list, it->path() / "site-packages" / "onnxruntime" / "capi", "the Python package onnxruntime");
  }
}

void add_asked_for(std::vector<Candidate>& list) {
  const std::scoped_lock lock(wishes().mutex);
  if (!wishes().explicit_path.empty()) list.push_back({wishes().explicit_path, "set_runtime_library", true});
  if (const std::string path = environment_variable("VAERANS_ORT_LIBRARY"); !path.empty()) {
    list.push_back({path, "VAERANS_ORT_LIBRARY", true});
  }
  for (const std::string& path : wishes().added) list.push_back({path, "add_runtime_candidate", false});
}

/// Why a candidate cannot be used, or the library.
struct Attempt {
  std::optional<Library> library;
  std::string problem;
};

/// The middle number of "1.21.0": the highest API version that a library offers.
unsigned api_version_of(std::string_view version) {
  const std::size_t dot = version.find('.');
  unsigned minor = 0;
  if (dot != std::string_view::npos) {
    std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  }
  return minor;
}

std::string path_of(const void* symbol, const std::string& fallback) {
  Dl_info info{};
  if (dladdr(symbol, &info) == 0 || info.dli_fname == nullptr) return fallback;
  return info.dli_fname;
}

Attempt ask_for_api(void* symbol, const std::string& path) {
  const auto get_base = reinterpret_cast<decltype(&OrtGetApiBase)>(symbol);
  const OrtApiBase* base = get_base();
  const std::string version = base->GetVersionString();
  // Asked before GetApi, which prints to stderr where it has to refuse.
  if (api_version_of(version) < ORT_API_VERSION) {
    return {{}, "is ONNX Runtime " + version + "; 1." + std::to_string(ORT_API_VERSION) + " or newer is needed"};
  }
  const OrtApi* api = base->GetApi(ORT_API_VERSION);
  if (api == nullptr) return {{}, "is ONNX Runtime " + version + " without API " + std::to_string(ORT_API_VERSION)};
  return {Library{api, path_of(symbol, path), version}, {}};
}

Attempt attempt(const Candidate& candidate) {
  std::error_code error;
  std::string path = candidate.path;
  if (fs::is_directory(path, error)) {
    path = library_in(path);
    if (path.empty()) return {{}, "is a folder without libonnxruntime.so"};
  }
  // Without this, official builds of the runtime write a device id and a log into the user's cache folder, and may
  // report their use.
  setenv("ORT_DISABLE_TELEMETRY", "1", 0);
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {{}, dlerror()};
  void* symbol = dlsym(handle, "OrtGetApiBase");
  if (symbol == nullptr) {
    dlclose(handle);
    return {{}, "is not an ONNX Runtime library (no OrtGetApiBase)"};
  }
  return ask_for_api(symbol, path);
}

[[noreturn]] void give_up(const std::string& tried, const Candidate* required) {
  std::ostringstream text;
  if (required != nullptr) {
    text << "the ONNX Runtime library named by " << required->origin << " cannot be used:" << tried
         << "\nCorrect or unset it.";
  } else {
    text << "ONNX Runtime was not found; models need it. Tried:" << (tried.empty() ? " nothing" : tried);
  }
  text << "\nInstall it with `pip install onnxruntime` (or onnxruntime-gpu) in the active virtual environment, or let "
          "VAERANS_ORT_LIBRARY name a libonnxruntime.so of version 1."
       << ORT_API_VERSION << " or newer.";
  throw Error(ErrorCode::runtime_not_found, text.str());
}

}  // namespace

std::vector<Candidate> runtime_candidates() {
  std::vector<Candidate> list;
  add_asked_for(list);
  std::istringstream folders(VAERANS_DEFAULT_ORT_DIRS);
  for (std::string folder; std::getline(folders, folder, ';');) add_folder(list, folder, "this build");
  if (const std::string root = environment_variable("VIRTUAL_ENV"); !root.empty()) add_python(list, root);
  if (const std::string home = environment_variable("HOME"); !home.empty()) add_python(list, fs::path(home) / ".local");
  for (const char* name : {"libonnxruntime.so", "libonnxruntime.so.1"}) list.push_back({name, "the system", false});
  return list;
}

Library open_library(std::span<const Candidate> candidates) {
  std::string tried;
  for (const Candidate& candidate : candidates) {
    Attempt result = attempt(candidate);
    if (result.library) return *std::move(result.library);
    tried += "\n  " + candidate.path + " (" + candidate.origin + "): " + result.problem;
    if (candidate.required) give_up("\n  " + candidate.path + ": " + result.problem, &candidate);
  }
  give_up(tried, nullptr);
}

}  // namespace onnx

void set_runtime_library(std::string_view path) {
  const std::scoped_lock lock(onnx::wishes().mutex);
  onnx::wishes().explicit_path = path;
}

void add_runtime_candidate(std::string_view path) {
  const std::scoped_lock lock(onnx::wishes().mutex);
  auto& added = onnx::wishes().added;
  if (std::find(added.begin(), added.end(), path) == added.end()) added.emplace_back(path);
}

}  // namespace vaerans
