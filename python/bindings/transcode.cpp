// From an old generation of a model to a new one.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>

#include <utility>

#include "convert.hpp"
#include "core/context.hpp"
#include "models/model_sources.hpp"
#include "paths.hpp"
#include "vaerans/transcode.hpp"

namespace vaerans::python {
namespace {

/// The file, and how it was made.
std::pair<nb::bytes, std::string> transcode_one(const nb::bytes& data, const PathText& model, bool lossy,
                                                std::optional<double> quality, const ContextPtr& context) {
  const Context policy = context_of(context);
  const std::span<const std::uint8_t> file = span_of(data);
  Transcoded made;
  {
    const nb::gil_scoped_release no_gil;
    made = transcode(file, {model.bytes, lossy, quality}, policy);
  }
  return {nb::bytes(made.file.data(), made.file.size()), std::string(transcoding_name(made.how))};
}

}  // namespace

void export_transcode(nb::module_& m) {
  m.def("transcode", &transcode_one, "data"_a, "model"_a, "lossy"_a, "quality"_a.none(), "context"_a.none());
}

}  // namespace vaerans::python
