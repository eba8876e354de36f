// The native half of the package vaerans_ecs: a thin door to the C++ library.
#include "bindings.hpp"
#include "vaerans/version.hpp"

// NOLINTNEXTLINE(misc-use-anonymous-namespace): the macro's own words
NB_MODULE(_vaerans, m) {
  using namespace vaerans::python;
  m.doc() = "Native half of vaerans_ecs. Use the names that the package exports; this module may change.";
  m.attr("__version__") = vaerans::version_string;
  // A world or pipe that is still a global when the interpreter ends may no longer drop what it holds; the process is
  // about to end, so that is no leak that anybody could mend.
  nb::set_leak_warnings(false);
  export_error(m);
  export_tensor(m);
  export_component(m);
  export_stream(m);
  export_context(m);
  export_system(m);
  export_registry(m);
  export_group(m);
  export_pipeline(m);
  export_world(m);
  export_models(m);
  export_model_backend(m);
  export_format(m);
  export_api(m);
  export_rows(m);
  export_palette(m);
  export_blob(m);
  export_store(m);
}
