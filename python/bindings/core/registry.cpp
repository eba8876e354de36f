// The registry: what systems there are, and adding Python classes to it.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <set>

#include "convert.hpp"
#include "core/system.hpp"
#include "error.hpp"
#include "paths.hpp"
#include "vaerans/core/names.hpp"
#include "vaerans/core/plugin.hpp"
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

void register_python(const Contract& contract, const std::string& class_name, const std::string& doc,
                     const std::vector<ParamSpec>& params, nb::object factory) {
  const SharedObject shared(std::move(factory));
  const std::string name = contract.name;
  register_system({.name = name,
                   .class_name = class_name,
                   .doc = doc,
                   .role = contract.role,
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

ParamRange range_of(std::optional<double> minimum, std::optional<double> maximum, std::vector<std::string> choices) {
  ParamRange range = choices.empty() ? ParamRange() : ParamRange::one_of(std::move(choices));
  range.min = minimum;
  range.max = maximum;
  return range;
}

/// As a recipe has it.
std::string default_of(const ParamSpec& param) { return param.name + "=" + to_string(param.fallback); }

nb::object text_of(std::string_view text) {
  return text.empty() ? nb::object(nb::none()) : nb::object(nb::str(text.data(), text.size()));
}

nb::object text_of(const ParamSpec& param) {
  const bool is_text = std::holds_alternative<std::string>(param.fallback);
  return text_of(is_text ? text_name(param.range.text) : std::string_view());
}

nb::object number_of(std::uint16_t wire_id) {
  return wire_id == 0 ? nb::object(nb::none()) : nb::object(nb::int_(wire_id));
}

/// A source of plugins that Python code is. The registry calls it from any thread.
void add_python_source(nb::object source) {
  add_plugin_source([shared = SharedObject(std::move(source))] {
    const nb::gil_scoped_acquire gil;
    if (!gil) return;
    try {
      shared.get()();
    } catch (nb::python_error& raised) {
      throw error_of(raised, "plugins");
    }
  });
}

void export_plugins(nb::module_& m) {
  nb::class_<PluginInfo>(m, "PluginInfo", "A plugin that was loaded: a shared library with systems in it.")
      .def_ro("name", &PluginInfo::name, "What it calls itself.")
      .def_prop_ro("path", [](const PluginInfo& p) { return PathText{p.path}; })
      .def_ro("systems", &PluginInfo::systems, "The names of what it registered.")
      .def("__repr__", [](const PluginInfo& p) { return shown("PluginInfo('" + p.name + "', '" + p.path + "')"); });
  m.def("_load_plugin", [](nb::handle path) { return load_plugin(path_of(path, "path")); }, "path"_a.none());
  m.def("loaded_plugins", &loaded_plugins,
        "The native plugins of this process, in the order in which they were loaded.");
  m.def("_add_plugin_source", &add_python_source, "source"_a);
}

void export_params(nb::module_& m) {
  nb::class_<ParamSpec>(m, "ParamBase", "One declared parameter of a system.")
      .def(
          "__init__",
          [](ParamSpec* self, const std::string& name, const ParamValue& fallback, const std::string& doc,
             std::optional<double> minimum, std::optional<double> maximum, std::vector<std::string> choices,
             bool encode_only) {
            const std::uint8_t wire_id = encode_only ? never_in_files : 0;
            new (self) ParamSpec{name, fallback, range_of(minimum, maximum, std::move(choices)), doc, wire_id};
          },
          "name"_a, "default"_a, "doc"_a = "", nb::kw_only(), "minimum"_a.none() = nb::none(),
          "maximum"_a.none() = nb::none(), "choices"_a = nb::list(), "encode_only"_a = false)
      .def_ro("name", &ParamSpec::name)
      .def_ro("default", &ParamSpec::fallback, "Its type is the parameter's type.")
      .def_ro("doc", &ParamSpec::doc, "What it is, in which unit.")
      .def_prop_ro("type", &ParamSpec::type, "'flag', 'integer', 'number' or 'text'.")
      .def_prop_ro(
          "range", [](const ParamSpec& p) { return p.range.str(); }, "In words: '0 to 32'; '' for all values.")
      .def_prop_ro(
          "text", [](const ParamSpec& p) { return text_of(p); },
          nb::for_getter(nb::sig("def text(self) -> str | None")),
          "What a text stands for: 'any', 'choice', 'key' (of a component) or 'model'; None for other types.")
      .def_prop_ro(
          "choices", [](const ParamSpec& p) { return p.range.choices; }, "What a text may be, if one of a few.")
      .def_prop_ro(
          "wire_id", [](const ParamSpec& p) { return number_of(p.numbered() ? p.wire_id : 0); },
          nb::for_getter(nb::sig("def wire_id(self) -> int | None")), "Pinned number in files, if it has one.")
      .def_prop_ro(
          "encode_only", [](const ParamSpec& p) { return p.wire_id == never_in_files; },
          "Whether it is left out of files, because no decoder needs it.")
      .def("__str__", &default_of)
      .def("__repr__", [](const ParamSpec& p) { return "Param(" + default_of(p) + ")"; });
}

void export_entries(nb::module_& m) {
  nb::class_<SystemEntry>(m, "SystemEntry", "One line of the registry.")
      .def_ro("name", &SystemEntry::name, "In recipes.")
      .def_ro("class_name", &SystemEntry::class_name, "In Python and C++.")
      .def_ro("topic", &SystemEntry::topic, "What it stands under in the reference.")
      .def_ro("doc", &SystemEntry::doc)
      .def_prop_ro(
          "role", [](const SystemEntry& e) { return role_name(e.role); }, "'forward', 'inverse', 'filter', 'measure'.")
      .def_prop_ro(
          "inverse", [](const SystemEntry& e) { return text_of(e.inverse); },
          nb::for_getter(nb::sig("def inverse(self) -> str | None")),
          "The system that undoes it, if it is known by name.")
      .def_prop_ro("in_files", &SystemEntry::in_files, "Whether it can be a step of a file: role 'forward' only.")
      .def_prop_ro(
          "wire_id", [](const SystemEntry& e) { return number_of(e.wire_id); },
          nb::for_getter(nb::sig("def wire_id(self) -> int | None")),
          "Pinned number in files; None: written by name, if it can be in a file.")
      .def_ro("params", &SystemEntry::params)
      .def("__repr__", [](const SystemEntry& e) { return "SystemEntry('" + e.name + "', " + e.class_name + ")"; });
}

}  // namespace

void export_registry(nb::module_& m) {
  export_params(m);
  export_entries(m);
  export_plugins(m);
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
  m.def("_register_system", &register_python, "contract"_a, "class_name"_a, "doc"_a, "params"_a, "factory"_a);
  m.def("unregister", &unregister_python, "name"_a,
        "Takes a system that Python registered out again; False if there is none of that name.");
  m.def("_unregister_all", &unregister_all);
}

}  // namespace vaerans::python
