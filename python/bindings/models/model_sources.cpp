// Generations of models: fetching and comparing.
#include "models/model_sources.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "convert.hpp"
#include "paths.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/model_sources.hpp"

namespace vaerans::python {
namespace {

/// What a function of Python raises for a server or file that fails is the failure of one source; the rest ends the
/// call.
Download download_by(const nb::callable& function) {
  return [function](const std::string& url, const std::string& path, std::uint64_t most) {
    const nb::gil_scoped_acquire gil;
    try {
      function(PathText{url}, PathText{path}, most);
    } catch (nb::python_error& error) {
      if (!error.matches(PyExc_OSError)) throw;
      throw Error(ErrorCode::io, url + ": " + printed(error.value()));
    }
  };
}

ModelInfo fetch(const std::string& hash, std::vector<PathText> sources, bool encoder, const nb::callable& download) {
  FetchOptions options{{}, encoder, download_by(download)};
  for (auto& source : sources) options.sources.push_back(std::move(source.bytes));
  const nb::gil_scoped_release released;
  return fetch_model(hash, options);
}

void export_generations(nb::module_& m) {
  nb::class_<ModelGeneration>(m, "ModelGeneration",
                              "A model's weights as they lie in a folder, as its card states them.")
      .def_ro("name", &ModelGeneration::name)
      .def_ro("revision", &ModelGeneration::revision)
      .def_ro("hash", &ModelGeneration::hash, "64 hex digits that files refer to.")
      .def_prop_ro("folder", [](const ModelGeneration& g) { return PathText{g.folder}; })
      .def_ro("encodes", &ModelGeneration::encodes, "Whether the encoder lies there, too.")
      .def_ro("newest", &ModelGeneration::newest, "Whether the name means this one.")
      .def("__repr__", [](const ModelGeneration& g) {
        return shown("ModelGeneration('" + g.name + "@" + g.hash.substr(0, 16) + "', " + g.folder + ")");
      });
  m.def(
      "list_generations", [] { return list_generations(); },
      "All models on the path that have cards: those of before (folders `released`) and of equal names included.");
}

}  // namespace

void export_model_sources(nb::module_& m) {
  export_generations(m);
  nb::class_<ModelDifference>(m, "ModelDifference", "Something that two models do not have in common.")
      .def_ro("field", &ModelDifference::field,
              "A field of the card ('measured.psnr_unquantised_db'), 'hash', 'bytes.decoder'.")
      .def_ro("a", &ModelDifference::a, "As JSON; empty where the model does not have it.")
      .def_ro("b", &ModelDifference::b)
      .def("__repr__", [](const ModelDifference& d) { return d.field + ": " + d.a + " -> " + d.b; });
  m.def("_fetch_model", &fetch, "hash"_a, "sources"_a, "encoder"_a, "download"_a);
  m.def(
      "model_sources", [] { return path_texts(model_sources()); },
      "Where fetch_model() looks by default: VAERANS_MODEL_SOURCES, separated by ';'.");
  m.def(
      "write_model_list", [](nb::handle folder) { return write_model_list(path_of(folder, "folder")); },
      "folder"_a.none(), nb::sig("def write_model_list(folder: str | os.PathLike[str]) -> int"),
      "Writes FOLDER/models.json, by which fetch_model() finds the folder's models on the web. Returns how many.");
  m.def(
      "diff_models", [](nb::handle a, nb::handle b) { return diff_models(path_of(a, "a"), path_of(b, "b")); },
      "a"_a.none(), "b"_a.none(),
      nb::sig("def diff_models(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> list[ModelDifference]"),
      "What two models (name, NAME@HASH, folder) differ in: hashes, sizes, and what their cards say.");
}

}  // namespace vaerans::python
