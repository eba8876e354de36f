// Component, Spec, Section, TrailStep.
#include "component.hpp"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "convert.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans::python {
namespace {

nb::tuple tuple_of(const Section& s) {
  return nb::make_tuple(s.channel, s.level, std::string(band_name(s.band)), s.offset, s.h, s.w);
}

Section make_section(std::uint32_t channel, std::uint8_t level, const std::string& band, std::uint64_t offset,
                     std::uint32_t h, std::uint32_t w) {
  return {channel, level, band_of(band), offset, h, w};
}

Section section_of(nb::handle value) {
  if (nb::isinstance<Section>(value)) return nb::cast<Section>(value);
  const auto t = nb::cast<nb::tuple>(nb::steal(PySequence_Tuple(value.ptr())));
  if (t.size() != 6) throw Error(ErrorCode::invalid_argument, "a section is (channel, level, band, offset, h, w)");
  return make_section(nb::cast<std::uint32_t>(t[0]), nb::cast<std::uint8_t>(t[1]), nb::cast<std::string>(t[2]),
                      nb::cast<std::uint64_t>(t[3]), nb::cast<std::uint32_t>(t[4]), nb::cast<std::uint32_t>(t[5]));
}

const Section& find_section(const ComponentObject& c, std::uint32_t channel, int level, const std::string& band) {
  const Band wanted = band_of(band);
  for (const auto& s : c.spec.sections) {
    if (s.channel == channel && s.level == level && s.band == wanted) return s;
  }
  throw Error(ErrorCode::invalid_argument, c.key + " has no section of channel " + std::to_string(channel) +
                                               ", level " + std::to_string(level) + ", band " + band +
                                               "; `sections` lists them");
}

ReadArray view(const ComponentObject& c) { return read_view(c.world->arena(), c.data); }

/// A band's elements lie one behind the other, so its view is a slice of the item under another shape.
nb::object band(const ComponentObject& c, std::uint32_t channel, int level, const std::string& name) {
  const Section& s = find_section(c, channel, level, name);
  const nb::object flat = nb::cast(view(c)).attr("reshape")(-1);
  return flat[nb::slice(nb::int_(s.offset), nb::int_(s.offset + s.size()), nb::none())].attr("reshape")(s.h, s.w);
}

std::string repr(const ComponentObject& c) {
  return c.key + "(entity=" + std::to_string(c.entity) + ", kind=" + std::string(kind_name(c.spec.kind)) +
         ", shape=" + c.data.shape().str() + ", dtype=" + std::string(dtype_name(c.data.dtype())) + ")";
}

void export_section(nb::module_& m) {
  nb::class_<Section>(
      m, "Section",
      "A contiguous run of coefficients of one channel: `h` rows of `w`, `offset` elements from the start of\n"
      "the item. Level 1 is the finest; 0 means 'no wavelet band'. Unpacks like a tuple.")
      .def(
          "__init__",
          [](Section* self, std::uint32_t channel, std::uint8_t level, const std::string& band, std::uint64_t offset,
             std::uint32_t h,
             std::uint32_t w) { new (self) Section(make_section(channel, level, band, offset, h, w)); },
          "channel"_a, "level"_a, "band"_a, "offset"_a, "h"_a, "w"_a)
      .def_ro("channel", &Section::channel)
      .def_ro("level", &Section::level)
      .def_prop_ro(
          "band", [](const Section& s) { return std::string(band_name(s.band)); }, "LL, HL, LH or HH.")
      .def_ro("offset", &Section::offset, "Elements from the start of the item.")
      .def_ro("h", &Section::h)
      .def_ro("w", &Section::w)
      .def("__iter__", [](const Section& s) { return nb::iter(tuple_of(s)); })
      .def("__eq__", [](const Section& s, nb::handle other) { return tuple_of(s).equal(nb::tuple(nb::borrow(other))); })
      .def("__hash__", [](const Section& s) { return nb::hash(tuple_of(s)); })
      .def("__repr__", [](const Section& s) { return "Section" + nb::cast<std::string>(nb::str(tuple_of(s))); });
}

void export_spec(nb::module_& m) {
  nb::class_<SpecObject>(m, "Spec", "Everything about an item but its values: kind, dtype, shape, sections.")
      .def(
          "__init__",
          [](SpecObject* self, const std::string& kind, nb::handle dtype, nb::handle shape, nb::handle sections) {
            new (self) SpecObject();
            self->kind = kind_of(kind);
            self->dtype = python::dtype_of(dtype);
            self->shape = shape_of(shape);
            self->sections = sections_of(sections);
          },
          "kind"_a, "dtype"_a, "shape"_a, "sections"_a = nb::make_tuple())
      .def_prop_ro(
          "kind", [](const SpecObject& s) { return std::string(kind_name(s.kind)); },
          "image, difference, planes, bands, symbols, bitstream or parameters.")
      .def_prop_ro(
          "dtype", [](const SpecObject& s) { return numpy_dtype(s.dtype); },
          nb::for_getter(nb::sig("def dtype(self) -> numpy.dtype[typing.Any]")), "A numpy.dtype.")
      .def_prop_ro(
          "shape", [](const SpecObject& s) { return python::tuple_of(s.shape); }, "Of one entity, as a tuple.")
      .def_ro("sections", &SpecObject::sections)
      .def("__repr__", [](const SpecObject& s) {
        return "Spec(" + std::string(kind_name(s.kind)) + ", " + std::string(dtype_name(s.dtype)) + ", " +
               s.shape.str() + ", " + std::to_string(s.sections.size()) + " sections)";
      });
}

void export_step(nb::module_& m) {
  nb::class_<StepObject>(m, "TrailStep",
                         "One step of a trail: which system ran, on what, and what its inverse needs to know.")
      .def_ro("system", &StepObject::system, "As in a recipe, with its parameters.")
      .def_ro("input_key", &StepObject::input_key, "The component that the step consumed.")
      .def_ro("input", &StepObject::input, "What that component was: a Spec.")
      .def_prop_ro(
          "record", [](const StepObject& s) { return to_bytes(s.record); }, "Side information as bytes.")
      .def("__repr__", [](const StepObject& s) { return "TrailStep(" + s.input_key + " -> " + s.system + ")"; });
}

void export_class(nb::module_& m) {
  nb::class_<ComponentObject>(
      m, "Component",
      "A tensor of one entity. numpy.asarray() and DLPack see the arena's memory: no copy, read-only.\n"
      "Arrays got from it stay valid; after World.reset() a new one raises StaleRef.")
      .def(nb::init<const ComponentObject&>(), "other"_a)
      .def_prop_ro("array", &view, nb::rv_policy::automatic,
                   "A read-only NumPy view that keeps the memory alive. Raises StaleRef.")
      .def_prop_ro(
          "key", [](const ComponentObject& c) { return c.key; }, "Its key in the world.")
      .def_prop_ro("entity", [](const ComponentObject& c) { return c.entity; })
      .def_prop_ro("world", [](const ComponentObject& c) { return c.world; })
      .def_prop_ro(
          "ref", [](const ComponentObject& c) { return c.data; }, "The TensorRef.")
      .def_prop_ro("kind", [](const ComponentObject& c) { return std::string(kind_name(c.spec.kind)); })
      .def_prop_ro(
          "shape", [](const ComponentObject& c) { return python::tuple_of(c.data.shape()); }, "As a tuple.")
      .def_prop_ro(
          "dtype", [](const ComponentObject& c) { return numpy_dtype(c.data.dtype()); },
          nb::for_getter(nb::sig("def dtype(self) -> numpy.dtype[typing.Any]")), "A numpy.dtype.")
      .def_prop_ro("nbytes", [](const ComponentObject& c) { return c.data.bytes(); })
      .def_prop_ro("spec", [](const ComponentObject& c) { return c.spec; })
      .def_prop_ro(
          "sections", [](const ComponentObject& c) { return c.spec.sections; },
          "The contiguous runs of the item: (channel, level, band, offset, h, w).")
      .def_prop_ro(
          "trail", [](const ComponentObject& c) { return c.trail; },
          "The steps that led here from the source, first step first; empty for a source.")
      .def("band", &band, "channel"_a, "level"_a, "band"_a,
           nb::sig("def band(self, channel: int, level: int, band: str) -> numpy.typing.NDArray[typing.Any]"),
           "A read-only (h, w) view of one section, such as band(0, 1, 'HL'). Raises InvalidArgument, StaleRef.")
      .def(
          "tobytes", [](const ComponentObject& c) { return to_bytes({c.world->arena().data(c.data), c.data.bytes()}); },
          "The elements as bytes, in C order (a copy).")
      .def("__repr__", &repr);
}

}  // namespace

