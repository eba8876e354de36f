// What the registry and the loading of plugins know of each other.
#pragma once

#include <string>
#include <vector>

namespace vaerans {

/// Calls the sources of plugins that were not called yet; whether there were any.
bool call_plugin_sources();

/// What a plugin's constructors did while the loader ran them. They cannot throw through it, so errors are noted here.
struct PluginLoad {
  std::vector<std::string> systems;
  std::string error;  ///< the first
};

/// That of this thread; null while none is loaded.
[[nodiscard]] PluginLoad*& plugin_load() noexcept;

}  // namespace vaerans
