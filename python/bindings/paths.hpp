// Paths as Python has them: a text in which bytes that are no UTF-8 stand as surrogates (os.fsdecode).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings.hpp"

namespace vaerans::python {

/// A path, or the name of a model, which may be one: a str in Python, and the bytes of os.fsencode() here.
struct PathText {
  std::string bytes;
};

/// What a caller gives as a path or the name of a model: a str or os.PathLike. Throws BadParameter of Python for all
/// else, None among it, and for a NUL in it, by the name of the argument.
[[nodiscard]] std::string path_of(nb::handle value, std::string_view argument);

[[nodiscard]] inline std::vector<PathText> path_texts(std::vector<std::string>&& paths) {
  std::vector<PathText> out;
  for (auto& path : paths) out.push_back({std::move(path)});
  return out;
}

}  // namespace vaerans::python

namespace nanobind::detail {

template <>
struct type_caster<vaerans::python::PathText> {
  NB_TYPE_CASTER(vaerans::python::PathText, const_name("str"))

  bool from_python(handle source, std::uint32_t, cleanup_list*) noexcept {
    PyObject* const encoded = PyUnicode_Check(source.ptr()) != 0 ? PyUnicode_EncodeFSDefault(source.ptr()) : nullptr;
    if (encoded == nullptr) {
      PyErr_Clear();  // no text, or one with surrogates that stand for no byte
      return false;
    }
    value.bytes.assign(PyBytes_AS_STRING(encoded), static_cast<std::size_t>(PyBytes_GET_SIZE(encoded)));
    Py_DECREF(encoded);
    return value.bytes.find('\0') == std::string::npos;  // the system's functions would take it for the end
  }

  static handle from_cpp(const vaerans::python::PathText& path, rv_policy, cleanup_list*) noexcept {
    return PyUnicode_DecodeFSDefaultAndSize(path.bytes.data(), static_cast<Py_ssize_t>(path.bytes.size()));
  }
};

}  // namespace nanobind::detail
