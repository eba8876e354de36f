#include "core/chain/contract.hpp"

#include <algorithm>

namespace vaerans {

std::optional<LastStep> last_step(const TrailStep* trail) {
  if (trail == nullptr) return std::nullopt;
  return LastStep{trail->system->contract().name, trail->input_key, trail->input.kind};
}

std::string own_key(const Port& port) { return port.key.empty() ? std::string(default_key(port.kind)) : port.key; }

std::string input_key(const Contract& contract, std::size_t port, std::string_view cursor) {
  const std::string& own = contract.inputs[port].key;
  return own.empty() ? std::string(cursor) : own;
}

std::optional<std::string> kind_problem(const Contract& contract, std::size_t port, std::string_view key, Kind kind) {
  const Port& input = contract.inputs[port];
  const bool also = port == 0 && std::ranges::count(contract.also_accepts, kind) > 0;
  if (kind == input.kind || also) return std::nullopt;
  const std::string wanted = "needs " + std::string(kind_name(input.kind)) + ", but ";
  const std::string there = "'" + std::string(key) + "'";
  const std::string found(kind_name(kind));
  return wanted + (input.key.empty() ? "the pipe stands on " + there + ", which is " : there + " is ") + found;
}

// No text is made where there is no problem: a run asks this for every entity, and allocates nothing.
std::optional<std::string> undo_problem(const Contract& contract, const std::optional<LastStep>& last) {
  if (contract.role != Role::inverse) return std::nullopt;
  if (last ? contract.undoes(last->name) : contract.optional_trail) return std::nullopt;
  const std::string undoes = "undoes " + contract.inverse_of + ", but ";
  if (last) return undoes + "the last step to be undone is " + std::string(last->name);
  return undoes + "nothing was done to this component yet";
}

Made main_output(const Contract& contract, std::string_view out, const std::optional<LastStep>& last) {
  const Port& port = contract.outputs.at(0);
  const bool gives_back = contract.role == Role::inverse && last && port.key.empty();
  Made made = gives_back ? Made{std::string(last->input_key), last->input_kind} : Made{own_key(port), port.kind};
  if (!out.empty()) made.key = out;
  return made;
}

}  // namespace vaerans
