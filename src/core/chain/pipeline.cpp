#include "vaerans/core/pipeline.hpp"

#include <algorithm>

#include "core/chain/contract.hpp"
#include "core/chain/recipe.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

SystemPtr system_of(const RecipeStep& step) {
  const SystemEntry entry = find_system(step.name);
  ParamList named;
  std::size_t position = 0;
  for (const auto& [name, value] : step.args) {
    if (name.empty() && position >= entry.params.size()) {
      throw Error(ErrorCode::bad_parameter,
                  entry.name + ": too many values; it takes " + std::to_string(entry.params.size()));
    }
    named.emplace_back(name.empty() ? entry.params[position++].name : name, value);
  }
  return entry.make(Params(entry.name, entry.params, named));
}

bool reads(const Pipeline::Step& step, std::string_view key) {
  const Contract& contract = step.system->contract();
  for (std::size_t port = 0; port < contract.inputs.size(); ++port) {
    if (input_key(contract, port, step.from) == key) return true;
  }
  return false;
}

/// Steps that were played without data.
struct Played {
  ChainState after;
  std::string start;              ///< the key that the first step stands on
  std::vector<std::string> keys;  ///< key of each step's output
  [[nodiscard]] const std::string& end() const { return keys.empty() ? start : keys.back(); }
};

// Without anything before it, the first step may assume what it needs.
Played play(std::span<const Pipeline::Step> steps, const ChainState& before, const std::string& start) {
  Played out{before, start, {}};
  if (before.slots().empty() && !steps.empty())
    out.start = out.after.assume_inputs(*steps.front().system, steps.front().from);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string cursor = steps[i].from.empty() ? out.end() : steps[i].from;
    out.keys.push_back(out.after.apply(*steps[i].system, i + 1, cursor, steps[i].out));
  }
  return out;
}

// Lets go of what a step consumed, unless it was replaced or somebody reads it later.
void drop(World& world, std::span<const EntityId> entities, std::string_view consumed, std::string_view made,
          std::span<const Pipeline::Step> later) {
  const auto reads_it = [&](const Pipeline::Step& step) { return reads(step, consumed); };
  if (consumed != made && std::none_of(later.begin(), later.end(), reads_it)) {
    for (const EntityId entity : entities) world.forget(entity, consumed);
  }
  world.discard_scratch();
}

// The step of the next quantiser, at which a trace estimates the entropy of what goes into it.
Context for_step(const Context& context, std::span<const Pipeline::Step> from) {
  Context out = context;
  if (context.trace == nullptr || context.entropy_step != 0) return out;
  for (const auto& step : from) {
    if (const auto size = step.system->step()) {
      out.entropy_step = *size;
      break;
    }
  }
  return out;
}

}  // namespace

std::vector<EntityId> RunResult::absorb(RunResult&& step) {
  std::move(step.failed.begin(), step.failed.end(), std::back_inserter(failed));
  return std::move(step.done);
}

Pipeline Pipeline::parse(std::string_view recipe) {
  Pipeline out;
  for (const auto& step : parse_recipe(recipe)) out = out.then(system_of(step), step.out, step.from);
  return out;
}

Pipeline Pipeline::then(SystemPtr system, std::string_view out, std::string_view from) const {
  if (system == nullptr) throw Error(ErrorCode::invalid_argument, "a chain was given no system");
  require_key(out);
  require_key(from);
  Pipeline next = *this;
  const std::string_view start = from.empty() ? std::string_view(selected_) : canonical_key(from);
  next.steps_.push_back({std::move(system), std::string(canonical_key(out)), std::string(start)});
  next.selected_.clear();
  next.check();
  return next;
}

Pipeline Pipeline::operator|(const Pipeline& tail) const {
  Pipeline out = *this;
  if (steps_.empty() && selected_.empty()) return tail;
  out.steps_.insert(out.steps_.end(), tail.steps_.begin(), tail.steps_.end());
  if (!tail.steps_.empty() && tail.steps_.front().from.empty()) out.steps_[steps_.size()].from = selected_;
  out.selected_ = tail.steps_.empty() && tail.selected_.empty() ? selected_ : tail.selected_;
  out.check();
  return out;
}

Pipeline Pipeline::then(const Pipeline& tail, std::string_view out, std::string_view from) const {
  if (tail.steps_.empty()) throw Error(ErrorCode::invalid_argument, "a chain was given an empty chain");
  require_key(out);
  Pipeline named = tail;
  named.steps_.back().out = canonical_key(out.empty() ? std::string_view(named.steps_.back().out) : out);
  named.check();
  return (from.empty() ? *this : select(from)) | named;
}

Pipeline Pipeline::select(std::string_view key) const {
  require_key(key);
  Pipeline next = *this;
  next.selected_ = canonical_key(key);
  return next;
}

void Pipeline::check() {
  Played played = play(steps_, start_, start_key_);
  start_key_ = std::move(played.start);
  keys_ = std::move(played.keys);
}

std::string Pipeline::recipe() const {
  std::string out;
  for (const auto& step : steps_) {
    const std::string& from = out.empty() && starts_elsewhere() ? start_key_ : step.from;
    out += out.empty() ? "" : " | ";
    if (!from.empty()) out += "@" + from + " ";
    out += step.system->recipe();
    if (!step.out.empty()) out += " -> " + step.out;
  }
  return out;
}

