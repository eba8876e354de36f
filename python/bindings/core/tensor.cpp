// Arena and TensorRef.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>

#include "convert.hpp"
#include "core/world.hpp"

namespace vaerans::python {
namespace {

void export_ref(nb::module_& m) {
  nb::class_<TensorRef>(m, "TensorRef",
                        "Where a tensor lies in its arena: an immutable value, copying it copies no data.")
      .def(nb::init<const TensorRef&>(), "other"_a)
      .def_prop_ro(
          "shape", [](const TensorRef& r) { return tuple_of(r.shape()); }, "Extents, as a tuple.")
      .def_prop_ro(
          "dtype", [](const TensorRef& r) { return numpy_dtype(r.dtype()); },
          nb::for_getter(nb::sig("def dtype(self) -> numpy.dtype[typing.Any]")), "A numpy.dtype.")
      .def_prop_ro("offset", &TensorRef::offset,
                   "Bytes from the start of the arena; a multiple of 64 for whole tensors.")
      .def_prop_ro("nbytes", &TensorRef::bytes, "Bytes spanned.")
      .def_prop_ro(
          "strides",
          [](const TensorRef& r) {
            nb::list strides;
            for (std::size_t i = 0; i < r.shape().rank(); ++i) strides.append(r.strides()[i]);
            return nb::tuple(strides);
          },
          "Byte strides, as a tuple (C order).")
      .def(
          "reshaped", [](const TensorRef& r, nb::handle shape) { return r.reshaped(shape_of(shape)); }, "shape"_a,
          "The same memory under another shape of as many elements.")
      .def("__repr__", [](const TensorRef& r) {
        return "TensorRef(shape=" + r.shape().str() + ", dtype=" + std::string(dtype_name(r.dtype())) +
               ", offset=" + std::to_string(r.offset()) + ")";
      });
}

void export_mark(nb::module_& m) {
  nb::class_<Arena::Mark>(m, "Mark", "A place to which Arena.rewind() can return.")
      .def_ro("used", &Arena::Mark::used, "Bytes in use when the mark was made.");
}

void export_filling(nb::class_<ArenaObject>& cls) {
  cls.def(
         "mark", [](const ArenaObject& a) { return ArenaUse(a)->mark(); }, "The present fill level.")
      .def(
          "rewind", [](const ArenaObject& a, const Arena::Mark& mark) { ArenaUse(a)->rewind(mark); }, "mark"_a,
          "Frees everything allocated since the mark; refs to it become stale.")
      .def_prop_ro(
          "used", [](const ArenaObject& a) { return ArenaUse(a)->used(); }, "Bytes in use.")
      .def_prop_ro(
          "high_water", [](const ArenaObject& a) { return ArenaUse(a)->high_water(); },
          "The most bytes that were ever in use.")
      .def_prop_ro(
          "capacity", [](const ArenaObject& a) { return ArenaUse(a)->capacity(); }, "Bytes reserved.")
      .def_prop_ro(
          "free", [](const ArenaObject& a) { return ArenaUse(a)->free(); },
          "Bytes below `used` that despawned entities gave back.")
      .def_prop_ro(
          "left", [](const ArenaObject& a) { return ArenaUse(a)->left(); },
          "Bytes that still fit, if not all in one piece.")
      .def("__repr__", [](const ArenaObject& a) {
        const ArenaUse use(a);
        return "Arena(used=" + std::to_string(use->used()) + ", capacity=" + std::to_string(use->capacity()) + ")";
      });
}

void export_arena(nb::module_& m) {
  nb::class_<ArenaObject> cls(
      m, "Arena",
      "One reservation of address space from which tensors are cut, 64-byte aligned. Pages are committed\n"
      "when they are first touched, so a large capacity costs address space only.");
  export_filling(cls);
  cls.def(
         "__init__",
         [](ArenaObject* self, nb::handle bytes) {
           const auto size = value_as<std::uint64_t>(bytes, "bytes is a whole number, such as 512 << 20");
           new (self) ArenaObject{std::make_unique<Arena>(size)};
         },
         "bytes"_a, nb::sig("def __init__(self, bytes: int) -> None"),
         "Reserves `bytes` of address space. Raises ArenaFull, BadParameter, InvalidArgument.")
      .def(
          "alloc_tensor",
          [](const ArenaObject& a, nb::handle shape, nb::handle dtype) {
            return ArenaUse(a)->alloc_tensor(shape_of(shape), dtype_of(dtype));
          },
          "shape"_a, "dtype"_a,
          "A new tensor of `shape` (1 to 6 extents, each >= 1) and `dtype` (u8 i8 u16 i16 u32 i32 i64 f16 f32).\n"
          "Its contents are undefined. Raises ArenaFull, ShapeError, DTypeError.")
      .def(
          "view", [](const ArenaObject& a, const TensorRef& ref) { return write_view(*ArenaUse(a), ref); }, "ref"_a,
          "A writable NumPy view of a tensor: no copy, and the memory stays mapped as long as the view lives.\n"
          "Raises StaleRef after a rewind, ForeignRef for a tensor of another arena.")
      .def(
          "subref_axis0",
          [](const ArenaObject& a, const TensorRef& ref, std::uint64_t i) { return ArenaUse(a)->subref_axis0(ref, i); },
          "ref"_a, "i"_a, "Item i of the first axis: no copy.")
      .def(
          "join_axis0",
          [](const ArenaObject& a, const std::vector<TensorRef>& items) -> std::optional<TensorRef> {
            const TensorRef joined = ArenaUse(a)->join_axis0(items);
            return joined.valid() ? std::optional(joined) : std::nullopt;
          },
          "items"_a, "The batch (n, ...) that neighbouring items form, or None where they are no neighbours.");
}

}  // namespace

void export_tensor(nb::module_& m) {
  export_ref(m);
  export_mark(m);
  export_arena(m);
}

}  // namespace vaerans::python
