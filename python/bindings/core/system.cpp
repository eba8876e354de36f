// System, Contract, Port.
#include "core/system.hpp"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <utility>

#include "convert.hpp"
#include "core/python_system.hpp"
#include "vaerans/core/names.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans::python {
namespace {

Role role_of(const std::string& name) {
  const auto* const found = std::ranges::find(role_names, name);
  if (found != role_names.end()) return static_cast<Role>(found - role_names.begin());
  throw Error(ErrorCode::contract, "a role is 'forward', 'inverse', 'filter' or 'measure', not '" + name + "'");
}

/// A Port, a component type (RGB), a (kind, key) pair, or a kind.
Port port_of(nb::handle value) {
  if (nb::isinstance<Port>(value)) return nb::cast<Port>(value);
  constexpr std::string_view wanted = "an input or output is a component type, a kind or a pair (kind, key)";
  if (nb::isinstance<nb::str>(value)) return {kind_of(printed(value)), {}};
  if (nb::hasattr(value, "key")) return {kind_of(value_as<std::string>(value.attr("kind"), wanted)), key_of(value)};
  if (!nb::isinstance<nb::tuple>(value) || nb::len(value) != 2) refuse_value(wanted, value);
  return {kind_of(value_as<std::string>(value[0], wanted)), key_of(value[1])};
}

std::vector<Port> ports_of(nb::handle values) {
  std::vector<Port> ports;
  if (!nb::hasattr(values, "__iter__")) refuse_value("inputs and outputs are lists, such as [Latent4]", values);
  for (const nb::handle value : values) ports.push_back(port_of(value));
  return ports;
}

std::vector<Kind> kinds_of(nb::handle names) {
  std::vector<Kind> kinds;
  for (const nb::handle name : names) kinds.push_back(kind_of(value_as<std::string>(name, "a kind is a text")));
  return kinds;
}

void make_contract(Contract* self, const std::string& name, nb::handle inputs, nb::handle outputs,
                   const std::string& role, nb::handle also_accepts, const std::string& inverse_of,
                   nb::handle optional_trail, nb::handle ragged) {
  Contract made;
  made.name = name;
  made.role = role_of(role);
  made.inputs = ports_of(inputs);
  made.outputs = ports_of(outputs);
  made.also_accepts = kinds_of(also_accepts);
  made.inverse_of = inverse_of;
  made.optional_trail = flag_of(optional_trail, "optional_trail is True or False");
  made.ragged = flag_of(ragged, "ragged is True or False");
  require_ports(made);
  new (self) Contract(std::move(made));
}

const SystemPtr& require_native(const SystemHandle& handle) {
  if (handle.native != nullptr) return handle.native;
  throw Error(ErrorCode::contract, "a System of your own needs a `contract = Contract(...)` and a `run(self, group)`");
}

void export_contract(nb::module_& m) {
  nb::class_<Port>(m, "Port", "One component that a system reads or writes.")
      .def(
          "__init__",
          [](Port* self, const std::string& kind, nb::handle key) { new (self) Port{kind_of(kind), key_of(key)}; },
          "kind"_a, "key"_a = "",
          "kind: image, difference, planes, bands, symbols, bitstream or parameters.\n"
          "key: for an input, '' means 'where the pipe stands'; for an output, its default key.")
      .def_prop_ro("kind", [](const Port& p) { return std::string(kind_name(p.kind)); })
      .def_ro("key", &Port::key)
      .def("__repr__", [](const Port& p) { return "Port('" + std::string(kind_name(p.kind)) + "', '" + p.key + "')"; });
  nb::class_<Contract>(m, "Contract", "What a chain is checked against when it is put together.")
      .def("__init__", &make_contract, "name"_a, "inputs"_a = nb::make_tuple(), "outputs"_a = nb::make_tuple(),
           nb::kw_only(), "role"_a = "forward", "also_accepts"_a = nb::make_tuple(), "inverse_of"_a = "",
           "optional_trail"_a.none() = false, "ragged"_a.none() = false,
           nb::sig("def __init__(self, name: str, inputs: object = (), outputs: object = (), *, role: str = 'forward', "
                   "also_accepts: object = (), inverse_of: str = '', optional_trail: bool = False, ragged: bool = "
                   "False) -> None"),
           "name: in recipes. inputs, outputs: Port objects, component types, (kind, key) pairs or kinds, at least one "
           "of each,\n"
           "or no output of a measure; the first input is the main one, and an inverse whose output has no key gives "
           "back the component that the step consumed.\n"
           "role: 'forward' (invertible), 'inverse' (undoes the step `inverse_of`), 'filter' (something new that "
           "cannot be\n"
           "undone) or 'measure' (numbers only). also_accepts: further kinds of the main input. optional_trail: an "
           "inverse\n"
           "that may also start from a source. ragged: the main input's size may differ inside a group (bitstreams);\n"
           "such a group has no batch(), only item().")
      .def_ro("name", &Contract::name)
      .def_prop_ro("role", [](const Contract& c) { return role_name(c.role); })
      .def_ro("inputs", &Contract::inputs)
      .def_ro("outputs", &Contract::outputs)
      .def_ro("inverse_of", &Contract::inverse_of)
      .def_ro("optional_trail", &Contract::optional_trail)
      .def_ro("ragged", &Contract::ragged)
      .def_ro("in_place", &Contract::in_place)
      .def("__repr__", [](const Contract& c) {
        return "Contract('" + c.name + "', role='" + std::string(role_name(c.role)) + "')";
      });
}

}  // namespace

