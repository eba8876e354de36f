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

/// One line of the registry.
struct SystemEntry {
  std::string name;               ///< in recipes: "cdf53"
  std::string class_name;         ///< the specification's name: "WaveletCDF53"; also accepted in recipes
  std::string doc;                ///< one sentence
  std::uint16_t wire_id = 0;      ///< pinned number in files; 0: written by name (plugins)
  std::vector<ParamSpec> params;  ///< the first may be given without its name
  std::function<std::shared_ptr<const System>(const Params&)> make;
};

/// Adds a system; throws Error(invalid_argument) if the name or the wire id is taken. Thread-safe.
void register_system(SystemEntry entry);
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

/// Registers at program start: `static const SystemRegistration dct{{.name = "dct", …}};`
struct SystemRegistration {
  explicit SystemRegistration(SystemEntry entry) { register_system(std::move(entry)); }
};

}  // namespace vaerans
