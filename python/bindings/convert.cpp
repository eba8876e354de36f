#include "convert.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>

#include <array>
#include <memory>
#include <tuple>
#include <utility>

#include "vaerans/api.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::python {
namespace {

using DlpackCode = nb::dlpack::dtype_code;

DlpackCode dlpack_code(DType dtype) {
  switch (dtype_name(dtype).front()) {
    case 'u': return DlpackCode::UInt;
    case 'i': return DlpackCode::Int;
    default: return DlpackCode::Float;
  }
}

nb::dlpack::dtype dlpack_dtype(DType dtype) {
  return {static_cast<std::uint8_t>(dlpack_code(dtype)), static_cast<std::uint8_t>(8 * dtype_size(dtype)), 1};
}

std::string numpy_name(nb::dlpack::dtype dtype) {
  switch (static_cast<DlpackCode>(dtype.code)) {
    case DlpackCode::UInt: return "uint" + std::to_string(dtype.bits);
    case DlpackCode::Int: return "int" + std::to_string(dtype.bits);
    case DlpackCode::Float: return "float" + std::to_string(dtype.bits);
    case DlpackCode::Bool: return "bool";
    case DlpackCode::Complex: return "complex" + std::to_string(dtype.bits);
    default: return "a type of code " + std::to_string(dtype.code);
  }
}

template <typename Array>
Array make_view(Arena& arena, const TensorRef& ref) {
  std::byte* data = arena.data(ref);
  auto mapping = std::make_unique<std::shared_ptr<void>>(arena.keep_alive());
  const nb::capsule owner(mapping.get(), [](void* p) noexcept { delete static_cast<std::shared_ptr<void>*>(p); });
  std::ignore = mapping.release();  // the capsule owns it now
  const auto dims = ref.shape().dims();
  std::array<std::size_t, Shape::max_rank> extents{};
  std::copy(dims.begin(), dims.end(), extents.begin());
  return Array(data, dims.size(), extents.data(), owner, nullptr, dlpack_dtype(ref.dtype()), nb::device::cpu::value, 0,
               'C');
}

template <typename T>
WriteArray own_vector(std::vector<T>&& values, const Shape& shape) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  T* data = kept->data();
  const nb::capsule owner(kept.get(), [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  kept.release();
  const auto dims = shape.dims();
  const std::vector<std::size_t> extents(dims.begin(), dims.end());
  return WriteArray(data, extents.size(), extents.data(), owner, nullptr, nb::dtype<T>(), nb::device::cpu::value, 0,
                    'C');
}

bool is_numpy_bool(nb::handle value) { return nb::isinstance(value, nb::module_::import_("numpy").attr("bool_")); }

bool is_true(nb::handle value) { return PyObject_IsTrue(value.ptr()) == 1; }

Kind kind_at(std::uint8_t number) { return static_cast<Kind>(number); }

}  // namespace

ReadArray read_view(Arena& arena, const TensorRef& ref) { return make_view<ReadArray>(arena, ref); }
WriteArray write_view(Arena& arena, const TensorRef& ref) { return make_view<WriteArray>(arena, ref); }

WriteArray own(std::vector<std::uint8_t>&& values, const Shape& shape) { return own_vector(std::move(values), shape); }
WriteArray own(std::vector<std::uint16_t>&& values, const Shape& shape) { return own_vector(std::move(values), shape); }
WriteArray own(std::vector<float>&& values, const Shape& shape) { return own_vector(std::move(values), shape); }
WriteArray own(std::vector<double>&& values, const Shape& shape) { return own_vector(std::move(values), shape); }

std::string printed(nb::handle value) {
  const auto text = nb::cast<nb::bytes>(nb::str(value).attr("encode")("utf-8", "backslashreplace"));
  return {text.c_str(), text.size()};
}

nb::str shown(std::string_view text) {
  return nb::steal<nb::str>(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
}

void refuse_value(std::string_view wanted, nb::handle value) {
  const std::string text = printed(nb::repr(value));
  const bool is_long = text.size() > 60;
  throw Error(ErrorCode::bad_parameter,
              std::string(wanted) + ", not " +
                  (is_long ? "this " + nb::cast<std::string>(value.type().attr("__name__")) : text));
}

bool flag_of(nb::handle value, std::string_view wanted) {
  return is_numpy_bool(value) ? is_true(value) : value_as<bool>(value, wanted);
}

bool is_one_number(nb::handle value) {
  if (PyIndex_Check(value.ptr()) == 0) return false;
  if (PyObject_Size(value.ptr()) >= 0) return false;
  PyErr_Clear();  // it has no length
  return true;
}

bool is_array(nb::handle value) {
  return nb::isinstance(value, nb::module_::import_("numpy").attr("ndarray")) || nb::hasattr(value, "__dlpack__");
}

nb::object made_array(nb::handle value, ErrorCode code) {
  try {
    return nb::module_::import_("numpy").attr("asarray")(value);
  } catch (const nb::python_error& raised) {
    if (!raised.matches(PyExc_Exception)) throw;
    throw Error(code, "no array can be made of this " + nb::cast<std::string>(value.type().attr("__name__")) + ": " +
                          printed(raised.value()));
  }
}

BeforeCopy within(const Limits& limits) {
  return [limits](const Shape& shape, std::uint64_t) { require_extents(shape[0], shape[1], limits); };
}

BeforeCopy within(const Arena& arena) {
  return [&arena](const Shape&, std::uint64_t bytes) {
    if (bytes > arena.capacity()) throw ArenaFull(bytes, arena.left(), arena.capacity());
  };
}

PackedArray packed(nb::handle array, const BeforeCopy& check) {
  PackedArray view;
  const nb::object made = is_array(array) ? nb::borrow(array) : made_array(array, ErrorCode::bad_parameter);
  nb::ndarray<nb::ro, nb::device::cpu> as_it_is;
  if (check && nb::try_cast(made, as_it_is)) check(shape_of(as_it_is), as_it_is.nbytes());
  if (!nb::try_cast(made, view)) refuse_value("an array is one of numbers, in the CPU's memory", array);
  return view;
}

std::string type_name(const PackedArray& array) { return numpy_name(array.dtype()); }

DType dtype_of_array(const PackedArray& array) { return parse_dtype(numpy_name(array.dtype())); }

std::span<const std::byte> bytes_of(const PackedArray& array) {
  return {static_cast<const std::byte*>(array.data()), array.nbytes()};
}

LatentView latent_of(nb::handle latent, const BeforeCopy& check) {
  LatentView view{packed(latent, check), {}, {}};
  if (view.array.dtype() != nb::dtype<float>()) {
    throw Error(ErrorCode::dtype, "a latent has elements of type float32, not " + numpy_name(view.array.dtype()) +
                                      "; convert it: array.astype('float32')");
  }
  view.shape = shape_of(view.array);
  if (view.shape.rank() == 4 && view.shape[0] == 1) view.shape = view.shape.item();
  view.values = {static_cast<const float*>(view.array.data()), view.array.size()};
  return view;
}

Shape shape_of(nb::handle extents) {
  constexpr std::string_view wanted = "a shape is whole numbers from 0 on, such as (2, 3)";
  std::vector<std::uint64_t> dims;
  if (is_one_number(extents)) return {value_as<std::uint64_t>(extents, wanted)};
  if (nb::isinstance<nb::str>(extents) || !nb::hasattr(extents, "__iter__")) refuse_value(wanted, extents);
  for (const nb::handle extent : extents) {
    if (std::int64_t whole = 0; nb::try_cast(extent, whole) && whole < 0) {
      throw Error(ErrorCode::shape, "an extent of a shape is negative");
    }
    dims.push_back(value_as<std::uint64_t>(extent, wanted));
  }
  return Shape(std::span<const std::uint64_t>(dims));
}

nb::tuple tuple_of(const PictureMetadata& said) {
  const auto bytes = [](const Bytes& b) { return nb::bytes(b.data(), b.size()); };
  return nb::make_tuple(bytes(said.icc), bytes(said.exif), bytes(said.xmp));
}

nb::tuple tuple_of(const Shape& shape) {
  nb::list extents;
  for (const auto extent : shape.dims()) extents.append(extent);
  return nb::tuple(extents);
}

DType dtype_of(nb::handle dtype) {
  const auto named = [](nb::handle one) { return parse_dtype(printed(one)); };
  const auto of_numpy = [&] { return named(nb::module_::import_("numpy").attr("dtype")(dtype).attr("name")); };
  if (dtype.is_none()) return named(dtype);  // which NumPy takes for float64
  try {
    // First: u8 is a byte here, and eight of them for NumPy.
    return nb::isinstance<nb::str>(dtype) ? named(dtype) : of_numpy();
  } catch (const Error& unknown) {
    try {
      return of_numpy();  // such as f4, <u2
    } catch (const nb::python_error&) {
      throw unknown;
    }
  } catch (const nb::python_error&) {
    return named(dtype);  // which is none, and says so
  }
}

nb::object numpy_dtype(DType dtype) {
  return nb::module_::import_("numpy").attr("dtype")(numpy_name(dlpack_dtype(dtype)));
}

std::string key_of(nb::handle key) {
  if (key.is_none()) return {};
  constexpr std::string_view wanted = "a key is a string such as 'RGB' or a component type such as components.RGB";
  if (nb::isinstance<nb::str>(key)) return value_as<std::string>(key, wanted);
  if (nb::hasattr(key, "key")) return value_as<std::string>(key.attr("key"), wanted);
  throw Error(ErrorCode::invalid_argument, std::string(wanted));
}

std::vector<std::string> keys_of(nb::handle keys) {
  if (nb::isinstance<nb::str>(keys) || nb::hasattr(keys, "key")) return {key_of(keys)};
  if (!nb::hasattr(keys, "__iter__")) return {key_of(keys)};  // which refuses it
  std::vector<std::string> out;
  for (const nb::handle key : keys) out.push_back(key_of(key));
  return out;
}

Kind kind_of(std::string_view name) {
  std::string known;
  for (std::uint8_t i = 0; kind_name(kind_at(i)) != "unknown"; ++i) {
    if (kind_name(kind_at(i)) == name) return kind_at(i);
    known += (known.empty() ? "" : ", ") + std::string(kind_name(kind_at(i)));
  }
  throw Error(ErrorCode::invalid_argument, "'" + std::string(name) + "' is no kind of component; there are " + known);
}

Orientation orientation_of(std::string_view name) {
  for (const auto band : {Orientation::LL, Orientation::HL, Orientation::LH, Orientation::HH}) {
    if (orientation_name(band) == name) return band;
  }
  throw Error(ErrorCode::invalid_argument, "'" + std::string(name) + "' is no band; there are LL, HL, LH, HH");
}

ParamList params_of(const nb::dict& values) {
  ParamList params;
  for (const auto [name, value] : values) {
    const auto key = value_as<std::string>(name, "the name of a parameter is a text");
    ParamValue parsed;
    if (is_numpy_bool(value)) {
      parsed = is_true(value);  // a cast would make a number of it
    } else if (nb::isinstance<nb::str>(value)) {
      parsed = value_as<std::string>(value, "parameter '" + key + "' is a text of characters");
    } else if (!nb::try_cast(value, parsed)) {
      throw Error(ErrorCode::bad_parameter, "parameter '" + key + "' must be a bool, an int, a float or a string");
    }
    params.emplace_back(key, std::move(parsed));
  }
  return params;
}

nb::dict dict_of(const ParamList& params) {
  nb::dict values;
  for (const auto& [name, value] : params) values[name.c_str()] = nb::cast(value);
  return values;
}

}  // namespace vaerans::python