// As the inverse of a chain does whose last step has a name of its own for its output.
bool Pipeline::starts_elsewhere() const {
  const auto& inputs = steps_.front().system->contract().inputs;
  return !inputs.empty() && inputs[0].key.empty() && start_key_ != own_key(inputs[0]);
}

std::string Pipeline::output_key() const { return keys_.empty() ? start_key_ : keys_.back(); }

Pipeline Pipeline::inverse() const {
  Pipeline out;
  out.start_ = play(steps_, start_, start_key_).after;
  out.start_key_ = output_key();
  for (std::size_t i = steps_.size(); i-- > 0;) {
    const System& system = *steps_[i].system;
    if (system.contract().role == Role::measure) continue;
    SystemPtr inverse = system.inverse();
    if (inverse == nullptr) {
      throw Error(ErrorCode::contract, "step " + std::to_string(i + 1) + " (" + system.recipe() + ") has no inverse");
    }
    out.steps_.push_back({std::move(inverse), {}, {}});
  }
  out.check();
  return out;
}

RunResult Pipeline::run(World& world, std::span<const EntityId> entities, const Context& context) const {
  return run(world, entities, context, 0, steps_.size());
}

RunResult Pipeline::run(World& world, std::span<const EntityId> entities, const Context& context, std::size_t first,
                        std::size_t last) const {
  return run_steps(world, entities, first == 0 ? start_key_ : keys_.at(first - 1), context,
                   std::span(steps_).subspan(first), last - first);
}

RunResult Pipeline::run_from(World& world, std::span<const EntityId> entities, std::string_view key,
                             const Context& context) const {
  return run_steps(world, entities, key, context, steps_, steps_.size());
}

RunResult Pipeline::run_steps(World& world, std::span<const EntityId> entities, std::string_view key,
                              const Context& context, std::span<const Step> steps, std::size_t count) {
  RunResult result;
  std::vector<EntityId> live(entities.begin(), entities.end());
  result.key = key;
  for (std::size_t i = 0; i < count && !live.empty(); ++i) {
    const Step& step = steps[i];
    const std::string cursor = step.from.empty() ? result.key : step.from;
    const Context here = for_step(context, steps.subspan(i));
    RunResult ran = Scheduler::run(world, step.system, live, cursor, step.out, here);
    result.key = ran.key;
    live = result.absorb(std::move(ran));
    if (!context.keep) drop(world, entities, cursor, result.key, steps.subspan(i + 1));
  }
  result.done = std::move(live);
  return result;
}

Pipeline pipeline_of(const World&, const Component& component) {
  std::vector<SystemPtr> systems;
  for (const TrailStep* node = component.trail; node != nullptr; node = node->previous) {
    systems.push_back(node->system->shared_from_this());
  }
  Pipeline out;
  for (auto system = systems.rbegin(); system != systems.rend(); ++system) out = out | *system;
  return out;
}

// ---- Pipe ------------------------------------------------------------------------------------------------------

Pipe::Pipe(World& world, std::vector<EntityId> entities, Context context)
    : world_(&world), entities_(std::move(entities)), context_(std::move(context)) {
  if (entities_.empty()) throw Error(ErrorCode::invalid_argument, "a pipe needs at least one entity");
  const auto keys = world.keys(entities_.front());
  for (const std::string_view start : {"RGB", "Latent4", "Bitstream"}) {
    if (cursor_.empty() && world.has(entities_.front(), start)) cursor_ = start;
  }
  if (cursor_.empty() && !keys.empty()) cursor_ = keys.front();
}

Pipe& Pipe::to(const SystemPtr& system, std::string_view out) {
  if (system == nullptr) throw Error(ErrorCode::invalid_argument, "a pipe was given no system");
  if (entities_.empty()) return *this;  // all failed before, under OnError::collect
  ChainState state = ChainState::of_entity(*world_, entities_.front());
  (void)state.apply(*system, steps_ + 1, cursor_, canonical_key(out));
  RunResult result = Scheduler::run(*world_, system, entities_, cursor_, out, context_);
  ++steps_;
  cursor_ = result.key;
  entities_ = std::move(result.done);
  std::move(result.failed.begin(), result.failed.end(), std::back_inserter(failed_));
  return *this;
}

Pipe& Pipe::to(const Pipeline& pipeline, std::string_view out) {
  const auto steps = pipeline.steps();
  const Context mine = context_;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].from.empty()) select(steps[i].from);
    context_ = for_step(mine, steps.subspan(i));
    to(steps[i].system, i + 1 == steps.size() && !out.empty() ? out : std::string_view(steps[i].out));
  }
  context_ = mine;
  return *this;
}

Pipe& Pipe::select(std::string_view key) {
  for (const EntityId entity : entities_) (void)world_->get(entity, key);
  cursor_ = canonical_key(key);
  return *this;
}

std::vector<const Component*> Pipe::out(std::string_view key) const {
  std::vector<const Component*> found;
  for (const EntityId entity : entities_) found.push_back(&world_->get(entity, key));
  return found;
}

}  // namespace vaerans
