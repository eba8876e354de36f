// Models and the ONNX Runtime library.
#include "vaerans/models.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "convert.hpp"
#include "models/model_sources.hpp"
#include "paths.hpp"

namespace vaerans::python {
namespace {

void export_info(nb::module_& m) {
  nb::class_<ModelInfo>(m, "ModelInfo", "A model folder: encoder.onnx and/or decoder.onnx with a model.json card.")
      .def_ro("name", &ModelInfo::name)
      .def_prop_ro("folder", [](const ModelInfo& i) { return PathText{i.folder}; })
      .def_ro("description", &ModelInfo::description)
      .def_ro("licence", &ModelInfo::licence)
      .def_ro("revision", &ModelInfo::revision)
      .def_ro("repository", &ModelInfo::repository, "'org/name' on the Hugging Face hub, where it is known.")
      .def_ro("latent_channels", &ModelInfo::latent_channels)
      .def_ro("factor", &ModelInfo::factor, "Pixels per latent sample in each direction.")
      .def_ro("pixel_low", &ModelInfo::pixel_low, "What 0 maps to.")
      .def_ro("pixel_high", &ModelInfo::pixel_high, "What 255 maps to.")
      .def_ro("scaling", &ModelInfo::scaling, "latent = (encoder output - shift) * scaling.")
      .def_ro("shift", &ModelInfo::shift)
      .def_ro("latents_mean", &ModelInfo::latents_mean,
              "For each channel, or empty: latent = (encoder output - shift - mean) * scaling / std.")
      .def_ro("latents_std", &ModelInfo::latents_std)
      .def_ro("latent_std", &ModelInfo::latent_std, "Standard deviation of a photo's latents.")
      .def_prop_ro("encoder_path", [](const ModelInfo& i) { return PathText{i.encoder_path}; })
      .def_prop_ro("decoder_path", [](const ModelInfo& i) { return PathText{i.decoder_path}; })
      .def_prop_ro(
          "gradient_path", [](const ModelInfo& i) { return PathText{i.gradient_path}; },
          "The decoder's gradient graph, by which efforts above 5 refine latents, or ''.")
      .def_ro("encoder_kind", &ModelInfo::encoder_kind, "'mean' or 'moments'.")
      .def_ro("exact_decoder", &ModelInfo::exact_decoder, "Whether the decoder gives the same pixels on every machine.")
      .def_ro("default_recipe", &ModelInfo::default_recipe, "The chain that compress() runs by default.")
      .def_ro("hash", &ModelInfo::hash, "64 hex digits that files refer to.")
      .def_ro("card_json", &ModelInfo::card_json)
      .def("__repr__", [](const ModelInfo& i) {
        return shown("ModelInfo('" + i.name + "', " + (i.folder.empty() ? "registered by this process" : i.folder) +
                     ")");
      });
}

std::vector<BrokenModel> list_broken_models() {
  std::vector<BrokenModel> broken;
  (void)list_models(&broken);
  return broken;
}

void export_reports(nb::module_& m) {
  nb::class_<BrokenModel>(m, "BrokenModel", "A model on the path that list_models() leaves out.")
      .def_prop_ro("name", [](const BrokenModel& b) { return PathText{b.name}; })
      .def_prop_ro(
          "problem", [](const BrokenModel& b) { return shown(b.problem); }, "What find_model() says of it.")
      .def("__repr__", [](const BrokenModel& b) { return shown(b.name + ": " + b.problem); });
  nb::class_<ModelCheck>(m, "ModelCheck", "One thing that verify_model looked at.")
      .def_ro("what", &ModelCheck::what)
      .def_ro("passed", &ModelCheck::passed)
      .def_prop_ro(
          "detail", [](const ModelCheck& c) { return shown(c.detail); },
          "What was measured and, if it did not pass, what to do.")
      .def("__repr__",
           [](const ModelCheck& c) { return shown(c.what + (c.passed ? " ok: " : " WRONG: ") + c.detail); });
  nb::class_<ModelReport>(m, "ModelReport", "What verify_model found.")
      .def_ro("model", &ModelReport::model)
      .def_ro("checks", &ModelReport::checks)
      .def_ro("psnr_db", &ModelReport::psnr_db, "PSNR of a built-in picture after encoder and decoder.")
      .def_ro("latent_std", &ModelReport::latent_std, "Standard deviation of the same picture's latents.")
      .def_prop_ro("passed", &ModelReport::passed)
      .def("__repr__", [](const ModelReport& r) {
        return "ModelReport('" + r.model.name + (r.passed() ? "', passed)" : "', WRONG)");
      });
  nb::class_<RuntimeInfo>(m, "RuntimeInfo", "Where the ONNX Runtime library was found.")
      .def_prop_ro("library", [](const RuntimeInfo& i) { return PathText{i.library}; })
      .def_ro("version", &RuntimeInfo::version)
      .def_ro("providers", &RuntimeInfo::providers)
      .def("__repr__", [](const RuntimeInfo& i) { return shown("RuntimeInfo(" + i.version + ", " + i.library + ")"); });
}

}  // namespace

void export_models(nb::module_& m) {
  m.attr("DEFAULT_MODEL") = std::string(default_model);
  m.attr("QUICK_MODEL") = std::string(quick_model);
  export_info(m);
  export_reports(m);
  export_model_sources(m);
  export_transcode(m);
  m.def(
      "find_model", [](nb::handle name) { return find_model(path_of(name, "name")); }, "name"_a.none(),
      nb::sig("def find_model(name: str | os.PathLike[str]) -> ModelInfo"),
      "A model by name (the newest generation), NAME@HASH (the one whose hash begins so), folder, or 'org/name' in the "
      "Hugging Face cache. Looks in VAERANS_MODEL_PATH, the user's data\n"
      "folder, what packages added, and that cache. Raises ModelNotFound, which lists what is there; ModelInvalid.");
  m.def(
      "add_model",
      [](nb::handle model, nb::handle name) {
        const std::string source = path_of(model, "model"), as = value_as<std::string>(name, "name is a text");
        const nb::gil_scoped_release no_gil;
        return add_model(source, as);
      },
      "model"_a.none(), "name"_a.none() = "",
      nb::sig("def add_model(model: str | os.PathLike[str], name: str = '') -> ModelInfo"),
      "Copies a model (name, folder, or repository in the cache) that passes verify_model into the user's data "
      "folder.");
  m.def(
      "remove_model", [](nb::handle name) { remove_model(path_of(name, "name")); }, "name"_a.none(),
      nb::sig("def remove_model(name: str | os.PathLike[str]) -> None"),
      "Removes a model from the user's data folder; models elsewhere are left alone.");
  m.def(
      "verify_model",
      [](nb::handle model) {
        const std::string name = path_of(model, "model");
        const nb::gil_scoped_release no_gil;
        return verify_model(name);
      },
      "model"_a.none(), nb::sig("def verify_model(model: str | os.PathLike[str]) -> ModelReport"),
      "Runs a model on a built-in picture and judges sizes, pixel range, fidelity and scaling.");
  m.def(
      "model_name_of",
      [](nb::handle repository) {
        return model_name_of(value_as<std::string>(repository, "repository is a text such as 'org/name'"));
      },
      "repository"_a.none(), nb::sig("def model_name_of(repository: str) -> str"),
      "The name that the model of a repository ('org/name') has here.");
  m.def(
      "list_models", [] { return list_models(); },
      "All models on the path; the first of a name wins. Broken ones are left out: list_broken_models() has them.");
  m.def("list_broken_models", &list_broken_models,
        "The models on the path that cannot be used, each with its problem.");
  m.def(
      "add_model_path", [](nb::handle folder) { add_model_path(path_of(folder, "folder")); }, "folder"_a.none(),
      nb::sig("def add_model_path(folder: str | os.PathLike[str]) -> None"),
      "Adds a folder of model folders, looked at before the installed ones.");
  m.def("model_paths", [] { return path_texts(model_paths()); }, "The folders that are looked at, in order.");
  m.def("runtime_info", &runtime_info, nb::call_guard<nb::gil_scoped_release>(),
        "Loads ONNX Runtime and says which. Raises RuntimeNotFound with what was tried.");
  m.def(
      "set_runtime_library", [](nb::handle path) { set_runtime_library(path_of(path, "path")); }, "path"_a.none(),
      nb::sig("def set_runtime_library(path: str | os.PathLike[str]) -> None"),
      "Uses this library file if none has been loaded yet.");
  m.def(
      "add_runtime_candidate", [](nb::handle path) { add_runtime_candidate(path_of(path, "path")); }, "path"_a.none(),
      nb::sig("def add_runtime_candidate(path: str | os.PathLike[str]) -> None"),
      "A library to try after VAERANS_ORT_LIBRARY.");
}

}  // namespace vaerans::python
