#include "paths.hpp"

namespace vaerans::python {

std::string path_of(nb::handle value, std::string_view argument) {
  const nb::object asked = nb::module_::import_("vaerans_ecs._values").attr("given_path");
  return nb::cast<PathText>(asked(nb::str(argument.data(), argument.size()), value)).bytes;
}

}  // namespace vaerans::python
