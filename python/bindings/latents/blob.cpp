// Blobs: one array of numbers as bytes, and back. vaerans_ecs/latents gives them their Python face.
#include "latents/blob.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "core/context.hpp"

namespace vaerans::python {
namespace {

nb::bytes encode(const PackedArray& array, const std::string& type, const std::string& target, double value,
                 std::uint32_t channel_axis, bool trellis) {
  const ArrayView view = view_of(array, type);
  const BlobOptions options{.target = target_of(target, value), .channel_axis = channel_axis, .trellis = trellis};
  std::vector<std::uint8_t> blob;
  {
    const nb::gil_scoped_release no_gil;
    blob = encode_blob(view, options);
  }
  return nb::bytes(blob.data(), blob.size());
}

void decode(const nb::bytes& blob, const std::string& type, const RoomArray& out, nb::handle limits) {
  const Limits held_to = limits_of(limits);
  const auto room = room_of(out);
  const NumberType number = number_of(type);
  const nb::gil_scoped_release no_gil;
  decode_blob(span_of(blob), number, room, held_to);
}

}  // namespace

NumberType number_of(const std::string& name) {
  for (const NumberType type : {NumberType::f32, NumberType::f16, NumberType::bf16}) {
    if (name == number_name(type)) return type;
  }
  throw Error(ErrorCode::dtype, "no type of numbers '" + name + "': f32, f16 and bf16 can be stored");
}

Target target_of(const std::string& name, double value) {
  for (std::uint8_t kind = 0; kind <= 4; ++kind) {
    if (name == target_name(static_cast<Target::Kind>(kind))) return {static_cast<Target::Kind>(kind), value};
  }
  throw Error(ErrorCode::bad_parameter, "no target '" + name + "': rmse, bits, step, max_error and lossless there are");
}

ArrayView view_of(const PackedArray& array, const std::string& type) {
  ArrayView view{array.data(), number_of(type), {}};
  if (array.itemsize() != number_size(view.type))
    throw Error(ErrorCode::dtype, "numbers of " + std::to_string(array.itemsize()) + " bytes as " + type);
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) view.shape.push_back(array.shape(axis));
  return view;
}

std::span<std::byte> room_of(const RoomArray& out) {
  return {static_cast<std::byte*>(out.data()), out.size() * out.itemsize()};
}

void export_blob(nb::module_& m) {
  nb::class_<BlobInfo>(m, "BlobInfo", "What a blob holds.")
      .def_prop_ro(
          "type", [](const BlobInfo& i) { return std::string(number_name(i.type)); },
          "'f32', 'f16' or 'bf16': of the array that was encoded.")
      .def_prop_ro("shape", [](const BlobInfo& i) { return nb::tuple(nb::cast(i.shape)); })
      .def_ro("channel_axis", &BlobInfo::channel_axis)
      .def_prop_ro("target", [](const BlobInfo& i) { return std::string(target_name(i.target.kind)); })
      .def_prop_ro("target_value", [](const BlobInfo& i) { return i.target.value; })
      .def_ro("rmse", &BlobInfo::rmse, "Reached, relative to the channels' standard deviations.")
      .def_ro("largest_error", &BlobInfo::largest_error, "Reached, absolute.")
      .def_ro("haar", &BlobInfo::haar)
      .def_ro("trellis", &BlobInfo::trellis, "Whether quantisers depend on each other.")
      .def_ro("rotated", &BlobInfo::rotated, "Whether channels are rotated.")
      .def_ro("lanes", &BlobInfo::lanes)
      .def_ro("exceptions", &BlobInfo::exceptions, "Numbers beyond their tables, listed one by one.")
      .def_ro("bytes", &BlobInfo::bytes);
  m.def("encode_blob", &encode, "array"_a, "type"_a, "target"_a, "value"_a, "channel_axis"_a, "trellis"_a = true);
  m.def("decode_blob", &decode, "blob"_a, "type"_a, "out"_a, "limits"_a.none() = nb::none());
  m.def(
      "blob_info", [](const nb::bytes& blob, nb::handle limits) { return blob_info(span_of(blob), limits_of(limits)); },
      "blob"_a, "limits"_a.none() = nb::none(),
      "What a blob holds, without decoding it. Raises CorruptStream, UnsupportedVersion, LimitExceeded.");
}

}  // namespace vaerans::python
