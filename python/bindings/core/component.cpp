// Component, Spec, Subband, TrailStep.
#include "core/component.hpp"

#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <utility>

#include "convert.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans::python {
namespace {

nb::tuple tuple_of(const Subband& s) {
  return nb::make_tuple(s.channel, s.level, std::string(orientation_name(s.orientation)), s.offset, s.h, s.w);
}

Subband make_subband(std::uint32_t channel, std::uint8_t level, const std::string& band, std::uint64_t offset,
                     std::uint32_t h, std::uint32_t w) {
  return {channel, level, orientation_of(band), offset, h, w};
}

Subband subband_of(nb::handle value) {
  if (nb::isinstance<Subband>(value)) return nb::cast<Subband>(value);
  constexpr const char* wanted = "a subband is (channel, level, band, offset, h, w)";
  if (!nb::isinstance<nb::sequence>(value)) throw Error(ErrorCode::invalid_argument, wanted);
  const nb::tuple t(nb::borrow(value));
  if (t.size() != 6) throw Error(ErrorCode::invalid_argument, wanted);
  constexpr std::string_view number = "channel, offset, h and w of a subband are whole numbers from 0 on";
  const auto level = value_as<std::uint8_t>(t[1], "the level of a subband is a whole number from 0 to 255");
  return make_subband(value_as<std::uint32_t>(t[0], number), level,
                      value_as<std::string>(t[2], "the band of a subband is a text"),
                      value_as<std::uint64_t>(t[3], number), value_as<std::uint32_t>(t[4], number),
                      value_as<std::uint32_t>(t[5], number));
}

/// A subband or a sequence of the same; nothing else.
bool equals(const Subband& s, nb::handle other) {
  if (!nb::isinstance<Subband>(other) && !nb::isinstance<nb::sequence>(other)) return false;
  return tuple_of(s).equal(nb::tuple(nb::borrow(other)));
}

const Subband& find_subband(const ComponentObject& c, std::uint32_t channel, int level, const std::string& band) {
  const Orientation wanted = orientation_of(band);
  for (const auto& s : c.spec.subbands) {
    if (s.channel == channel && std::cmp_equal(s.level, level) && s.orientation == wanted) return s;
  }
  throw Error(ErrorCode::invalid_argument, c.key + " has no subband of channel " + std::to_string(channel) +
                                               ", level " + std::to_string(level) + ", band " + band +
                                               "; `subbands` lists them");
}

ReadArray view(const ComponentObject& c) {
  const Use use(*c.world);
  return read_view(c.world->arena(), c.data);
}

/// A band's elements lie one after the other, so its view is a slice of the item under another shape.
nb::object band(const ComponentObject& c, std::uint32_t channel, int level, const std::string& name) {
  const Subband& s = find_subband(c, channel, level, name);
  const nb::object flat = nb::cast(view(c)).attr("reshape")(-1);
  return flat[nb::slice(nb::int_(s.offset), nb::int_(s.offset + s.size()), nb::none())].attr("reshape")(s.h, s.w);
}

std::string repr(const ComponentObject& c) {
  return c.key + "(entity=" + std::to_string(c.entity) + ", kind=" + std::string(kind_name(c.spec.kind)) +
         ", shape=" + c.data.shape().str() + ", dtype=" + std::string(dtype_name(c.data.dtype())) + ")";
}

void export_subband(nb::module_& m) {
  nb::class_<Subband>(
      m, "Subband",
      "A contiguous run of coefficients of one channel: `h` rows of `w`, `offset` elements from the start of\n"
      "the item. Level 1 is the finest; 0 means 'no wavelet band'. Unpacks like a tuple.")
      .def(
          "__init__",
          [](Subband* self, std::uint32_t channel, std::uint8_t level, const std::string& band, std::uint64_t offset,
             std::uint32_t h,
             std::uint32_t w) { new (self) Subband(make_subband(channel, level, band, offset, h, w)); },
          "channel"_a, "level"_a, "band"_a, "offset"_a, "h"_a, "w"_a)
      .def_ro("channel", &Subband::channel)
      .def_ro("level", &Subband::level)
      .def_prop_ro(
          "band", [](const Subband& s) { return std::string(orientation_name(s.orientation)); }, "LL, HL, LH or HH.")
      .def_ro("offset", &Subband::offset, "Elements from the start of the item.")
      .def_ro("h", &Subband::h)
      .def_ro("w", &Subband::w)
      .def("__iter__", [](const Subband& s) { return nb::iter(tuple_of(s)); })
      .def("__eq__", &equals, "other"_a.none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__", [](const Subband& s) { return nb::hash(tuple_of(s)); })
      .def("__repr__", [](const Subband& s) { return "Subband" + nb::cast<std::string>(nb::str(tuple_of(s))); });
}

void export_spec(nb::module_& m) {
  nb::class_<SpecObject>(m, "Spec", "Everything about an item but its values: kind, dtype, shape, subbands.")
      .def(
          "__init__",
          [](SpecObject* self, const std::string& kind, nb::handle dtype, nb::handle shape, nb::handle subbands) {
            new (self) SpecObject();
            self->kind = kind_of(kind);
            self->dtype = python::dtype_of(dtype);
            self->shape = shape_of(shape);
            self->subbands = subbands_of(subbands);
          },
          "kind"_a, "dtype"_a, "shape"_a, "subbands"_a = nb::make_tuple())
      .def_prop_ro(
          "kind", [](const SpecObject& s) { return std::string(kind_name(s.kind)); },
          "image, difference, planes, bands, symbols, bitstream or parameters.")
      .def_prop_ro(
          "dtype", [](const SpecObject& s) { return numpy_dtype(s.dtype); },
          nb::for_getter(nb::sig("def dtype(self) -> numpy.dtype[typing.Any]")), "A numpy.dtype.")
      .def_prop_ro(
          "shape", [](const SpecObject& s) { return python::tuple_of(s.shape); },
          "Shape without a batch axis, as a tuple.")
      .def_ro("subbands", &SpecObject::subbands)
      .def("__repr__", [](const SpecObject& s) {
        return "Spec(" + std::string(kind_name(s.kind)) + ", " + std::string(dtype_name(s.dtype)) + ", " +
               s.shape.str() + ", " + std::to_string(s.subbands.size()) + " subbands)";
      });
}

void export_step(nb::module_& m) {
  nb::class_<StepObject>(m, "TrailStep",
                         "One step of a trail: which system ran, on what, and what its inverse needs to know.")
      .def_ro("system", &StepObject::system, "As in a recipe, with its parameters.")
      .def_ro("input_key", &StepObject::input_key, "The component that the step consumed.")
      .def_ro("input", &StepObject::input, "What that component was: a Spec.")
      .def_prop_ro(
          "side_info", [](const StepObject& s) { return to_bytes(s.side_info); }, "Side information as bytes.")
      .def("__repr__", [](const StepObject& s) { return "TrailStep(" + s.input_key + " -> " + s.system + ")"; });
}

void export_class(nb::module_& m) {
  nb::class_<ComponentObject>(
      m, "Component",
      "A tensor of one entity. numpy.asarray() sees the arena's memory: no copy, read-only. DLPack gives a copy.\n"
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
          "subbands", [](const ComponentObject& c) { return c.spec.subbands; },
          "The contiguous runs of the item: (channel, level, band, offset, h, w).")
      .def_prop_ro(
          "trail", [](const ComponentObject& c) { return c.trail; },
          "The steps that led here from the source, first step first; empty for a source.")
      .def("band", &band, "channel"_a, "level"_a, "band"_a,
           nb::sig("def band(self, channel: int, level: int, band: str) -> numpy.typing.NDArray[typing.Any]"),
           "A read-only (h, w) view of one subband, such as band(0, 1, 'HL'). Raises InvalidArgument, StaleRef.")
      .def(
          "tobytes",
          [](const ComponentObject& c) {
            const Use use(*c.world);
            return to_bytes({c.world->arena().data(c.data), c.data.bytes()});
          },
          "The elements as bytes, in C order (a copy).")
      .def("__repr__", &repr);
}

}  // namespace

SpecObject::SpecObject(const Spec& spec)
    : kind(spec.kind), dtype(spec.dtype), shape(spec.shape), subbands(spec.subbands.begin(), spec.subbands.end()) {}

Spec SpecObject::in(Arena& arena) const {
  Spec spec{kind, dtype, shape, {}};
  if (subbands.empty()) return spec;
  auto* kept = reinterpret_cast<Subband*>(arena.alloc_bytes(subbands.size() * sizeof(Subband), alignof(Subband)));
  std::uninitialized_copy(subbands.begin(), subbands.end(), kept);
  spec.subbands = {kept, subbands.size()};
  return spec;
}

nb::bytes to_bytes(std::span<const std::byte> bytes) { return nb::bytes(bytes.data(), bytes.size()); }

StepObject step_of(const TrailStep& node) {
  return {node.system->recipe(),
          std::string(node.input_key),
          SpecObject(node.input),
          {node.side_info.begin(), node.side_info.end()}};
}

std::vector<Subband> subbands_of(nb::handle subbands) {
  std::vector<Subband> out;
  for (const nb::handle subband : subbands) out.push_back(subband_of(subband));
  return out;
}

nb::object component_object(const WorldPtr& world, EntityId entity, const std::string& key) {
  const Use use(*world);
  const Component& component = world->get(entity, key);
  ComponentObject object{world, entity, std::string(canonical_key(key)), component.data, SpecObject(component.spec),
                         {}};
  for (const TrailStep* node = component.trail; node != nullptr; node = node->previous)
    object.trail.push_back(step_of(*node));
  std::reverse(object.trail.begin(), object.trail.end());
  return nb::module_::import_("vaerans_ecs.components").attr("wrap")(nb::cast(std::move(object)));
}

void export_component(nb::module_& m) {
  export_subband(m);
  export_spec(m);
  export_step(m);
  export_class(m);
}

}  // namespace vaerans::python
