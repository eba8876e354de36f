#include "core/chain/resolve_missing.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text/joined.hpp"
#include "core/chain/contract.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

struct KnownKey {
  std::string_view key;
  Kind kind;
};
constexpr KnownKey kKnown[] = {{"RGB", Kind::image},           {"ReconRGB", Kind::image},
                               {"BlurRGB", Kind::image},       {"Latent4", Kind::planes},
                               {"YUVW4", Kind::planes},        {"WaveletPyr", Kind::bands},
                               {"SymbolsU8", Kind::symbols},   {"Bitstream", Kind::bitstream},
                               {"Residual", Kind::difference}, {"QuantParams", Kind::parameters}};

std::optional<Kind> kind_said_by(const Contract& contract, const std::string& key) {
  for (const auto* const ports : {&contract.outputs, &contract.inputs}) {
    for (const Port& port : *ports) {
      if (port.key == key) return port.kind;
    }
  }
  return std::nullopt;
}

bool makes(const Contract& contract, const std::string& key, Kind kind) {
  return std::ranges::any_of(contract.outputs,
                             [&](const Port& port) { return key.empty() ? port.kind == kind : own_key(port) == key; });
}

/// Names of registered systems that make such a thing; those that cannot be made without parameters are left out.
std::vector<std::string> could_make(const std::string& key, Kind kind) {
  std::vector<std::string> out;
  for (const SystemEntry& entry : all_systems()) {
    try {
      if (makes(make_system(entry.name)->contract(), key, kind)) out.push_back(entry.name);
    } catch (const Error&) {  // needs a parameter that has no default
    }
  }
  return out;
}

std::string nothing_makes(const std::string& what, const std::string& key, Kind kind) {
  const auto names = could_make(key, kind);
  return "nothing given makes " + what + (names.empty() ? "" : "; " + joined(names, " or ") + " would");
}

/// All that the systems could make of the start, however it is used.
std::map<std::string, Kind> reachable(std::span<const SystemPtr> systems, const ChainState& start) {
  std::map<std::string, Kind> there;
  for (const auto& [key, slot] : start.slots()) there[key] = slot.kind;
  const auto has = [&](const Contract& c, std::size_t port) {
    return std::ranges::any_of(there, [&](const auto& slot) {
      const bool key_fits = c.inputs[port].key.empty() || c.inputs[port].key == slot.first;
      return key_fits && !kind_problem(c, port, slot.first, slot.second);
    });
  };
  for (std::size_t round = 0; round <= systems.size(); ++round) {
    for (const auto& system : systems) {
      const Contract& c = system->contract();
      bool fits = true;
      for (std::size_t port = 0; port < c.inputs.size(); ++port) fits = fits && has(c, port);
      for (const Port& port : c.outputs) {
        if (fits) there.emplace(own_key(port), port.kind);
      }
    }
  }
  return there;
}

class Explanation {
 public:
  Explanation(std::span<const SystemPtr> systems, const ChainState& start)
      : systems_(systems), there_(reachable(systems, start)) {}

  std::string missing(const std::string& key, Kind kind, std::size_t depth = 0) {
    const std::string what = key.empty() ? std::string(kind_name(kind)) : "'" + key + "'";
    for (const auto& system : systems_) {
      const Contract& c = system->contract();
      if (!makes(c, key, kind) || depth > systems_.size()) continue;
      for (const Port& port : c.inputs) {
        if (has(port)) continue;
        const std::string need = port.key.empty() ? std::string(kind_name(port.kind)) : "'" + port.key + "'";
        return system->recipe() + " would make " + what + ", but it needs " + need + ", and " +
               missing(port.key, port.kind, depth + 1);
      }
      return system->recipe() + " would make " + what + ", but it does not fit after the others";
    }
    return nothing_makes(what, key, kind);
  }

  [[nodiscard]] bool has_key(const std::string& key) const { return there_.contains(key); }

 private:
  [[nodiscard]] bool has(const Port& port) const {
    if (!port.key.empty()) return there_.contains(port.key);
    return std::ranges::any_of(there_, [&](const auto& slot) { return slot.second == port.kind; });
  }

  std::span<const SystemPtr> systems_;
  std::map<std::string, Kind> there_;
};

}  // namespace

bool is_source(std::string_view key) { return key == default_key(Kind::image) || key == default_key(Kind::planes); }

std::optional<Kind> known_kind(std::string_view key) {
  const auto* const known = std::ranges::find(kKnown, key, &KnownKey::key);
  return known == std::end(kKnown) ? std::nullopt : std::optional(known->kind);
}

Kind kind_of_key(std::span<const SystemPtr> systems, const std::string& key) {
  for (const auto& system : systems) {
    if (const auto kind = kind_said_by(system->contract(), key)) return *kind;
  }
  if (const auto kind = known_kind(key)) return *kind;
  std::vector<std::string> names;
  for (const KnownKey& known : kKnown) names.emplace_back(known.key);
  throw Error(ErrorCode::contract,
              "no system given reads or makes '" + key + "'; known keys: " + joined(names, " and "));
}

std::string why_unresolved(std::span<const SystemPtr> systems, const ChainState& start,
                           const std::vector<std::string>& want) {
  Explanation explanation(systems, start);
  for (const auto& key : want) {
    if (!explanation.has_key(key)) return explanation.missing(key, kind_of_key(systems, key));
  }
  std::vector<std::string> keys;
  for (const auto& [key, slot] : start.slots()) keys.push_back(key);
  return "no one chain of these systems makes " + joined(want, " and ") + " of " + joined(keys, " and ");
}

}  // namespace vaerans
