// Context, Limits.
#include "core/context.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>

#include "convert.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/runtime.hpp"

namespace vaerans::python {
namespace {

OnError on_error_of(const std::string& text) {
  if (text == "raise") return OnError::raise;
  if (text == "collect") return OnError::collect;
  throw Error(ErrorCode::invalid_argument, "on_error is 'raise' or 'collect', not '" + text + "'");
}

std::string_view on_error_name(const ContextObject& c) {
  return c.context.on_error == OnError::raise ? "raise" : "collect";
}

DType policy_dtype(nb::handle dtype) {
  const DType type = python::dtype_of(dtype);
  if (type == DType::f32 || type == DType::f16) return type;
  throw Error(ErrorCode::bad_parameter, "dtype is 'f32' or 'f16', not '" + std::string(dtype_name(type)) + "'");
}

/// Several execution providers are tried in turn.
std::string device_from(nb::handle value) {
  constexpr const char* wanted = "device is a text such as 'auto', 'cpu' or 'cuda:1', or a list of execution providers";
  std::string device;
  if (nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value)) {
    for (const nb::handle one : value) device += (device.empty() ? "" : ",") + value_as<std::string>(one, wanted);
  } else {
    device = value_as<std::string>(value, wanted);
  }
  require_device(device);
  return device;
}
unsigned threads_from(nb::handle value) {
  return value_as<unsigned>(value, "threads is a whole number, 0 for as many as the machine has");
}
std::uint64_t seed_from(nb::handle value) { return value_as<std::uint64_t>(value, "seed is a whole number from 0 on"); }
OnError on_error_from(nb::handle value) {
  return on_error_of(value_as<std::string>(value, "on_error is 'raise' or 'collect'"));
}

void construct(ContextObject* self, nb::handle device, nb::handle dtype, nb::handle threads, nb::handle seed,
               nb::handle on_error, nb::handle trace, nb::handle limits) {
  const Context policy{device_from(device),     threads_from(threads), seed_from(seed),    limits_of(limits),
                       on_error_from(on_error), /*trace=*/nullptr,     policy_dtype(dtype)};
  const bool records = flag_of(trace, "trace is True or False");
  new (self) ContextObject();
  self->context = policy;
  if (records) self->context.trace = &self->records;
}

std::string repr(const ContextObject& c) {
  return "Context(device='" + c.context.device + "', dtype='" + std::string(dtype_name(c.context.dtype)) +
         "', threads=" + std::to_string(c.context.threads) + ", seed=" + std::to_string(c.context.seed) +
         ", on_error='" + std::string(on_error_name(c)) +
         "', trace=" + (c.context.trace != nullptr ? "True" : "False") + ")";
}

struct LimitField {
  const char* name;
  std::uint64_t (*get)(const Limits&);
  void (*set)(Limits&, std::uint64_t);
  const char* doc;
};

template <auto Member>
constexpr LimitField limit_field(const char* name, const char* doc) {
  return {name, [](const Limits& l) { return static_cast<std::uint64_t>(l.*Member); },
          [](Limits& l, std::uint64_t v) { l.*Member = static_cast<std::decay_t<decltype(l.*Member)>>(v); }, doc};
}

constexpr LimitField limit_fields[] = {
    limit_field<&Limits::max_pixels>("max_pixels", "Height x width of one picture."),
    limit_field<&Limits::max_side>("max_side", "Pixels in one direction."),
    limit_field<&Limits::max_channels>("max_channels", "Channels of a latent."),
    limit_field<&Limits::max_steps>("max_steps", "Steps of one recipe."),
    limit_field<&Limits::max_alphabet>("max_alphabet", "Symbols of one table."),
    limit_field<&Limits::max_file_bytes>("max_file_bytes", "Bytes of one .vrs file."),
    limit_field<&Limits::max_memory>("max_memory",
                                     "Bytes for decoding a picture or file, or for coding one row by row."),
    limit_field<&Limits::max_pixels_per_byte>(
        "max_pixels_per_byte", "Pixels of a picture for each byte of its file, beyond the first 16 megapixels."),
    limit_field<&Limits::max_batch>("max_batch", "Pictures or tiles in one run of a model."),
    limit_field<&Limits::max_run_bytes>(
        "max_run_bytes",
        "Memory of one run of a model, as reckoned from its graph; it decides how many pictures go together, and from "
        "which size on they are tiled."),
};

nb::dict dict_of(const Limits& limits) {
  nb::dict values;
  for (const LimitField& field : limit_fields) values[field.name] = field.get(limits);
  return values;
}

std::uint64_t number_for(const std::string& name, nb::handle value) {
  return value_as<std::uint64_t>(value, name + " is a whole number from 0 on");
}

void set_all(Limits& limits, const nb::kwargs& values) {
  for (const auto [name, value] : values) {
    const auto key = nb::cast<std::string>(name);
    const auto* const field = std::ranges::find_if(limit_fields, [&](const LimitField& f) { return key == f.name; });
    if (field == std::end(limit_fields)) throw Error(ErrorCode::bad_parameter, "there is no limit '" + key + "'");
    field->set(limits, number_for(field->name, value));
  }
}

std::string limits_repr(const Limits& limits) {
  std::string out;
  for (const LimitField& f : limit_fields) {
    out += (out.empty() ? "" : ", ") + std::string(f.name) + "=" + std::to_string(f.get(limits));
  }
  return "Limits(" + out + ")";
}

/// Called with keywords again: what copies and pickles are made by.
nb::tuple reduce(nb::handle self, const nb::dict& keywords) {
  const nb::object partial = nb::module_::import_("functools").attr("partial");
  return nb::make_tuple(partial(self.type(), **keywords), nb::make_tuple());
}

nb::dict keywords_of(const ContextObject& c) {
  nb::dict values;
  values["device"] = c.context.device;
  values["dtype"] = std::string(dtype_name(c.context.dtype));
  values["threads"] = c.context.threads;
  values["seed"] = c.context.seed;
  values["on_error"] = on_error_name(c);
  values["trace"] = c.context.trace != nullptr;
  values["limits"] = c.context.limits;
  return values;
}

void export_limits(nb::module_& m) {
  nb::class_<Limits> limits(m, "Limits",
                            "What a decoder accepts before it allocates anything. Raise one where your data needs it.");
  limits
      .def(
          "__init__",
          [](Limits* self, const nb::kwargs& values) {
            Limits limits;
            set_all(limits, values);
            new (self) Limits(limits);
          },
          nb::sig("def __init__(self, **values: int) -> None"), "Limits(max_side=4096): the defaults but for these.")
      .def(
          "__eq__",
          [](const Limits& a, nb::handle other) {
            Limits b;
            return nb::try_cast(other, b) && dict_of(a).equal(dict_of(b));
          },
          "other"_a.none(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__", [](const Limits& l) { return nb::hash(nb::str(limits_repr(l).c_str())); })
      .def("__reduce__", [](nb::handle self) { return reduce(self, dict_of(nb::cast<const Limits&>(self))); })
      .def("__repr__", &limits_repr);
  for (const LimitField& field : limit_fields) {
    limits.def_prop_rw(
        field.name, [get = field.get](const Limits& l) { return get(l); },
        [set = field.set, name = std::string(field.name)](Limits& l, nb::handle value) {
          set(l, number_for(name, value));
        },
        nb::for_setter(nb::arg("value").none()),
        nb::for_setter(nb::sig(("def " + std::string(field.name) + "(self, value: int) -> None").c_str())), field.doc);
  }
}

}  // namespace

Limits limits_of(nb::handle value) {
  return value.is_none() ? Limits{} : value_as<Limits>(value, "limits is Limits(...), such as Limits(max_side=4096)");
}

void export_context(nb::module_& m) {
  export_limits(m);
  nb::class_<ContextObject>(
      m, "ContextBase", "How a run is done, and the trace of what it did. A pipe copies the policy when it is made.")
      .def(
          "__init__", &construct, nb::kw_only(), "device"_a.none() = "auto", "dtype"_a.none() = "f32",
          "threads"_a.none() = 0, "seed"_a.none() = 0, "on_error"_a.none() = "raise", "trace"_a.none() = false,
          "limits"_a.none() = nb::none(),
          nb::sig("def __init__(self, *, device: str | collections.abc.Sequence[str] = 'auto', dtype: object = 'f32', "
                  "threads: int = 0, seed: int = 0, "
                  "on_error: str = 'raise', trace: bool = False, limits: Limits | None = None) -> None"),
          "device: 'auto', 'cpu' or 'cuda'; dtype: 'f16' keeps latents and coefficients between steps in half "
          "precision,\n"
          "in half the memory, while systems see float32 and files stay the same; threads: 0 for as many as the "
          "machine has; seed: for every random draw;\n"
          "on_error: 'raise', or 'collect' to let the rest of a batch go on; trace: record every step; limits: Limits.")
      .def_prop_rw(
          "device", [](const ContextObject& c) { return c.context.device; },
          [](ContextObject& c, nb::handle device) { c.context.device = device_from(device); },
          nb::for_setter(nb::arg("device").none()),
          nb::for_setter(nb::sig("def device(self, device: str | collections.abc.Sequence[str]) -> None")))
      .def_prop_rw(
          "threads", [](const ContextObject& c) { return c.context.threads; },
          [](ContextObject& c, nb::handle threads) { c.context.threads = threads_from(threads); },
          nb::for_setter(nb::arg("threads").none()), nb::for_setter(nb::sig("def threads(self, threads: int) -> None")))
      .def_prop_rw(
          "seed", [](const ContextObject& c) { return c.context.seed; },
          [](ContextObject& c, nb::handle seed) { c.context.seed = seed_from(seed); },
          nb::for_setter(nb::arg("seed").none()), nb::for_setter(nb::sig("def seed(self, seed: int) -> None")))
      .def_prop_rw(
          "dtype", [](const ContextObject& c) { return std::string(dtype_name(c.context.dtype)); },
          [](ContextObject& c, nb::handle dtype) { c.context.dtype = policy_dtype(dtype); },
          nb::for_setter(nb::arg("dtype").none()), nb::for_setter(nb::sig("def dtype(self, dtype: object) -> None")),
          "Type of latents and coefficients between steps: 'f32' or 'f16'.")
      .def_prop_rw(
          "on_error", &on_error_name,
          [](ContextObject& c, nb::handle text) { c.context.on_error = on_error_from(text); },
          nb::for_setter(nb::arg("on_error").none()),
          nb::for_setter(nb::sig("def on_error(self, on_error: str) -> None")))
      .def_prop_ro(
          "limits", [](ContextObject& c) -> Limits& { return c.context.limits; }, nb::rv_policy::reference_internal)
      .def_prop_ro("tracing", [](const ContextObject& c) { return c.context.trace != nullptr; })
      .def(
          "trace_json", [](const ContextObject& c) { return to_json(c.records); }, "The trace as JSON text.")
      .def("__copy__",
           [](nb::handle self) { return reduce(self, keywords_of(nb::cast<const ContextObject&>(self)))[0](); })
      .def(
          "__reduce__", [](nb::handle self) { return reduce(self, keywords_of(nb::cast<const ContextObject&>(self))); },
          "A copy has the same policy and an empty trace.")
      .def("__repr__", &repr)
      .def("clear_trace", [](ContextObject& c) { c.records.clear(); }, "Forgets what was recorded so far.");
}

}  // namespace vaerans::python