SharedObject::SharedObject(nb::object object)
    : object_(object.release().ptr(), [](PyObject* o) {
        if (nb::detail::cleanup_guard guard{}) Py_DECREF(o);
      }) {}

SystemPtr system_of(nb::handle object) {
  SystemHandle* handle = nullptr;
  if (!nb::try_cast(object, handle) || handle == nullptr) {
    const bool is_class = PyType_Check(object.ptr()) != 0;
    const auto name = nb::cast<std::string>((is_class ? object : nb::handle(object.type())).attr("__name__"));
    throw Error(ErrorCode::contract,
                "a chain is made of Systems and recipes, not of " +
                    (is_class ? "the class " + name + ": write " + name + "() to make one" : name));
  }
  if (handle->native != nullptr) return handle->native;
  if (auto standing = handle->mine.lock()) return standing;
  auto made = std::make_shared<PythonSystem>(object);
  handle->mine = made;
  return made;
}

nb::object system_object(const SystemPtr& system) {
  if (const auto* python = dynamic_cast<const PythonSystem*>(system.get())) return nb::borrow(python->object());
  return nb::module_::import_("vaerans_ecs.systems").attr("adopt")(nb::cast(SystemHandle{system, {}}));
}

void export_system(nb::module_& m) {
  export_contract(m);
  nb::class_<SystemHandle>(m, "SystemBase", "One step of a chain.")
      .def(nb::init<>())
      .def(
          "__init__",
          [](SystemHandle* self, const std::string& name, const nb::dict& params) {
            new (self) SystemHandle{make_system(name, params_of(params)), {}};
          },
          "name"_a, "params"_a)
      .def(
          "__init__", [](SystemHandle* self, const SystemHandle& other) { new (self) SystemHandle{other.native, {}}; },
          "other"_a)
      .def_prop_ro(
          "contract", [](const SystemHandle& s) { return require_native(s)->contract(); },
          "What a chain is checked against.")
      .def("_native_params", [](const SystemHandle& s) { return dict_of(require_native(s)->params()); })
      .def("_native_inverse",
           [](const SystemHandle& s) -> nb::object {
             if (s.native == nullptr) return nb::none();
             const SystemPtr inverse = s.native->inverse();
             return inverse == nullptr ? nb::none() : system_object(inverse);
           })
      .def_prop_ro("_is_native", [](const SystemHandle& s) { return s.native != nullptr; })
      .def("_recipe", [](nb::handle self) { return system_of(self)->recipe(); });
}

}  // namespace vaerans::python
