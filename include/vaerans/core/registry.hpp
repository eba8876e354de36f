// Registry: every system by name, so that recipes, files, the command line and Python know it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/params.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

/// One line of the registry: all that is said of a system, once. Built-in ones write it as a Descriptor
/// (descriptor.hpp).
struct SystemEntry {
  std::string name;        ///< in recipes: "cdf53"
  std::string class_name;  ///< the specification's name: "WaveletCDF53"; also accepted in recipes
  std::string topic{};     ///< what it stands under in the reference; for built-in ones also the Python module
  std::string doc;         ///< one sentence; then, after an empty line, shapes, errors and sources
  Role role = Role::forward;
  std::string inverse{};            ///< role forward: name of the system that undoes it; empty: ask an instance
  std::uint16_t wire_id = 0;        ///< pinned number in files; see in_files() for what 0 means
  std::vector<ParamSpec> params{};  ///< the first may be given without its name
  std::function<std::shared_ptr<const System>(const Params&)> make;

  /// Only steps that leave a trail are written to files: by their number or, where they have none (plugins), by name.
  [[nodiscard]] bool in_files() const noexcept { return role == Role::forward; }
  [[nodiscard]] std::string_view summary() const noexcept { return std::string_view(doc).substr(0, doc.find("\n\n")); }
};

/// Adds a system. Throws Error(invalid_argument) if the name or the wire id is taken, or if numbers and
/// in_files() do not go together. Thread-safe.
void register_system(SystemEntry entry);
/// Throws Error(contract) for a contract without an input, or without an output where its role is not measure; chains
/// ask this of each of their systems.
void require_ports(const Contract& contract);
/// Takes a system out again (for plugins that are unloaded); false if it was not there.
bool unregister_system(std::string_view name);

/// Throws Error(unknown_system) with the names that are known and the nearest one.
[[nodiscard]] SystemEntry find_system(std::string_view name_or_class);
[[nodiscard]] SystemEntry find_system(std::uint16_t wire_id);
[[nodiscard]] std::vector<SystemEntry> all_systems();  ///< sorted by name

/// Whether this is the system's first parameter, which recipes may give without its name; false for unknown systems.
[[nodiscard]] bool is_first_param(std::string_view system, std::string_view param);

/// make_system("cdf53", {{"levels", 5}}). Throws Error(unknown_system), Error(bad_parameter).
[[nodiscard]] std::shared_ptr<const System> make_system(std::string_view name, const ParamList& params = {});

/// Registers at program start, or when a plugin is loaded: `static const SystemRegistration dct{{.name = "dct", …}};`
/// What goes wrong in a plugin becomes the error of load_plugin().
struct SystemRegistration {
  explicit SystemRegistration(SystemEntry entry);
};

}  // namespace vaerans
