// System: one step of a chain. It declares what it needs and gives; the scheduler hands it groups of equal shape.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vaerans/base/region.hpp"
#include "vaerans/core/arena.hpp"
#include "vaerans/core/component.hpp"
#include "vaerans/core/context.hpp"
#include "vaerans/core/params.hpp"
#include "vaerans/core/world_fwd.hpp"

namespace vaerans {

/// One component that a system reads or writes.
struct Port {
  Kind kind = Kind::image;
  std::string key;  ///< for an input, empty means "where the pipe stands"; for an output, the default key
};

enum class Role : std::uint8_t {
  forward,  ///< invertible: leaves side information on the trail
  inverse,  ///< undoes the last step of the trail
  filter,   ///< makes something new from its inputs; cannot be undone
  measure,  ///< writes numbers into the entity's metadata and the trace; no component
};

/// What a chain is checked against when it is put together.
struct Contract {
  std::string name{};  ///< in recipes: "hadamard4"
  Role role = Role::forward;
  std::vector<Port> inputs{};        ///< the first is the main one
  std::vector<Port> outputs{};       ///< an inverse with an empty key gives back the key that the step consumed
  std::vector<Kind> also_accepts{};  ///< further kinds that the main input may have
  std::string inverse_of{};          ///< role inverse: the name of the step it undoes; several with '|' between
  bool optional_trail = false;       ///< role inverse: may also start from a source (a latent without its encoder)
  bool in_place = false;             ///< may write its output over its input
  /// Takes pictures of one channel and of 16 bits, too. To others only (H, W, 3) u8 is given: they never see a picture
  /// that they would take for another.
  bool any_picture = false;
  bool ragged = false;  ///< the main input's size differs between entities of a group (bitstreams)

  /// Whether inverse_of names this step.
  [[nodiscard]] bool undoes(std::string_view step) const noexcept;
};

/// What was learned beforehand about the symbols that a chain makes, so that it need not travel with each file. Coders
/// define what is in it; a step that knows its own statistics hands one out (System::prior).
struct EntropyPrior {
  EntropyPrior() = default;
  virtual ~EntropyPrior() = default;

 protected:  // copied as what it is, never as this base alone
  EntropyPrior(const EntropyPrior&) = default;
  EntropyPrior(EntropyPrior&&) = default;
  EntropyPrior& operator=(const EntropyPrior&) = default;
  EntropyPrior& operator=(EntropyPrior&&) = default;
};

/// A line about a step's side information, for people: ("model", "photo-f8c4").
struct SideInfoField {
  std::string name, text;
};

/// What System::vjp() works on: a vector–Jacobian product of the inverse of one step of a trail.
struct Vjp {
  const TrailStep& step;             ///< the step that the inverse undoes
  std::span<const float> at;         ///< what the inverse takes: the step's output, float32
  std::span<const float> cotangent;  ///< slope of a loss by each element of what the inverse gives, as step.input
  std::span<float> out;              ///< the slope by each element of what the inverse takes
  const Context& context;
};

class Batch;
class Group;

class System : public std::enable_shared_from_this<System> {
 public:
  virtual ~System() = default;
  System() = default;
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  [[nodiscard]] virtual const Contract& contract() const = 0;
  /// What a recipe prints and a file holds: see Params::shown().
  [[nodiscard]] virtual ParamList params() const = 0;
  /// The system that undoes this one; nullptr if there is none.
  [[nodiscard]] virtual std::shared_ptr<const System> inverse() const { return nullptr; }

  /// Shape inference for role forward: what the step makes of `input`, given its side information. Used to read files:
  /// it must check everything against `limits`, and must not trust `side_info`. Subbands are allocated in `arena`.
  [[nodiscard]] virtual Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                                      const Limits& limits) const;

  /// Role forward: throws what undoing `step`, one of this system's, would throw for a reason that can be told from the
  /// step alone, such as a model that is missing or not the one that made it. Called before anything is decoded.
  virtual void check_undo(const TrailStep& step, const Limits& limits) const;

  /// Role forward: how long undoing `step`, one of this system's, takes, counted in pixels that the wavelet coder
  /// decodes in that time; 0 where a pass or two over the samples undo it, as for most steps. Plans hold the sum over a
  /// chain against Limits::max_pixels_per_byte.
  [[nodiscard]] virtual std::uint64_t undo_pixels(const TrailStep& step) const;

  // What only some systems have. Callers ask for it; no system is recognised by its name.

