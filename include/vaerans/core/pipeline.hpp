// Pipe (eager, on entities) and Pipeline (a recipe, without entities): both are checked as they are put together.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/core/registry.hpp"
#include "vaerans/core/system.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {

using SystemPtr = std::shared_ptr<const System>;

/// An entity that could not be processed.
struct Failure {
  EntityId entity = 0;
  std::string step;  ///< the recipe of the step that failed
  ErrorCode code = ErrorCode::internal;
  std::string message;
};
struct RunResult {
  std::vector<EntityId> done;   ///< entities that went through every step
  std::vector<Failure> failed;  ///< empty under OnError::raise
  std::string key;              ///< key of the last main output

  /// Takes over the failures of a later step; what that step returns as done is handed on, for the step after it.
  std::vector<EntityId> absorb(RunResult&& step);
};

/// What a chain knows of its components before it runs: used to refuse what cannot fit.
class ChainState {
 public:
  struct Step {
    std::string name, input_key;
    Kind input_kind = Kind::image;
    ParamList params;
  };
  struct Slot {
    Kind kind = Kind::image;
    std::vector<Step> trail;
    bool known = true;  ///< false: the chain starts in the middle, so kind and trail are taken on trust
  };

  static ChainState of_entity(const World& world, EntityId entity);
  void add(std::string key, Slot slot);
  /// Applies one step; throws Error(contract) naming the step (counted from 1), what it needs and what there is.
  /// Returns the key of its main output.
  std::string apply(const System& system, std::size_t step, std::string_view cursor, std::string_view out);
  /// Lets a step that nothing precedes assume its inputs, the main one under `from` (empty: under its default key).
  /// Returns the main input's key.
  std::string assume_inputs(const System& system, std::string_view from = {});
  [[nodiscard]] const std::map<std::string, Slot, std::less<>>& slots() const noexcept { return slots_; }

 private:
  std::map<std::string, Slot, std::less<>> slots_;
};

/// Runs single steps over groups of entities. Everything that runs, runs here.
class Scheduler {
 public:
  /// Runs `system` on the component `cursor` of each entity, into `out` (empty: the contract's key).
  static RunResult run(World& world, const SystemPtr& system, std::span<const EntityId> entities,
                       std::string_view cursor, std::string_view out, const Context& context);
};

/// A chain without an entity: `parse("hadamard4 | cdf53(levels=5)")`, or built with |. Immutable.
class Pipeline {
 public:
  struct Step {
    SystemPtr system;
    std::string out;   ///< output key if not the default
    std::string from;  ///< select(): the component to stand on before this step; empty: the last output
  };

  Pipeline() = default;
  explicit Pipeline(SystemPtr system) : Pipeline(Pipeline{} | std::move(system)) {}
  /// Throws Error(bad_recipe) with the position, Error(unknown_system), Error(bad_parameter), Error(contract).
  static Pipeline parse(std::string_view recipe);

  /// This chain and one more step; throws Error(contract) if it does not fit, Error(invalid_argument) for a key that no
  /// recipe can name.
  [[nodiscard]] Pipeline operator|(SystemPtr system) const { return then(std::move(system)); }
  [[nodiscard]] Pipeline operator|(const Pipeline& tail) const;
  [[nodiscard]] Pipeline then(SystemPtr system, std::string_view out = {}, std::string_view from = {}) const;

  /// This chain and another; `out` renames what the last of its steps gives.
  [[nodiscard]] Pipeline then(const Pipeline& tail, std::string_view out, std::string_view from = {}) const;
  /// The next step that is added stands on this component.
  [[nodiscard]] Pipeline select(std::string_view key) const;
  [[nodiscard]] const std::string& selected() const noexcept { return selected_; }  ///< empty: on the last output

  /// The chain that makes `want` of `have`, from systems in any order: they are ordered by their inputs and outputs.
  /// Forward and inverse steps that fit between the two are all used, filters where something needs what they make, and
  /// what nothing needs is left out. Throws Error(contract) that names what is missing and who could make it.
  [[nodiscard]] static Pipeline resolve(std::span<const SystemPtr> systems, std::span<const std::string> have,
                                        std::span<const std::string> want);

  [[nodiscard]] std::string recipe() const;  ///< parse(recipe()) is this chain
  [[nodiscard]] std::span<const Step> steps() const noexcept { return steps_; }
  [[nodiscard]] Pipeline inverse() const;  ///< throws Error(contract) naming a step without inverse
  [[nodiscard]] const std::string& input_key() const noexcept { return start_key_; }  ///< where run() starts
  [[nodiscard]] std::string output_key() const;                                       ///< what the last step gives
  [[nodiscard]] const std::string& output_key(std::size_t step) const { return keys_.at(step); }

  RunResult run(World& world, std::span<const EntityId> entities, const Context& context = {}) const;
  /// The same from another component than input_key().
  RunResult run_from(World& world, std::span<const EntityId> entities, std::string_view key,
                     const Context& context = {}) const;
  /// Steps [first, last) only.
  RunResult run(World& world, std::span<const EntityId> entities, const Context& context, std::size_t first,
                std::size_t last) const;

 private:
  void check();
  [[nodiscard]] bool starts_elsewhere() const;
  static RunResult run_steps(World& world, std::span<const EntityId> entities, std::string_view key,
                             const Context& context, std::span<const Step> steps, std::size_t count);
  std::vector<Step> steps_;
  std::vector<std::string> keys_;  ///< output key of each step
  ChainState start_;               ///< what is there before the first step; empty: what that step asks for
  std::string start_key_;
  std::string selected_;  ///< select(): what the next step stands on
};

/// Walks entities through systems one call at a time; what fails to fit throws before it runs.
class Pipe {
 public:
  Pipe(World& world, std::vector<EntityId> entities, Context context = {});

  Pipe& to(const SystemPtr& system, std::string_view out = {});
  /// All its steps; `out` names the output of the last.
  Pipe& to(const Pipeline& pipeline, std::string_view out = {});
  Pipe& operator|(const SystemPtr& system) { return to(system); }
  Pipe& select(std::string_view key);  ///< moves the cursor; throws Error(missing_component)
  Pipe& use(std::string_view key) { return select(key); }
  [[nodiscard]] Pipe fork() const { return *this; }

  [[nodiscard]] std::vector<const Component*> out(std::string_view key) const;  ///< one for each entity still in
  template <typename T>
  [[nodiscard]] std::vector<const Component*> out() const {
    return out(T::key);
  }

  [[nodiscard]] const std::string& cursor() const noexcept { return cursor_; }
  [[nodiscard]] std::span<const EntityId> entities() const noexcept { return entities_; }
  [[nodiscard]] World& world() const noexcept { return *world_; }
  [[nodiscard]] Context& context() noexcept { return context_; }
  [[nodiscard]] std::span<const Failure> failed() const noexcept { return failed_; }

 private:
  World* world_;
  std::vector<EntityId> entities_;
  Context context_;
  std::string cursor_;
  std::size_t steps_ = 0;
  std::vector<Failure> failed_;
};

/// The chain that a component's trail tells: what was run to get it, from its source on.
[[nodiscard]] Pipeline pipeline_of(const World& world, const Component& component);

}  // namespace vaerans
