// Generations of models: exported beside the models.
#pragma once

#include "bindings.hpp"

namespace vaerans::python {

void export_model_sources(nb::module_& m);
void export_transcode(nb::module_& m);

}  // namespace vaerans::python
