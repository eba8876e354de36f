#include "core/plugins.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "base/files/environment.hpp"
#include "core/builtin.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/plugin.hpp"
#include "vaerans/core/registry.hpp"

const char VAERANS_ABI_SYMBOL[] = "vaerans plugins";

namespace vaerans {
namespace {

struct State {
  std::mutex mutex;
  std::vector<std::function<void()>> sources;
  std::vector<PluginInfo> loaded;
};

void load_plugins_of_environment() {
  std::string rest = environment_variable("VAERANS_PLUGINS");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) load_plugin(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
}

State& state() {
  static auto* const s = new State{{}, {load_plugins_of_environment}, {}};  // never destroyed, like the registry
  return *s;
}

/// A plugin's symbols are looked for among those that are global. The Python module's are not until this is said.
void offer_own_symbols() {
  Dl_info own{};
  if (::dladdr(static_cast<const void*>(VAERANS_ABI_SYMBOL), &own) == 0 || own.dli_fname == nullptr) return;
  void* const handle = ::dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_GLOBAL);
  if (handle != nullptr) ::dlclose(handle);
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::invalid_argument, path + ": " + why);
}

/// What the loader said, in the words of this house.
[[noreturn]] void cannot_load(const std::string& path, const std::string& said) {
  constexpr std::string_view abi = "vaerans_abi_";
  const std::size_t at = said.find(abi);
  if (at == std::string::npos) refuse(path, "cannot be loaded as a plugin: " + said);
  std::string version = said.substr(at + abi.size());
  version.erase(std::min(version.find_first_not_of("0123456789_"), version.size()));
  std::ranges::replace(version, '_', '.');
  throw Error(ErrorCode::unsupported_version, path + ": was built for vaerans " + version + ", and this is " +
                                                  version_string + ": build it again with the headers of this version");
}

struct Close {
  void operator()(void* handle) const noexcept { ::dlclose(handle); }
};
using Handle = std::unique_ptr<void, Close>;

Handle open_library(const std::string& path, PluginLoad& load) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    throw Error(ErrorCode::io, path + ": the plugin cannot be read: " + std::strerror(errno));
  // With a slash the loader takes it for a path, without one it would search the system's folders.
  const std::string name = path.find('/') == std::string::npos ? "./" + path : path;
  offer_own_symbols();
  plugin_load() = &load;
  Handle handle(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL));
  plugin_load() = nullptr;
  if (!handle) cannot_load(path, ::dlerror());
  return handle;
}

/// The name under which a plugin goes. Throws where the library is none.
std::string name_of(const std::string& path, void* handle) {
  const auto* const plugin = static_cast<const char* const*>(::dlsym(handle, "vaerans_plugin"));
  if (plugin == nullptr)
    refuse(path, "is no plugin of vaerans: VAERANS_PLUGIN (vaerans/core/plugin.hpp) does not stand in it");
  if (plugin[1] != VAERANS_ABI_SYMBOL)
    refuse(path, "brings a copy of vaerans of its own, which nobody asks: link vaerans::plugin, not vaerans::vaerans");
  return plugin[0];
}

}  // namespace

PluginLoad*& plugin_load() noexcept {
  thread_local PluginLoad* load = nullptr;
  return load;
}

bool call_plugin_sources() {
  std::vector<std::function<void()>> waiting;
  {
    const std::scoped_lock lock(state().mutex);
    waiting.swap(state().sources);
  }
  for (auto source = waiting.begin(); source != waiting.end(); ++source) {
    try {
      (*source)();
    } catch (...) {
      const std::scoped_lock lock(state().mutex);
      state().sources.insert(state().sources.end(), source, waiting.end());
      throw;
    }
  }
  return !waiting.empty();
}

void add_plugin_source(std::function<void()> source) {
  const std::scoped_lock lock(state().mutex);
  state().sources.push_back(std::move(source));
}

PluginInfo load_plugin(const std::string& path) {
  load_builtins();
  PluginLoad load;
  Handle handle = open_library(path, load);
  try {
    if (!load.error.empty()) refuse(path, load.error);
    PluginInfo info{name_of(path, handle.get()), path, load.systems};
    const std::scoped_lock lock(state().mutex);
    for (const PluginInfo& other : state().loaded) {
      if (load.systems.empty() && other.name == info.name) return other;  // the loader gave the same library again
    }
    state().loaded.push_back(info);
    [[maybe_unused]] void* const stays = handle.release();  // its code is called from now on
    return info;
  } catch (...) {
    for (const std::string& name : load.systems) unregister_system(name);
    throw;
  }
}

std::vector<PluginInfo> loaded_plugins() {
  const std::scoped_lock lock(state().mutex);
  return state().loaded;
}

}  // namespace vaerans
