// One export_<topic>() per file of this folder; module.cpp calls them all.
#pragma once

#include <nanobind/nanobind.h>

namespace vaerans::python {

namespace nb = nanobind;
using namespace nanobind::literals;

void export_error(nb::module_& m);
void export_tensor(nb::module_& m);
void export_component(nb::module_& m);
void export_stream(nb::module_& m);
void export_context(nb::module_& m);
void export_world(nb::module_& m);
void export_system(nb::module_& m);
void export_group(nb::module_& m);
void export_registry(nb::module_& m);
void export_pipeline(nb::module_& m);
void export_models(nb::module_& m);
void export_model_backend(nb::module_& m);
void export_format(nb::module_& m);
void export_api(nb::module_& m);
void export_rows(nb::module_& m);
void export_palette(nb::module_& m);
void export_blob(nb::module_& m);
void export_store(nb::module_& m);

/// Lets go of the models that Python registered: their functions must not outlive the interpreter.
void unregister_models();

}  // namespace vaerans::python
