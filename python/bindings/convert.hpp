// Conversions between Python values and those of the library: arrays, shapes, dtypes, keys.
#pragma once

#include <nanobind/ndarray.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bindings.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/core/arena.hpp"
#include "vaerans/core/component.hpp"
#include "vaerans/core/params.hpp"
#include "vaerans/file.hpp"

namespace vaerans::python {

using ReadArray = nb::ndarray<nb::numpy, nb::ro>;
using WriteArray = nb::ndarray<nb::numpy>;
using PackedArray = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

/// Throws Error(bad_parameter): "<wanted>, not <the value>".
[[noreturn]] void refuse_value(std::string_view wanted, nb::handle value);
/// A value as a T. nb::cast would say std::bad_cast of one of another type; here `wanted` says what it should have
/// been: "threads is a whole number from 0 on".
template <typename T>
[[nodiscard]] T value_as(nb::handle value, std::string_view wanted) {
  T out{};
  if (!nb::try_cast(value, out)) refuse_value(wanted, value);
  return out;
}

/// str(value), with an escape in the place of what is no character: texts of Python may hold such surrogates.
[[nodiscard]] std::string printed(nb::handle value);
/// A text for Python, with an escape in the place of bytes that are no UTF-8, as names of files have them.
[[nodiscard]] nb::str shown(std::string_view text);

[[nodiscard]] inline std::span<const std::uint8_t> span_of(const nb::bytes& data) {
  return {static_cast<const std::uint8_t*>(data.data()), data.size()};
}

/// True or False, also NumPy's; throws as value_as() does.
[[nodiscard]] bool flag_of(nb::handle value, std::string_view wanted);

/// Whether a value stands for one whole number: an int, one of NumPy, an array without an axis. Arrays that have one
/// offer to be a number, too, but are lists.
[[nodiscard]] bool is_one_number(nb::handle value);

/// Views of arena memory: no copy, and the mapping stays as long as the array does. Throw foreign_ref, stale_ref.
[[nodiscard]] ReadArray read_view(Arena& arena, const TensorRef& ref);
[[nodiscard]] WriteArray write_view(Arena& arena, const TensorRef& ref);

/// An array that owns the values of `values`.
[[nodiscard]] WriteArray own(std::vector<std::uint8_t>&& values, const Shape& shape);
[[nodiscard]] WriteArray own(std::vector<std::uint16_t>&& values, const Shape& shape);
[[nodiscard]] WriteArray own(std::vector<float>&& values, const Shape& shape);
[[nodiscard]] WriteArray own(std::vector<double>&& values, const Shape& shape);

/// Whether a value is an array of NumPy, or of a library that hands its arrays over by DLPack. What else shows memory
/// (ctypes, memoryview) goes through made_array(): nanobind follows strides that such a buffer need not have.
[[nodiscard]] bool is_array(nb::handle value);
/// numpy.asarray(value), which runs code of the object. Error(code) where no array can be made of it.
[[nodiscard]] nb::object made_array(nb::handle value, ErrorCode code);

/// Asked before an array is copied, which may be one that stands for far more than there is of it (numpy.broadcast_to):
/// throws where so many bytes of this shape are too many for what they are to be.
using BeforeCopy = std::function<void(const Shape& shape, std::uint64_t bytes)>;
[[nodiscard]] BeforeCopy within(const Limits& limits);  ///< for pictures, (height, width …)
[[nodiscard]] BeforeCopy within(const Arena& arena);    ///< which takes no more than its capacity

/// Any array-like as a C-contiguous array, copied only where it is not one.
[[nodiscard]] PackedArray packed(nb::handle array, const BeforeCopy& check = {});
template <typename... Traits>
[[nodiscard]] Shape shape_of(const nb::ndarray<Traits...>& array) {
  std::vector<std::uint64_t> dims;
  for (std::size_t i = 0; i < array.ndim(); ++i) dims.push_back(array.shape(i));
  return Shape(std::span<const std::uint64_t>(dims));
}
/// Throws Error(dtype) for element types that vaerans does not have.
[[nodiscard]] DType dtype_of_array(const PackedArray& array);
/// "float32", also for types that vaerans does not have.
[[nodiscard]] std::string type_name(const PackedArray& array);
[[nodiscard]] std::span<const std::byte> bytes_of(const PackedArray& array);

/// A latent: (C, h, w), or one of a batch (1, C, h, w). Throws Error(dtype) for anything but float32.
struct LatentView {
  PackedArray array;
  Shape shape;
  std::span<const float> values;
};
[[nodiscard]] LatentView latent_of(nb::handle latent, const BeforeCopy& check);

[[nodiscard]] Shape shape_of(nb::handle extents);
[[nodiscard]] nb::tuple tuple_of(const Shape& shape);
[[nodiscard]] nb::tuple tuple_of(const PictureMetadata& said);  ///< (icc, exif, xmp), as bytes
/// "u8", "uint8", numpy.uint8, numpy.dtype('uint8').
[[nodiscard]] DType dtype_of(nb::handle dtype);
[[nodiscard]] nb::object numpy_dtype(DType dtype);

/// A string, or a component type (anything with a `key`); None is "".
[[nodiscard]] std::string key_of(nb::handle key);
/// One key, or a list of keys.
[[nodiscard]] std::vector<std::string> keys_of(nb::handle keys);
[[nodiscard]] Kind kind_of(std::string_view name);
[[nodiscard]] Orientation orientation_of(std::string_view name);

[[nodiscard]] ParamList params_of(const nb::dict& values);
[[nodiscard]] nb::dict dict_of(const ParamList& params);

}  // namespace vaerans::python
