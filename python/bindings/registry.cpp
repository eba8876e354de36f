// The registry: what systems there are, and adding Python classes to it.
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <set>

#include "convert.hpp"
#include "error.hpp"
#include "system.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans::python {
namespace {

/// Names that Python classes added. They must be gone before the interpreter is. Guarded by the GIL.
std::set<std::string>& python_names() {
  static auto* const names = new std::set<std::string>;
  return *names;
}

SystemPtr make_from_python(const SharedObject& factory, const std::string& name, const Params& params) {
  const nb::gil_scoped_acquire gil;
  if (!gil) throw Error(ErrorCode::internal, name + ": the Python interpreter has ended");
  try {
    return system_of(factory.get()(**dict_of(params.all())));
  } catch (nb::python_error& raised) {
    throw error_of(raised, name);
  }
}

void register_python(const std::string& name, const std::string& class_name, const std::string& doc,
                     const std::vector<ParamSpec>& params, nb::object factory) {
  const SharedObject shared(std::move(factory));
  register_system({.name = name,
                   .class_name = class_name,
                   .doc = doc,
                   .wire_id = 0,
                   .params = params,
                   .make = [shared, name](const Params& given) { return make_from_python(shared, name, given); }});
  python_names().insert(name);
}

bool unregister_python(const std::string& name) {
  if (python_names().erase(name) == 0) return false;
  return unregister_system(name);
}

void unregister_all() {
  for (const auto& name : python_names()) unregister_system(name);
  python_names().clear();
  unregister_models();
}

void export_entries(nb::module_& m) {
  nb::class_<ParamSpec>(m, "ParamBase", "One declared parameter of a system.")
      .def(
          "__init__",
          [](ParamSpec* self, const std::string& name, const ParamValue& fallback, const std::string& doc,
             std::uint8_t wire_id) { new (self) ParamSpec{name, fallback, doc, wire_id}; },
          "name"_a, "default"_a, "doc"_a = "", "wire_id"_a = 0)
      .def_ro("name", &ParamSpec::name)
      .def_ro("default", &ParamSpec::fallback, "Its type is the parameter's type.")
      .def_ro("doc", &ParamSpec::doc, "Unit and range.")
      .def_ro("wire_id", &ParamSpec::wire_id, "Pinned number in files; 0: never written to a file.")
      .def("__repr__", [](const ParamSpec& p) { return "Param(" + p.name + "=" + to_string(p.fallback) + ")"; });
  nb::class_<SystemEntry>(m, "SystemEntry", "One line of the registry.")
      .def_ro("name", &SystemEntry::name, "In recipes.")
      .def_ro("class_name", &SystemEntry::class_name, "In Python and C++.")
      .def_ro("doc", &SystemEntry::doc)
      .def_ro("wire_id", &SystemEntry::wire_id, "Pinned number in files; 0: written by name.")
      .def_ro("params", &SystemEntry::params)
      .def("__repr__", [](const SystemEntry& e) { return "SystemEntry('" + e.name + "', " + e.class_name + ")"; });
}

}  // namespace

void export_registry(nb::module_& m) {
  export_entries(m);
  m.def("all_systems", &all_systems, "Every system that recipes know, by name.");
  m.def(
      "find_system", [](const std::string& name) { return find_system(name); }, "name"_a,
      "The entry of a recipe name ('cdf53') or class name ('WaveletCDF53'). Raises UnknownSystem.");
  m.def(
      "make_system",
      [](const std::string& name, const nb::kwargs& params) {
        return system_object(make_system(name, params_of(params)));
      },
      "name"_a, "params"_a, nb::sig("def make_system(name: str, **params: bool | int | float | str) -> typing.Any"),
      "A system by name. Raises UnknownSystem, BadParameter.");
  m.def("_register_system", &register_python, "name"_a, "class_name"_a, "doc"_a, "params"_a, "factory"_a);
  m.def("unregister", &unregister_python, "name"_a,
        "Takes a system that Python registered out again; False if there is none of that name.");
  m.def("_unregister_all", &unregister_all);
}

}  // namespace vaerans::python
