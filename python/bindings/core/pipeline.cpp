// Pipeline, Pipe, RunResult.
#include "core/pipeline.hpp"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "convert.hpp"
#include "core/component.hpp"
#include "core/system.hpp"
#include "error.hpp"

namespace vaerans::python {
namespace {

/// "cdf53(levels=4) | ans" as Pipeline | Pipeline does it.
Pipeline joined(const Pipeline& head, nb::handle tail) {
  if (nb::isinstance<Pipeline>(tail)) return head | nb::cast<const Pipeline&>(tail);
  return head | system_of(tail);
}

nb::list steps_of(const Pipeline& pipeline) {
  nb::list steps;
  for (const auto& step : pipeline.steps()) steps.append(system_object(step.system));
  return steps;
}

RunResult run(const Pipeline& pipeline, const WorldPtr& world, nb::handle entities, const ContextPtr& context) {
  const auto ids = entities.is_none() ? world->entities() : entities_of(entities).ids;
  const Context policy = context_of(context);
  const nb::gil_scoped_release no_gil;
  const Use use(*world);
  return pipeline.run(*world, ids, policy);
}

PipeObject& to(PipeObject& p, nb::handle step, nb::handle out) {
  const std::string key = key_of(out);
  if (nb::isinstance<Pipeline>(step)) {
    if (!key.empty()) throw Error(ErrorCode::invalid_argument, "`out` goes with a single system, not with a Pipeline");
    const Pipeline pipeline = nb::cast<const Pipeline&>(step);
    const nb::gil_scoped_release no_gil;
    const Use use(*p.world);
    p.pipe.to(pipeline);
    return p;
  }
  const SystemPtr system = system_of(step);
  const nb::gil_scoped_release no_gil;
  const Use use(*p.world);
  p.pipe.to(system, key);
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
  nb::class_<RunResult>(m, "RunResult", "Which entities went through every step, and which did not.")
      .def_ro("key", &RunResult::key, "Key of the last step's output.")
      .def_ro("done", &RunResult::done)
      .def_ro("failed", &RunResult::failed, "Failure objects; empty with on_error='raise'.");
}

void export_pipeline_class(nb::module_& m) {
  nb::class_<Pipeline>(
      m, "Pipeline",
      "A chain without an entity, checked as it is built: Pipeline('hadamard4 | cdf53(levels=5)'), or systems\n"
      "joined with |. str() gives its recipe, which parses back to an equal chain. Immutable.")
      .def(
          "__init__",
          [](Pipeline* self, nb::handle chain) {
            new (self) Pipeline(chain.is_none() ? Pipeline{} : pipeline_from(chain));
          },
          "chain"_a.none() = nb::none(),
          "From a recipe, a System or a Pipeline. Raises BadRecipe, UnknownSystem, BadParameter, ContractError.")
      .def_static(
          "parse", [](const std::string& recipe) { return Pipeline::parse(recipe); }, "recipe"_a,
          "From a recipe. Raises BadRecipe with the position, UnknownSystem, BadParameter, ContractError.")
      .def(
          "__or__", [](const Pipeline& p, nb::handle tail) { return joined(p, tail); }, "tail"_a,
          "This chain and one more system or chain. Raises ContractError where they do not fit.")
      .def(
          "then",
          [](const Pipeline& p, nb::handle system, nb::handle out, nb::handle start) {
            return p.then(system_of(system), key_of(out), key_of(start));
          },
          "system"_a, "out"_a.none() = nb::none(), "start"_a.none() = nb::none(),
          "This chain and one more system, writing `out` and starting from the component `start`.")
      .def_prop_ro("recipe", &Pipeline::recipe)
      .def_prop_ro("steps", &steps_of, "Its systems.")
      .def("inverse", &Pipeline::inverse,
           "The chain that undoes this one. Raises ContractError naming a step without inverse.")
      .def_prop_ro("input_key", &Pipeline::input_key, "The component that run() starts from.")
      .def_prop_ro(
          "output_key", [](const Pipeline& p) { return p.output_key(); }, "What the last step gives.")
      .def("run", &run, "world"_a, "entities"_a.none() = nb::none(), "context"_a.none() = nb::none(),
           "Runs the chain on these entities (all of the world by default), one call per step and shape.")
      .def("__len__", [](const Pipeline& p) { return p.steps().size(); })
      .def("__iter__", [](const Pipeline& p) { return nb::iter(steps_of(p)); })
      .def("__eq__",
           [](const Pipeline& p, nb::handle other) {
             return nb::isinstance<Pipeline>(other) && nb::cast<const Pipeline&>(other).recipe() == p.recipe();
           })
      .def("__hash__", [](const Pipeline& p) { return nb::hash(nb::str(p.recipe().c_str())); })
      .def("__str__", &Pipeline::recipe)
      .def("__repr__", [](const Pipeline& p) { return "Pipeline(\"" + p.recipe() + "\")"; });
}

void export_pipe(nb::module_& m) {
  nb::class_<PipeObject>(
      m, "Pipe",
      "Walks entities through systems; each .to() runs at once, on the component under the cursor, and moves\n"
      "the cursor to its output. Made by World.pipe().")
      .def("to", &to, "system"_a, "out"_a.none() = nb::none(), nb::rv_policy::none,
           "Runs a System or a Pipeline; `out` names the output if it is not to have its default key. Returns the "
           "pipe.\n"
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

}  // namespace

EntityArgument entities_of(nb::handle entities) {
  EntityArgument argument;
  if (PyIndex_Check(entities.ptr())) {
    argument.single = true;
    argument.ids.push_back(nb::cast<EntityId>(entities));
  } else {
    for (const nb::handle id : entities) argument.ids.push_back(nb::cast<EntityId>(id));
  }
  return argument;
}

Pipeline pipeline_from(nb::handle chain) {
  if (nb::isinstance<nb::str>(chain)) return Pipeline::parse(nb::cast<std::string>(chain));
  if (nb::isinstance<Pipeline>(chain)) return nb::cast<const Pipeline&>(chain);
  return Pipeline(system_of(chain));
}

void export_pipeline(nb::module_& m) {
  export_result(m);
  export_pipeline_class(m);
  export_pipe(m);
  m.def("_join", [](nb::handle head, nb::handle tail) { return joined(Pipeline(system_of(head)), tail); });
}

}  // namespace vaerans::python
