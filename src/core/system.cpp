#include "vaerans/core/system.hpp"

#include <algorithm>
#include <cstring>

#include "core/subbands.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/registry.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {

Spec System::describe(const Spec&, std::span<const std::byte>, Arena&, const Limits&) const {
  throw Error(ErrorCode::contract, contract().name + " cannot be part of a file: it does not describe its output");
}

void System::check_undo(const TrailStep&, const Limits&) const {}
std::uint64_t System::undo_pixels(const TrailStep&) const { return 0; }
std::shared_ptr<const System> System::with_model(const std::string&) const { return nullptr; }
std::shared_ptr<const System> System::with_step(double) const { return nullptr; }
std::vector<std::byte> System::side_info_of_part(std::span<const std::byte> side_info, const Shape&,
                                                 const Region&) const {
  return {side_info.begin(), side_info.end()};
}
std::vector<SideInfoField> System::describe_side_info(std::span<const std::byte>) const { return {}; }

void System::vjp(const Vjp&) const {
  throw Error(ErrorCode::contract, contract().name + " has no slopes to carry back: has_vjp() says so");
}

std::shared_ptr<const EntropyPrior> prior_of(const TrailStep* last) {
  for (; last != nullptr; last = last->previous) {
    if (auto prior = last->system->prior()) return prior;
  }
  return nullptr;
}

bool Contract::undoes(std::string_view step) const noexcept {
  std::string_view rest = inverse_of;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('|'), rest.size());
    if (rest.substr(0, end) == step) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string System::recipe() const {
  std::string args;
  for (const auto& [name, value] : params()) {
    // A first parameter that is a text needs no name: vae(photo-f8c4).
    const bool bare =
        args.empty() && std::holds_alternative<std::string>(value) && is_first_param(contract().name, name);
    args += (args.empty() ? "" : ", ") + (bare ? "" : name + "=") + to_string(value);
  }
  return contract().name + (args.empty() ? "" : "(" + args + ")");
}

Group::Group(World& world, const System& system, const Context& context, std::vector<EntityId> entities,
             std::vector<std::vector<Component>> inputs, TraceRecord& trace)
    : world_(world),
      system_(system),
      context_(context),
      entities_(std::move(entities)),
      inputs_(std::move(inputs)),
      trace_(trace),
      outputs_(system.contract().outputs.size(), std::vector<Component>(entities_.size())),
      side_info_(entities_.size()),
      failures_(entities_.size()) {}

Arena& Group::arena() const noexcept { return world_.arena(); }

TensorRef Group::batch(std::size_t port) {
  std::vector<TensorRef> items;
  items.reserve(size());
  for (const auto& component : inputs_[port]) items.push_back(component.data);
  if (const TensorRef joined = arena().join_axis0(items); joined.valid()) return joined;
  const TensorRef copy = arena().alloc_tensor(items.front().shape().batched(items.size()), items.front().dtype());
  for (std::size_t i = 0; i < items.size(); ++i) {
    std::memcpy(arena().data(arena().subref_axis0(copy, i)), arena().data(items[i]), items[i].bytes());
  }
  trace_.bytes_gathered += copy.bytes();
  return copy;
}

const TrailStep* Group::undone_step(std::size_t i) const {
  return system_.contract().role == Role::inverse ? inputs_[0][i].trail : nullptr;
}

TensorRef Group::output(const Spec& spec, std::size_t port) {
  require_within(spec.subbands, spec.shape);
  const TensorRef all = arena().alloc_tensor(spec.shape.batched(size()), spec.dtype);
  for (std::size_t i = 0; i < size(); ++i) outputs_[port][i] = {arena().subref_axis0(all, i), spec, nullptr};
  return all;
}

TensorRef Group::output_in_place(const Spec& spec) {
  require_within(spec.subbands, spec.shape);
  const TensorRef all = batch(0);
  for (std::size_t i = 0; i < size(); ++i) outputs_[0][i] = {arena().subref_axis0(all, i), spec, nullptr};
  in_place_ = true;
  return all;
}

void Group::output_item(std::size_t i, const Component& component, std::size_t port) {
  require_within(component.spec.subbands, component.spec.shape);
  outputs_[port][i] = component;
}

void Group::side_info(std::size_t i, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  auto* kept = arena().alloc_bytes(bytes.size(), 1);
  std::copy(bytes.begin(), bytes.end(), kept);
  side_info_[i] = {kept, bytes.size()};
}

void Group::measured(std::size_t i, const std::string& name, double value) {
  world_.metadata(entities_[i])[name] = value;
  trace_.values.emplace_back(size() == 1 ? name : name + "[" + std::to_string(entities_[i]) + "]", value);
}

void Group::fail(std::size_t i, const Error& error) { failures_[i] = error; }

}  // namespace vaerans