  /// The model that the step runs, as it was named: a name or a folder. nullopt: it runs none.
  [[nodiscard]] virtual std::optional<std::string> model() const { return std::nullopt; }
  /// The same step with another model; nullptr if it runs none.
  [[nodiscard]] virtual std::shared_ptr<const System> with_model(const std::string& name_or_folder) const;
  /// The step size that a rate is set by. nullopt: the step is no quantiser, or one of another sort.
  [[nodiscard]] virtual std::optional<double> step() const { return std::nullopt; }
  /// The same step with another step size, its own or a later quantiser's that it follows; nullptr where that means
  /// nothing to it. Throws Error(bad_parameter) if out of range.
  [[nodiscard]] virtual std::shared_ptr<const System> with_step(double step) const;
  /// What a coder may know beforehand of the symbols that come from this step's output; nullptr: nothing. Throws
  /// Error(model_not_found), Error(model_invalid). May be called from several threads.
  [[nodiscard]] virtual std::shared_ptr<const EntropyPrior> prior() const { return nullptr; }
  /// What side information says, for `vaerans info`. It may come from any file: what cannot be read is left out.
  [[nodiscard]] virtual std::vector<SideInfoField> describe_side_info(std::span<const std::byte> side_info) const;
  /// Role forward: how many pixels within the borders of a part, which lie where tiles do, its inverse looks beyond
  /// them, so that what is further inside can be decoded from the part alone. nullopt: all, or it is not known.
  [[nodiscard]] virtual std::optional<std::uint64_t> halo() const { return std::nullopt; }
  /// Where there is a halo(): the side information for a part of a picture of that shape (H, W, C), which begins where
  /// a tile does. Throws Error(corrupt_stream).
  [[nodiscard]] virtual std::vector<std::byte> side_info_of_part(std::span<const std::byte> side_info,
                                                                 const Shape& picture, const Region& part) const;
  /// Whether the inverse gives back exactly what the step was given.
  [[nodiscard]] virtual bool exact() const { return false; }

  /// Role forward: whether vjp() works, so that an encoder can better what it gives to later steps. Throws as opening a
  /// model does.
  [[nodiscard]] virtual bool has_vjp() const { return false; }
  /// Carries the slopes of a loss back through this step's inverse; throws Error(contract) without has_vjp().
  virtual void vjp(const Vjp& request) const;

  /// Does the work for one group. Throws Error: then every entity of the group fails; Group::fail marks single ones.
  virtual void run(Group& group) const = 0;

  /// "cdf53(levels=5)": the contract's name and params().
  [[nodiscard]] std::string recipe() const;
};

/// The prior of the nearest step of a trail that hands one out, `last` being its last step; nullptr if none does.
[[nodiscard]] std::shared_ptr<const EntropyPrior> prior_of(const TrailStep* last);

/// What a system works on: N entities of one shape, inputs as (N, …) batches.
class Group {
 public:
  Group(World& world, const System& system, const Context& context, std::vector<EntityId> entities,
        std::vector<std::vector<Component>> inputs, TraceRecord& trace);

  [[nodiscard]] std::size_t size() const noexcept { return entities_.size(); }
  [[nodiscard]] std::span<const EntityId> entities() const noexcept { return entities_; }
  [[nodiscard]] World& world() const noexcept { return world_; }
  [[nodiscard]] Arena& arena() const noexcept;
  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] TraceRecord& trace() const noexcept { return trace_; }

  /// Input `port` of entity i, and what all the group's inputs of that port have in common.
  [[nodiscard]] const Component& input(std::size_t port, std::size_t i) const { return inputs_[port][i]; }
  [[nodiscard]] const Spec& spec(std::size_t port = 0) const { return inputs_[port][0].spec; }
  /// The (N, …) batch of an input: a view where the items are neighbours, else a counted copy.
  [[nodiscard]] TensorRef batch(std::size_t port = 0);
  template <typename T>
  [[nodiscard]] std::span<T> view(const TensorRef& ref) const {
    return arena().view<T>(ref);
  }
  template <typename T>
  [[nodiscard]] std::span<const T> item(std::size_t port, std::size_t i) const {
    return arena().view<T>(inputs_[port][i].data);
  }

  /// Role inverse: the step that is undone for entity i (its system, input spec, side information), or nullptr for a
  /// component that no step made.
  [[nodiscard]] const TrailStep* undone_step(std::size_t i) const;

  /// Allocates output `port` as one (N, …) tensor of `spec`; each entity gets its item when the run succeeds.
  TensorRef output(const Spec& spec, std::size_t port = 0);
  /// Lets the first output take the main input's memory (contract().in_place); the input component goes away.
  TensorRef output_in_place(const Spec& spec);
  /// Gives entity i an output of its own size (bitstreams).
  void output_item(std::size_t i, const Component& component, std::size_t port = 0);
  /// Role forward: the side information that the inverse will need for entity i.
  void side_info(std::size_t i, std::span<const std::byte> bytes);
  /// Role measure: a number for entity i's metadata.
  void measured(std::size_t i, const std::string& name, double value);
  /// Entity i cannot be processed; the others go on.
  void fail(std::size_t i, const Error& error);
  [[nodiscard]] bool failed(std::size_t i) const { return failures_[i].has_value(); }
  void note(const std::string& text) { trace_.notes.push_back(text); }

 private:
  friend class Batch;
  World& world_;
  const System& system_;
  const Context& context_;
  std::vector<EntityId> entities_;
  std::vector<std::vector<Component>> inputs_;  ///< [port][entity]
  TraceRecord& trace_;
  std::vector<std::vector<Component>> outputs_;  ///< [port][entity]
  std::vector<std::span<const std::byte>> side_info_;
  std::vector<std::optional<Error>> failures_;
  bool in_place_ = false;
};

}  // namespace vaerans