SpecObject::SpecObject(const Spec& spec)
    : kind(spec.kind), dtype(spec.dtype), shape(spec.shape), sections(spec.sections.begin(), spec.sections.end()) {}

Spec SpecObject::in(Arena& arena) const {
  Spec spec{kind, dtype, shape, {}};
  if (sections.empty()) return spec;
  auto* kept = reinterpret_cast<Section*>(arena.alloc_bytes(sections.size() * sizeof(Section), alignof(Section)));
  std::uninitialized_copy(sections.begin(), sections.end(), kept);
  spec.sections = {kept, sections.size()};
  return spec;
}

nb::bytes to_bytes(std::span<const std::byte> bytes) { return nb::bytes(bytes.data(), bytes.size()); }

StepObject step_of(const TrailNode& node) {
  return {node.system->recipe(),
          std::string(node.input_key),
          SpecObject(node.input),
          {node.record.begin(), node.record.end()}};
}

std::vector<Section> sections_of(nb::handle sections) {
  std::vector<Section> out;
  for (const nb::handle section : sections) out.push_back(section_of(section));
  return out;
}

nb::object component_object(const WorldPtr& world, EntityId entity, const std::string& key) {
  const Component& component = world->get(entity, key);
  ComponentObject object{world, entity, key, component.data, SpecObject(component.spec), {}};
  for (const TrailNode* node = component.trail; node != nullptr; node = node->parent)
    object.trail.push_back(step_of(*node));
  std::reverse(object.trail.begin(), object.trail.end());
  return nb::module_::import_("vaerans_ecs.components").attr("wrap")(nb::cast(std::move(object)));
}

void export_component(nb::module_& m) {
  export_section(m);
  export_spec(m);
  export_step(m);
  export_class(m);
}

}  // namespace vaerans::python
