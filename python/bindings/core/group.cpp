// Group: what a Python system works on.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>

#include "convert.hpp"
#include "core/component.hpp"
#include "core/system.hpp"
#include "core/world.hpp"

namespace vaerans::python {
namespace {

struct GroupObject {
  Group* group = nullptr;  ///< nullptr once run() has returned
  const Contract* contract = nullptr;
};

Group& open(const GroupObject& g) {
  if (g.group != nullptr) return *g.group;
  throw Error(ErrorCode::invalid_argument, "a Group can be used inside run() only");
}

void check_item(const Group& group, std::size_t i) {
  if (i < group.size()) return;
  throw Error(ErrorCode::invalid_argument,
              "entity " + std::to_string(i) + " of a group of " + std::to_string(group.size()));
}

const Component& input_at(const GroupObject& g, std::size_t i, std::size_t port) {
  const Group& group = open(g);
  check_item(group, i);
  if (port < g.contract->inputs.size()) return group.input(port, i);
  throw Error(ErrorCode::invalid_argument, "this system has no input " + std::to_string(port));
}

ReadArray batch(const GroupObject& g, std::size_t port) {
  (void)input_at(g, 0, port);
  return read_view(g.group->arena(), g.group->batch(port));
}

ReadArray item(const GroupObject& g, std::size_t i, std::size_t port) {
  const Component& component = input_at(g, i, port);
  return read_view(g.group->arena(), component.data);
}

SpecObject spec(const GroupObject& g, std::size_t port) { return SpecObject(input_at(g, 0, port).spec); }

Kind output_kind(const GroupObject& g, const std::optional<std::string>& kind, std::size_t port) {
  const auto& outputs = g.contract->outputs;
  if (port >= outputs.size()) throw Error(ErrorCode::contract, "the contract has no output " + std::to_string(port));
  return kind ? kind_of(*kind) : outputs[port].kind;
}

WriteArray output(const GroupObject& g, nb::handle shape, nb::handle dtype, const std::optional<std::string>& kind,
                  nb::handle subbands, std::size_t port) {
  Arena& arena = open(g).arena();
  SpecObject made;
  made.kind = output_kind(g, kind, port);
  made.shape = shape_of(shape);
  made.dtype = python::dtype_of(dtype);
  made.subbands = subbands_of(subbands);
  return write_view(arena, g.group->output(made.in(arena), port));
}

void output_item(const GroupObject& g, std::size_t i, nb::handle array, const std::optional<std::string>& kind,
                 std::size_t port) {
  check_item(open(g), i);
  const Kind made = output_kind(g, kind, port);
  const PackedArray values = packed(array);
  Arena& arena = g.group->arena();
  const TensorRef ref = arena.alloc_tensor(shape_of(values), dtype_of_array(values));
  const auto bytes = bytes_of(values);
  std::copy(bytes.begin(), bytes.end(), arena.data(ref));
  g.group->output_item(i, {ref, {made, ref.dtype(), ref.shape(), {}}, nullptr}, port);
}

void side_info(const GroupObject& g, std::size_t i, const nb::bytes& bytes) {
  check_item(open(g), i);
  g.group->side_info(i, {static_cast<const std::byte*>(bytes.data()), bytes.size()});
}

std::optional<StepObject> undone_step(const GroupObject& g, std::size_t i) {
  check_item(open(g), i);
  const TrailStep* node = g.group->undone_step(i);
  return node == nullptr ? std::nullopt : std::optional(step_of(*node));
}

void fail(const GroupObject& g, std::size_t i, const std::string& message) {
  check_item(open(g), i);
  g.group->fail(i, Error(ErrorCode::invalid_argument, message));
}

void measured(const GroupObject& g, std::size_t i, const std::string& name, double value) {
  check_item(open(g), i);
  g.group->measured(i, name, value);
}

std::vector<EntityId> entities(const GroupObject& g) {
  const auto ids = open(g).entities();
  return {ids.begin(), ids.end()};
}

}  // namespace

nb::object group_object(Group& group, const Contract& contract) { return nb::cast(GroupObject{&group, &contract}); }

void close_group(nb::handle group) noexcept {
  GroupObject* object = nullptr;
  if (nb::try_cast(group, object) && object != nullptr) object->group = nullptr;
}

void export_group(nb::module_& m) {
  nb::class_<GroupObject>(
      m, "Group",
      "N entities of one shape that a system works on in one call. Inputs are read-only (N, ...) batches,\n"
      "outputs are allocated here and written in place. Usable inside run() only; arrays stay valid.")
      .def("__len__", [](const GroupObject& g) { return open(g).size(); })
      .def_prop_ro(
          "size", [](const GroupObject& g) { return open(g).size(); }, "N.")
      .def_prop_ro(
          "world", [](const GroupObject& g) { return nb::find(static_cast<WorldObject*>(&open(g).world())); },
          nb::for_getter(nb::sig("def world(self) -> World")), "The world that the entities live in.")
      .def_prop_ro("entities", &entities, "The entities' ids, in batch order.")
      .def("batch", &batch, "port"_a = 0,
           "The (N, ...) batch of an input: a view where the items are neighbours, else a copy in the arena.")
      .def("item", &item, "i"_a, "port"_a = 0, "The input of entity i alone: always a view.")
      .def("spec", &spec, "port"_a = 0, "What the group's inputs of that port have in common.")
      .def("output", &output, "shape"_a, "dtype"_a = "f32", "kind"_a.none() = nb::none(),
           "subbands"_a = nb::make_tuple(), "port"_a = 0,
           "Allocates an output of item shape `shape`; returns it as a writable (N, ...) view whose contents are "
           "undefined.\n"
           "kind: the contract's by default. subbands: (channel, level, band, offset, h, w) of each contiguous run.")
      .def("output_item", &output_item, "i"_a, "array"_a, "kind"_a.none() = nb::none(), "port"_a = 0,
           "Gives entity i an output of its own size (such as a bitstream); the array is copied.")
      .def("side_info", &side_info, "i"_a, "side_info"_a,
           "Role forward: the side information that the inverse needs for entity i.")
      .def("undone_step", &undone_step, "i"_a,
           "Role inverse: the step that is undone for entity i (a TrailStep), or None where it starts from a source.")
      .def("fail", &fail, "i"_a, "message"_a, "Entity i cannot be processed; the others go on.")
      .def("measured", &measured, "i"_a, "name"_a, "value"_a, "Role measure: a number for entity i's metadata.")
      .def(
          "note", [](const GroupObject& g, const std::string& text) { open(g).note(text); }, "text"_a,
          "A line for the trace.")
      .def_prop_ro("seed", [](const GroupObject& g) { return open(g).context().seed; }, "The run's seed.");
}

}  // namespace vaerans::python
