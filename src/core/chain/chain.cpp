// ChainState: plays a chain through without data, so that what cannot fit is refused before it runs.
#include <algorithm>

#include "core/chain/contract.hpp"
#include "core/chain/resolve_missing.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans {
namespace {

std::string keys_of(const std::map<std::string, ChainState::Slot, std::less<>>& slots) {
  std::string out;
  for (const auto& [key, slot] : slots)
    out += (out.empty() ? "" : ", ") + key + " (" + std::string(kind_name(slot.kind)) + ")";
  return out.empty() ? "nothing" : out;
}

class StepCheck {
 public:
  using Slots = std::map<std::string, ChainState::Slot, std::less<>>;
  StepCheck(Slots& slots, const System& system, std::size_t step)
      : slots_(slots), system_(system), contract_(system.contract()), step_(step) {}

  std::string apply(std::string_view cursor, std::string_view out) {
    for (std::size_t port = 0; port < contract_.inputs.size(); ++port) check_input(port, cursor);
    if (contract_.role == Role::measure) return std::string(cursor);
    const std::string key = input_key(contract_, 0, cursor);
    const ChainState::Slot input = slots_.at(key);
    const auto last = last_of(input);
    check_undoes(input, last);
    Made made = main_output(contract_, out, last);
    for (std::size_t port = 1; port < contract_.outputs.size(); ++port) {
      slots_[own_key(contract_.outputs[port])] = {contract_.outputs[port].kind, {}, true};
    }
    slots_[made.key] = {made.kind, trail_behind(key, input), knows_output(input)};
    return std::move(made.key);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::contract, "step " + std::to_string(step_) + " (" + system_.recipe() + "): " + what);
  }

  void check_input(std::size_t port, std::string_view cursor) const {
    const std::string key = input_key(contract_, port, cursor);
    const auto found = slots_.find(key);
    if (found == slots_.end()) {
      const std::string wanted(kind_name(contract_.inputs[port].kind));
      refuse("needs '" + key + "' (" + wanted + "); there is: " + keys_of(slots_));
    }
    const auto problem = kind_problem(contract_, port, key, found->second.kind);
    if (problem && found->second.known) refuse(*problem + "; there is: " + keys_of(slots_));
  }

  // What comes from before the chain has a past that is not told: there it is taken on trust.
  void check_undoes(const ChainState::Slot& input, const std::optional<LastStep>& last) const {
    const auto problem = undo_problem(contract_, last);
    if (problem && (last || input.known)) refuse(*problem);
  }

  static std::optional<LastStep> last_of(const ChainState::Slot& input) {
    if (input.trail.empty()) return std::nullopt;
    const ChainState::Step& last = input.trail.back();
    return LastStep{last.name, last.input_key, last.input_kind};
  }

  [[nodiscard]] std::vector<ChainState::Step> trail_behind(const std::string& key,
                                                           const ChainState::Slot& input) const {
    if (contract_.role == Role::filter) return {};
    std::vector<ChainState::Step> trail = input.trail;
    if (contract_.role == Role::forward) {
      trail.push_back({contract_.name, key, input.kind, system_.params()});
    } else if (!trail.empty()) {
      trail.pop_back();
    }
    return trail;
  }

  [[nodiscard]] bool knows_output(const ChainState::Slot& input) const {
    if (contract_.role == Role::filter) return true;  // it has the contract's kind, and nothing can be undone
    if (contract_.role == Role::forward) return input.known;
    return !input.trail.empty() || (input.known && !contract_.outputs.at(0).key.empty());
  }

  Slots& slots_;
  const System& system_;
  const Contract& contract_;
  std::size_t step_;
};

// A source picture or latent has no trail. What an inverse starts from has one, but the chain does not know it.
ChainState::Slot assumed(const Contract& contract, Kind kind, bool source) {
  return {kind, {}, source && contract.role != Role::inverse};
}

// Its kind is the key's, where the specification has one; what that does not fit is no matter of trust.
ChainState::Slot assumed_under(std::string_view key, const Contract& contract) {
  const Kind kind = known_kind(key).value_or(contract.inputs.front().kind);
  ChainState::Slot slot = assumed(contract, kind, is_source(key));
  slot.known = slot.known || kind_problem(contract, 0, key, kind);
  return slot;
}

std::vector<ChainState::Step> steps_of(const TrailStep* node) {
  std::vector<ChainState::Step> out;
  for (; node != nullptr; node = node->previous) {
    out.push_back(
        {node->system->contract().name, std::string(node->input_key), node->input.kind, node->system->params()});
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

ChainState ChainState::of_entity(const World& world, EntityId entity) {
  ChainState out;
  for (const auto& key : world.keys(entity)) {
    const Component& component = world.get(entity, key);
    out.add(key, {component.spec.kind, steps_of(component.trail), true});
  }
  return out;
}

void ChainState::add(std::string key, Slot slot) { slots_.insert_or_assign(std::move(key), std::move(slot)); }

std::string ChainState::apply(const System& system, std::size_t step, std::string_view cursor, std::string_view out) {
  require_ports(system.contract());
  return StepCheck(slots_, system, step).apply(cursor, out);
}

std::string ChainState::assume_inputs(const System& system, std::string_view from) {
  const Contract& contract = system.contract();
  std::string main;
  for (const Port& port : contract.inputs) {
    const bool elsewhere = main.empty() && port.key.empty() && !from.empty();
    const std::string key = elsewhere ? std::string(from) : own_key(port);
    add(key, elsewhere ? assumed_under(from, contract) : assumed(contract, port.kind, true));
    if (main.empty()) main = key;
  }
  return main;
}

}  // namespace vaerans
