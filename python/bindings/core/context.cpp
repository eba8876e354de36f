// Context, Limits.
#include "core/context.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <optional>
#include <string>
#include <string_view>

#include "vaerans/base/error.hpp"

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

void construct(ContextObject* self, const std::string& device, unsigned threads, std::uint64_t seed,
               const std::string& on_error, bool trace, const std::optional<Limits>& limits) {
  const OnError policy = on_error_of(on_error);
  new (self) ContextObject();
  self->context = {device, threads, seed, limits.value_or(Limits{}), policy, trace ? &self->records : nullptr};
}

void export_limits(nb::module_& m) {
  nb::class_<Limits>(m, "Limits",
                     "What a decoder accepts before it allocates anything. Raise one where your data needs it.")
      .def(nb::init<>())
      .def_rw("max_pixels", &Limits::max_pixels, "Height x width of one picture.")
      .def_rw("max_side", &Limits::max_side, "Pixels in one direction.")
      .def_rw("max_pixels_per_byte", &Limits::max_pixels_per_byte,
              "Pixels of a picture for each byte of its file, beyond the first 16 megapixels.")
      .def_rw("max_channels", &Limits::max_channels, "Channels of a latent.")
      .def_rw("max_steps", &Limits::max_steps, "Steps of one recipe.")
      .def_rw("max_alphabet", &Limits::max_alphabet, "Symbols of one table.")
      .def_rw("max_file_bytes", &Limits::max_file_bytes, "Bytes of one .vrs file.")
      .def_rw("max_batch", &Limits::max_batch, "Pictures or tiles in one run of a model.")
      .def_rw("max_run_bytes", &Limits::max_run_bytes,
              "Memory of one run of a model, as reckoned from its graph; it decides how many pictures go together, and "
              "from which size on they are tiled.");
}

}  // namespace

void export_context(nb::module_& m) {
  export_limits(m);
  nb::class_<ContextObject>(
      m, "ContextBase", "How a run is done, and the trace of what it did. A pipe copies the policy when it is made.")
      .def(
          "__init__", &construct, nb::kw_only(), "device"_a = "auto", "threads"_a = 0, "seed"_a = 0,
          "on_error"_a = "raise", "trace"_a = false, "limits"_a.none() = nb::none(),
          "device: 'auto', 'cpu' or 'cuda'; threads: 0 for as many as the machine has; seed: for every random draw;\n"
          "on_error: 'raise', or 'collect' to let the rest of a batch go on; trace: record every step; limits: Limits.")
      .def_prop_rw(
          "device", [](const ContextObject& c) { return c.context.device; },
          [](ContextObject& c, const std::string& device) { c.context.device = device; })
      .def_prop_rw(
          "threads", [](const ContextObject& c) { return c.context.threads; },
          [](ContextObject& c, unsigned threads) { c.context.threads = threads; })
      .def_prop_rw(
          "seed", [](const ContextObject& c) { return c.context.seed; },
          [](ContextObject& c, std::uint64_t seed) { c.context.seed = seed; })
      .def_prop_rw(
          "dtype", [](const ContextObject& c) { return std::string(dtype_name(c.context.dtype)); },
          [](ContextObject& c, const std::string& name) { c.context.dtype = parse_dtype(name); },
          "Type of latents and coefficients; runs refuse anything but 'f32' in this version.")
      .def_prop_rw("on_error", &on_error_name,
                   [](ContextObject& c, const std::string& text) { c.context.on_error = on_error_of(text); })
      .def_prop_ro(
          "limits", [](ContextObject& c) -> Limits& { return c.context.limits; }, nb::rv_policy::reference_internal)
      .def_prop_ro("tracing", [](const ContextObject& c) { return c.context.trace != nullptr; })
      .def(
          "trace_json", [](const ContextObject& c) { return to_json(c.records); }, "The trace as JSON text.")
      .def("clear_trace", [](ContextObject& c) { c.records.clear(); }, "Forgets what was recorded so far.");
}

}  // namespace vaerans::python
