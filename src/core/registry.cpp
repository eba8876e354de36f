#include "vaerans/core/registry.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "core/builtin.hpp"
#include "core/plugins.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

struct Table {
  std::mutex mutex;
  std::map<std::string, SystemEntry, std::less<>> by_name;
};

Table& table() {
  static auto* const t = new Table;  // never destroyed: plugins may unregister late
  return *t;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row[b.size()];
}

Error unknown(std::string_view name) {
  std::string known, nearest;
  // What is further off than three letters, or than half of the name, is no misspelling.
  std::size_t best = std::min<std::size_t>(3, name.size() / 2) + 1;
  for (const auto& [key, entry] : table().by_name) {
    known += (known.empty() ? "" : ", ") + key;
    if (const auto d = edit_distance(name, key); d < best) best = d, nearest = key;
  }
  return {ErrorCode::unknown_system, "unknown system '" + std::string(name) + "'" +
                                         (nearest.empty() ? "" : " (did you mean '" + nearest + "'?)") +
                                         "; known: " + known};
}

// Numbers where files have them, and nowhere else: what is neither numbered nor kept out of files would be lost in one.
void require_sound_ids(const SystemEntry& entry) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::invalid_argument, "system '" + entry.name + "' " + what);
  };
  for (const ParamSpec& param : entry.params) {
    if (!entry.in_files() && param.numbered())
      refuse("can never be in a file, but its '" + param.name + "' has a number");
    if (entry.wire_id != 0 && param.wire_id == 0)
      refuse("has a number in files, but its '" + param.name + "' has none");
  }
  if (!entry.in_files() && entry.wire_id != 0) refuse("can never be in a file, but has a number");
}

}  // namespace

// Registering a built-in goes through register_system too, hence the flag and not a lock around the whole.
void load_builtins() {
  static std::once_flag once;
  std::call_once(once, register_builtin_systems);
}

void register_system(SystemEntry entry) {
  require_sound_ids(entry);
  const std::scoped_lock lock(table().mutex);
  for (const auto& [name, other] : table().by_name) {
    if (entry.name == name || (entry.wire_id != 0 && entry.wire_id == other.wire_id)) {
      throw Error(ErrorCode::invalid_argument, "system '" + entry.name + "' or its wire id is already registered");
    }
  }
  const std::string name = entry.name;
  table().by_name.emplace(name, std::move(entry));
}

void require_ports(const Contract& contract) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::contract, "the contract of '" + contract.name + "' has no " + what);
  };
  if (contract.inputs.empty())
    refuse("inputs: name what the system works on, the main one first, such as inputs=['planes']");
  if (contract.outputs.empty() && contract.role != Role::measure)
    refuse("outputs: name what the system makes, such as outputs=['planes'], or say that its role is 'measure'");
}

bool unregister_system(std::string_view name) {
  const std::scoped_lock lock(table().mutex);
  const auto found = table().by_name.find(name);
  if (found == table().by_name.end()) return false;
  table().by_name.erase(found);
  return true;
}

SystemRegistration::SystemRegistration(SystemEntry entry) {
  PluginLoad* const load = plugin_load();
  if (load == nullptr) {
    register_system(std::move(entry));
    return;
  }
  try {
    const std::string name = entry.name;
    register_system(std::move(entry));
    load->systems.push_back(name);
  } catch (const Error& error) {
    if (load->error.empty()) load->error = error.what();
  }
}

namespace {

std::optional<SystemEntry> known_system(std::string_view name) {
  const std::scoped_lock lock(table().mutex);
  if (const auto found = table().by_name.find(name); found != table().by_name.end()) return found->second;
  for (const auto& [key, entry] : table().by_name) {
    if (entry.class_name == name) return entry;
  }
  return std::nullopt;
}

}  // namespace

SystemEntry find_system(std::string_view name) {
  load_builtins();
  if (auto entry = known_system(name)) return *std::move(entry);
  if (call_plugin_sources()) {
    if (auto entry = known_system(name)) return *std::move(entry);
  }
  const std::scoped_lock lock(table().mutex);
  throw unknown(name);
}

SystemEntry find_system(std::uint16_t wire_id) {
  load_builtins();
  const std::scoped_lock lock(table().mutex);
  for (const auto& [key, entry] : table().by_name) {
    if (wire_id != 0 && entry.wire_id == wire_id) return entry;
  }
  throw Error(ErrorCode::unknown_system, "the file uses system number " + std::to_string(wire_id) +
                                             ", which this version does not know; update vaerans");
}

std::vector<SystemEntry> all_systems() {
  load_builtins();
  call_plugin_sources();
  const std::scoped_lock lock(table().mutex);
  std::vector<SystemEntry> out;
  for (const auto& [key, entry] : table().by_name) out.push_back(entry);
  return out;
}

bool is_first_param(std::string_view system, std::string_view param) {
  load_builtins();  // systems are also made without the registry
  const std::scoped_lock lock(table().mutex);
  const auto found = table().by_name.find(system);
  return found != table().by_name.end() && !found->second.params.empty() && found->second.params.front().name == param;
}

std::shared_ptr<const System> make_system(std::string_view name, const ParamList& params) {
  const SystemEntry entry = find_system(name);
  return entry.make(Params(entry.name, entry.params, params));
}

}  // namespace vaerans
