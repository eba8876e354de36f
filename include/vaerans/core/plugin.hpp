// Plugins: shared libraries that bring systems of their own, loaded at run time.
//
// A plugin is compiled from the same source that could be linked in: systems that a SystemRegistration registers
// (registry.hpp), and one line that says who they are:
//
//     VAERANS_PLUGIN("dct8")
//
// It is linked with the CMake target vaerans::plugin, which has headers and no library: the program that loads it has
// the one registry that counts. examples/plugin_dct.cpp is a whole one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vaerans/version.hpp"

#define VAERANS_DETAIL_JOIN2(prefix, major, minor) prefix##major##_##minor
#define VAERANS_DETAIL_JOIN(prefix, major, minor) VAERANS_DETAIL_JOIN2(prefix, major, minor)

/// The name of a symbol that says which releases fit: those of one minor version, as for the shared library's soname. A
/// plugin refers to it, so that a library of another version cannot even load it, before any of its code runs.
#define VAERANS_ABI_SYMBOL VAERANS_DETAIL_JOIN(vaerans_abi_, VAERANS_VERSION_MAJOR, VAERANS_VERSION_MINOR)

extern "C" __attribute__((visibility("default"))) const char VAERANS_ABI_SYMBOL[];

/// Stands once in a plugin, outside any namespace. `name` is what messages call it. Linked in, it does nothing.
#define VAERANS_PLUGIN(name)                              \
  extern "C" __attribute__((weak, visibility("default"))) \
  const char* const vaerans_plugin[2] = {name, VAERANS_ABI_SYMBOL};

namespace vaerans {

struct PluginInfo {
  std::string name, path;
  std::vector<std::string> systems;  ///< what it registered
};

/// Loads a plugin, for as long as the process lives; nothing where it is loaded already. Throws Error(io) where the
/// file is not there, Error(unsupported_version) for a plugin of another version, and Error(invalid_argument) for what
/// is no plugin, lacks symbols, or brings a system whose name is taken. Nothing of it is left registered then.
PluginInfo load_plugin(const std::string& path);

/// In the order in which they were loaded.
[[nodiscard]] std::vector<PluginInfo> loaded_plugins();

/// Called once, when a name is asked for that no system has, or when all are listed; it may load plugins or register
/// systems. One is there from the start: it loads what the environment variable VAERANS_PLUGINS lists (paths, separated
/// by ':'). What it throws goes to whoever asked, and it is called again the next time.
void add_plugin_source(std::function<void()> source);

}  // namespace vaerans
