// Pipeline, Pipe, RunResult.
#include "core/pipeline.hpp"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "convert.hpp"
#include "core/component.hpp"
#include "core/system.hpp"
#include "error.hpp"

namespace vaerans::python {
namespace {

PipelineObject with(const PipelineObject& base, Pipeline chain) {
  return {std::move(chain), base.world, base.context, base.wanted};
}

/// "cdf53(levels=4) | ans" as Pipeline | Pipeline does it.
Pipeline joined(const Pipeline& head, nb::handle tail, std::string_view out = {}, std::string_view from = {}) {
  Pipeline chain = pipeline_from(tail);
  if (head.steps().empty() && head.selected().empty() && out.empty() && from.empty()) return chain;
  if (chain.steps().size() == 1 && chain.steps().front().from.empty()) {
    const Pipeline::Step& only = chain.steps().front();
    return head.then(only.system, out.empty() ? std::string_view(only.out) : out, from);
  }
  if (!chain.steps().empty()) return head.then(chain, out, from);
  return from.empty() ? head : head.select(from);
}

nb::list steps_of(const Pipeline& pipeline) {
  nb::list steps;
  for (const auto& step : pipeline.steps()) steps.append(system_object(step.system));
  return steps;
}

/// The keys that a run of the chain leaves, side outputs such as QuantParams among them.
std::vector<std::string> made_keys(const Pipeline& pipeline) {
  std::vector<std::string> keys{pipeline.input_key()};
  for (std::size_t i = 0; i < pipeline.steps().size(); ++i) {
    keys.push_back(pipeline.output_key(i));
    const auto& outputs = pipeline.steps()[i].system->contract().outputs;
    for (std::size_t port = 1; port < outputs.size(); ++port) keys.push_back(outputs[port].key);
  }
  return keys;
}

PipelineObject want(const PipelineObject& p, nb::handle key) {
  const std::string wanted(canonical_key(key_of(key)));
  std::string there;
  for (const auto& made : made_keys(p)) {
    if (made == wanted) return {p, p.world, p.context, wanted};
    there += (there.empty() ? "" : ", ") + made;
  }
  throw Error(ErrorCode::contract, "this chain does not make '" + wanted + "'; it makes " + there);
}

/// run(world, entities), or run(entities) of a pipeline that was made with a world.
RunObject run(const PipelineObject& p, nb::handle world, nb::handle entities, const ContextPtr& context) {
  WorldPtr where = p.world;
  nb::object ids = nb::borrow(entities);
  if (nb::isinstance<WorldObject>(world)) {
    where = nb::cast<WorldPtr>(world);
  } else if (!world.is_none()) {
    if (!entities.is_none()) throw Error(ErrorCode::invalid_argument, "run(world, entities): the first is no World");
    ids = nb::borrow(world);
  }
  if (where == nullptr) {
    throw Error(ErrorCode::invalid_argument,
                "this Pipeline was made without a World: say run(world, entities), or make it with Pipeline(world)");
  }
  RunObject result = run_chain(p, where, ids, context == nullptr ? p.context : context);
  if (!p.wanted.empty()) result.key = p.wanted;
  return result;
}

PipeObject& to(PipeObject& p, nb::handle step, nb::handle out) {
  const std::string key = key_of(out);
  const Pipeline pipeline = pipeline_from(step);
  const nb::gil_scoped_release no_gil;
  const Use use(*p.world);
  p.pipe.to(pipeline, key);
  return p;
}

PipeObject& select(PipeObject& p, nb::handle key) {
  p.pipe.select(key_of(key));
  return p;
}

/// A run over a single entity that failed has nothing to give but its error.
[[noreturn]] void raise_failure(const Failure& failure) {
  const nb::object exception = exception_of(failure);
  PyErr_SetObject(exception.type().ptr(), exception.ptr());
  nb::raise_python_error();
}

nb::object out(const PipeObject& p, nb::handle wanted) {
  const std::string key = wanted.is_none() ? p.pipe.cursor() : key_of(wanted);
  const auto ids = p.pipe.entities();
  if (p.single && ids.empty() && !p.pipe.failed().empty()) raise_failure(p.pipe.failed().front());
  nb::list components;
  for (const auto id : ids) components.append(component_object(p.world, id, key));
  return p.single ? nb::object(components[0]) : nb::object(components);
}

nb::object components_of(const RunObject& r, nb::handle wanted) {
  const std::string key = wanted.is_none() ? r.key : key_of(wanted);
  if (r.single && !r.failed.empty()) raise_failure(r.failed.front());
  nb::list components;
  for (const auto id : r.done) components.append(component_object(r.world, id, key));
  return r.single ? nb::object(components[0]) : nb::object(components);
}

std::string repr(const RunObject& r) {
  return "RunResult(key='" + r.key + "', done=" + nb::cast<std::string>(nb::repr(nb::cast(r.done))) +
         ", failed=" + std::to_string(r.failed.size()) + ")";
}

void export_result(nb::module_& m) {
  nb::class_<Failure>(m, "Failure", "An entity that could not be processed.")
      .def_ro("entity", &Failure::entity)
      .def_ro("step", &Failure::step, "The recipe of the step that failed.")
      .def_prop_ro("code", [](const Failure& f) { return std::string(error_name(f.code)); })
      .def_ro("message", &Failure::message)
      .def_prop_ro("error", &exception_of, nb::for_getter(nb::sig("def error(self) -> BaseException")),
                   "The exception that would have been raised.")
      .def("__repr__", [](const Failure& f) {
        return "Failure(entity=" + std::to_string(f.entity) + ", step='" + f.step + "', " + f.message + ")";
      });
  nb::class_<RunObject>(m, "RunResult", "Which entities went through every step, and which did not.")
      .def_ro("key", &RunObject::key, "Key of the last step's output, or what Pipeline.out() asked for.")
      .def_ro("done", &RunObject::done)
      .def_ro("failed", &RunObject::failed, "Failure objects; empty with on_error='raise'.")
      .def("out", &components_of, "key"_a.none() = nb::none(),
           nb::sig("def out(self, key: object | None = None) -> typing.Any"),
           "The components of that key (by default `key`): one where run() was given an id, else a list, of those that "
           "are done.")
      .def("__repr__", &repr);
}

void construct(PipelineObject* self, nb::handle chain, nb::handle world, const ContextPtr& context) {
  const bool world_first = nb::isinstance<WorldObject>(chain);
  const nb::handle where = world_first ? chain : world;
  if (!where.is_none() && !nb::isinstance<WorldObject>(where)) refuse_value("world is a World", where);
  Pipeline made = world_first || chain.is_none() ? Pipeline{} : pipeline_from(chain);
  new (self) PipelineObject{std::move(made), where.is_none() ? nullptr : nb::cast<WorldPtr>(where), context, {}};
}

PipelineObject resolve(nb::handle systems, nb::handle have, nb::handle want) {
  std::vector<SystemPtr> given;
  const bool several = nb::isinstance<nb::list>(systems) || nb::isinstance<nb::tuple>(systems);
  if (!several) refuse_value("systems is a list of Systems and recipes", systems);
  for (const nb::handle system : systems) {
    const Pipeline chain = pipeline_from(system);
    for (const auto& step : chain.steps()) given.push_back(step.system);
  }
  return {Pipeline::resolve(given, keys_of(have), keys_of(want)), nullptr, nullptr, {}};
}

template <typename Class>
void export_building(Class& cls) {
  cls.def("__init__", &construct, "chain"_a.none() = nb::none(), "world"_a.none() = nb::none(),
          "context"_a.none() = nb::none(),
          "From a recipe, a System, a Pipeline or a list of these, with or without a World to run in: Pipeline(world) "
          "is empty.\n"
          "Raises BadRecipe, UnknownSystem, BadParameter, ContractError.")
      .def_static(
          "parse",
          [](const std::string& recipe) { return PipelineObject{Pipeline::parse(recipe), nullptr, nullptr, {}}; },
          "recipe"_a, "From a recipe. Raises BadRecipe with the position, UnknownSystem, BadParameter, ContractError.")
      .def_static("resolve", &resolve, "systems"_a, nb::kw_only(), "have"_a = "RGB", "want"_a = "Bitstream",
                  "The chain that makes `want` of `have` (keys, or lists of them) from systems in any order: they are "
                  "ordered by\n"
                  "their inputs and outputs, and what nothing needs is left out. Raises ContractError, which names "
                  "what is missing\n"
                  "and who could make it.")
      .def(
          "__or__", [](const PipelineObject& p, nb::handle tail) { return with(p, joined(p, tail)); }, "tail"_a,
          "This chain and one more system, recipe or chain. Raises ContractError where they do not fit.")
      .def(
          "__ror__",
          [](const PipelineObject& p, nb::handle head) { return with(p, joined(pipeline_from(head), nb::cast(p))); },
          "head"_a)
      .def(
          "to",
          [](const PipelineObject& p, nb::handle system, nb::handle out) {
            return with(p, joined(p, system, key_of(out)));
          },
          "system"_a, "out"_a.none() = nb::none(),
          "The same as |; `out` names the output if it is not to have its default key.")
      .def(
          "then",
          [](const PipelineObject& p, nb::handle system, nb::handle out, nb::handle start) {
            return with(p, joined(p, system, key_of(out), key_of(start)));
          },
          "system"_a, "out"_a.none() = nb::none(), "start"_a.none() = nb::none(),
          "This chain and one more system, writing `out` and starting from the component `start`.");
  for (const char* const name : {"select", "use"}) {
    cls.def(
        name, [](const PipelineObject& p, nb::handle key) { return with(p, p.select(key_of(key))); }, "key"_a,
        "The next step that is added stands on this component.");
  }
  cls.def("out", &want, "key"_a,
          "The same chain; `key` is what its runs give. Raises ContractError if it makes no such.");
}

/// What a chain does: its recipe, what the next step stands on, what its runs give. World and context are no part.
using PipelineState = std::tuple<std::string, std::string, std::string>;
PipelineState state_of(const PipelineObject& p) { return {p.recipe(), p.selected(), p.wanted}; }

void restore(PipelineObject* self, const PipelineState& state) {
  const auto& [recipe, selected, wanted] = state;
  const Pipeline chain = recipe.empty() ? Pipeline{} : Pipeline::parse(recipe);
  new (self) PipelineObject{chain.select(selected), nullptr, nullptr, wanted};
}

template <typename Class>
void export_reading(Class& cls) {
  cls.def_prop_ro("recipe", [](const PipelineObject& p) { return p.recipe(); })
      .def_prop_ro(
          "steps", [](const PipelineObject& p) { return steps_of(p); }, "Its systems.")
      .def_prop_ro(
          "systems", [](const PipelineObject& p) { return steps_of(p); }, "The same as `steps`.")
      .def_prop_ro("world", [](const PipelineObject& p) { return p.world; })
      .def(
          "inverse", [](const PipelineObject& p) { return PipelineObject{p.inverse(), p.world, p.context, {}}; },
          "The chain that undoes this one. Raises ContractError naming a step without inverse.")
      .def_prop_ro(
          "input_key", [](const PipelineObject& p) { return p.input_key(); }, "The component that run() starts from.")
      .def_prop_ro(
          "output_key", [](const PipelineObject& p) { return p.output_key(); }, "What the last step gives.")
      .def("run", &run, "world"_a.none() = nb::none(), "entities"_a.none() = nb::none(),
           "context"_a.none() = nb::none(),
           "run(world, entities), or run(entities) where the pipeline was made with a world; all of the world by "
           "default. One call\n"
           "per step and shape. Raises what the steps raise.")
      .def("__len__", [](const PipelineObject& p) { return p.steps().size(); })
      .def("__iter__", [](const PipelineObject& p) { return nb::iter(steps_of(p)); })
      .def(
          "__eq__",
          [](const PipelineObject& p, nb::handle other) {
            return nb::isinstance<PipelineObject>(other) &&
                   state_of(nb::cast<const PipelineObject&>(other)) == state_of(p);
          },
          "other"_a.none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__", [](const PipelineObject& p) { return nb::hash(nb::str(p.recipe().c_str())); })
      .def("__copy__", [](const PipelineObject& p) { return p; })
      .def("__deepcopy__", [](const PipelineObject& p, nb::handle) { return p; })
      .def("__reduce__",
           [](nb::handle self) {
             const nb::object make = nb::module_::import_("copyreg").attr("__newobj__");
             return nb::make_tuple(make, nb::make_tuple(self.type()), state_of(nb::cast<const PipelineObject&>(self)));
           })
      .def("__setstate__", &restore, "state"_a)
      .def("__str__", [](const PipelineObject& p) { return p.recipe(); })
      .def("__repr__", [](const PipelineObject& p) { return "Pipeline(\"" + p.recipe() + "\")"; });
}

void export_pipeline_class(nb::module_& m) {
  nb::class_<PipelineObject> cls(
      m, "Pipeline",
      "A chain without an entity, checked as it is built: Pipeline('hadamard4 | cdf53(levels=5)'), or systems\n"
      "joined with |, or .to(). str() gives its recipe, which parses back to an equal chain. Immutable: each call "
      "gives a new one.");
  export_building(cls);
  export_reading(cls);
}

void export_pipe(nb::module_& m) {
  nb::class_<PipeObject>(
      m, "Pipe",
      "Walks entities through systems; each .to() runs at once, on the component under the cursor, and moves\n"
      "the cursor to its output. Made by World.pipe().")
      .def("to", &to, "system"_a.none(), "out"_a.none() = nb::none(), nb::rv_policy::none,
           nb::sig("def to(self, system: object, out: object | None = None) -> Pipe"),
           "Runs a System, a Pipeline or a recipe; `out` names the (last) output if it is not to have its default key. "
           "Returns\n"
           "the pipe.\n"
           "Raises ContractError before anything runs where the step does not fit.")
      .def(
          "__or__", [](PipeObject& p, nb::handle step) -> PipeObject& { return to(p, step, nb::none()); }, "system"_a,
          nb::rv_policy::none)
      .def("select", &select, "key"_a, nb::rv_policy::none,
           "Moves the cursor. Raises MissingComponent. Returns the pipe.")
      .def("use", &select, "key"_a, nb::rv_policy::none, "The same as select().")
      .def(
          "fork", [](const PipeObject& p) { return PipeObject{p}; },
          "A second pipe on the same entities, with its own cursor.")
      .def("out", &out, "key"_a.none() = nb::none(), nb::sig("def out(self, key: object | None = None) -> typing.Any"),
           "The component of that key or component type (by default: under the cursor): one for a pipe made of an id,\n"
           "a list for a pipe made of a list (of the entities that are still in). Raises MissingComponent.")
      .def_prop_ro(
          "cursor", [](const PipeObject& p) { return p.pipe.cursor(); }, "Key of the component the pipe stands on.")
      .def_prop_ro(
          "entities",
          [](const PipeObject& p) { return std::vector<EntityId>(p.pipe.entities().begin(), p.pipe.entities().end()); },
          "Entities that are still in.")
      .def_prop_ro(
          "failed",
          [](const PipeObject& p) { return std::vector<Failure>(p.pipe.failed().begin(), p.pipe.failed().end()); },
          "Entities that failed, with on_error='collect'.")
      .def_prop_ro("world", [](const PipeObject& p) { return p.world; })
      .def_prop_ro("context", [](const PipeObject& p) { return p.context; });
}

/// Lists in lists are chains, too, but a list may hold itself. Each thread that is in the interpreter counts its own.
class Nested {
 public:
  Nested() {
    if (depth_ == kMost)
      throw Error(ErrorCode::bad_recipe,
                  "a chain is a list of Systems and recipes; this one holds itself, or lists within more than " +
                      std::to_string(kMost) + " others");
    ++depth_;
  }
  ~Nested() { --depth_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

 private:
  static constexpr int kMost = 100;
  static thread_local int depth_;
};
thread_local int Nested::depth_ = 0;

}  // namespace

EntityArgument entities_of(nb::handle entities) {
  constexpr std::string_view wanted = "an entity is a whole number, as spawn_image() gives it, or a list of them";
  EntityArgument argument;
  if (is_one_number(entities)) {
    argument.single = true;
    argument.ids.push_back(value_as<EntityId>(entities, wanted));
    return argument;
  }
  if (nb::isinstance<nb::str>(entities) || !nb::hasattr(entities, "__iter__")) refuse_value(wanted, entities);
  for (const nb::handle id : entities) argument.ids.push_back(value_as<EntityId>(id, wanted));
  return argument;
}

Pipeline pipeline_from(nb::handle chain) {
  if (nb::isinstance<nb::str>(chain)) return Pipeline::parse(printed(chain));
  if (nb::isinstance<PipelineObject>(chain)) return nb::cast<const PipelineObject&>(chain);
  if (!nb::isinstance<nb::list>(chain) && !nb::isinstance<nb::tuple>(chain)) return Pipeline(system_of(chain));
  const Nested nested;
  Pipeline out;
  for (const nb::handle step : chain) out = joined(out, step);
  return out;
}

RunObject run_chain(const Pipeline& chain, const WorldPtr& world, nb::handle entities, const ContextPtr& context) {
  const EntityArgument argument = entities.is_none() ? EntityArgument{world->entities(), false} : entities_of(entities);
  const Context policy = context_of(context);
  const nb::gil_scoped_release no_gil;
  const Use use(*world);
  return {chain.run(*world, argument.ids, policy), world, argument.single};
}

void export_pipeline(nb::module_& m) {
  export_result(m);
  export_pipeline_class(m);
  export_pipe(m);
  m.def("_join", [](nb::handle head, nb::handle tail) {
    return PipelineObject{joined(pipeline_from(head), tail), nullptr, nullptr, {}};
  });
}

}  // namespace vaerans::python
