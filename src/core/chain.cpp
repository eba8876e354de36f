// ChainState: plays a chain through without data, so that what cannot fit is refused before it runs.
#include <algorithm>

#include "vaerans/base/error.hpp"
#include "vaerans/core/pipeline.hpp"

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
  StepCheck(std::map<std::string, ChainState::Slot, std::less<>>& slots, const System& system, std::size_t step)
      : slots_(slots), system_(system), contract_(system.contract()), step_(step) {}

  std::string apply(std::string_view cursor, std::string_view out) {
    for (std::size_t port = 0; port < contract_.inputs.size(); ++port) check_input(port, cursor);
    if (contract_.role == Role::measure) return std::string(cursor);
    const std::string key = key_of(0, cursor);
    const ChainState::Slot input = slots_.at(key);
    auto [output_key, slot] = contract_.role == Role::inverse ? undone(input) : made(key, input);
    if (!out.empty()) output_key = out;
    for (std::size_t port = 1; port < contract_.outputs.size(); ++port) {
      slots_[contract_.outputs[port].key] = {contract_.outputs[port].kind, {}, true};
    }
    slots_[output_key] = std::move(slot);
    return output_key;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::contract, "step " + std::to_string(step_) + " (" + system_.recipe() + "): " + what);
  }

  std::string key_of(std::size_t port, std::string_view cursor) const {
    return contract_.inputs[port].key.empty() ? std::string(cursor) : contract_.inputs[port].key;
  }

  void check_input(std::size_t port, std::string_view cursor) const {
    const std::string key = key_of(port, cursor);
    const auto found = slots_.find(key);
    const std::string wanted(kind_name(contract_.inputs[port].kind));
    if (found == slots_.end()) refuse("needs '" + key + "' (" + wanted + "); there is: " + keys_of(slots_));
    const auto& also = contract_.also_accepts;
    const Kind kind = found->second.kind;
    const bool accepted =
        kind == contract_.inputs[port].kind || (port == 0 && std::find(also.begin(), also.end(), kind) != also.end());
    if (accepted || !found->second.known) return;
    refuse("needs " + wanted + ", but the pipe stands on '" + key + "', which is " + std::string(kind_name(kind)) +
           "; there is: " + keys_of(slots_));
  }

  std::pair<std::string, ChainState::Slot> made(const std::string& key, const ChainState::Slot& input) const {
    const Port& port = contract_.outputs.at(0);
    ChainState::Slot slot{port.kind, {}, input.known};
    if (contract_.role == Role::forward) {
      slot.trail = input.trail;
      slot.trail.push_back({contract_.name, key, input.kind, system_.params()});
    }
    return {port.key.empty() ? std::string(default_key(port.kind)) : port.key, std::move(slot)};
  }

  std::pair<std::string, ChainState::Slot> undone(const ChainState::Slot& input) const {
    const Port& port = contract_.outputs.at(0);
    if (input.trail.empty()) return undone_source(input);
    const auto& last = input.trail.back();
    if (!contract_.undoes(last.name)) {
      refuse("undoes " + contract_.inverse_of + ", but the last step to be undone is " + last.name);
    }
    ChainState::Slot slot{port.key.empty() ? last.input_kind : port.kind, input.trail, true};
    slot.trail.pop_back();
    return {port.key.empty() ? last.input_key : port.key, std::move(slot)};
  }

  std::pair<std::string, ChainState::Slot> undone_source(const ChainState::Slot& input) const {
    const Port& port = contract_.outputs.at(0);
    if (input.known && !contract_.optional_trail) {
      refuse("undoes " + contract_.inverse_of + ", but nothing was done to this component yet");
    }
    const bool known = input.known && !port.key.empty();
    return {port.key.empty() ? std::string(default_key(port.kind)) : port.key, {port.kind, {}, known}};
  }

  std::map<std::string, ChainState::Slot, std::less<>>& slots_;
  const System& system_;
  const Contract& contract_;
  std::size_t step_;
};

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
  return StepCheck(slots_, system, step).apply(cursor, out);
}

std::string ChainState::assume_inputs(const System& system) {
  const Contract& contract = system.contract();
  std::string main;
  for (const Port& port : contract.inputs) {
    const std::string key = port.key.empty() ? std::string(default_key(port.kind)) : port.key;
    // A source picture or latent is surely nobody's output; what an inverse starts from has a past that is not told.
    add(key, {port.kind, {}, contract.role != Role::inverse});
    if (main.empty()) main = key;
  }
  return main;
}

}  // namespace vaerans
