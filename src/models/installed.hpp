// Where an installed tree has its models, wherever it was moved to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vaerans::models {

/// The folders of models that lie as an installed tree has them, seen from the program and from libvaerans.so. Empty
/// where the library is a part of another one, as of a Python module.
[[nodiscard]] std::vector<std::string> installed_model_folders();

/// Where the models may be, seen from a header of this library: as an installed tree has them, and as the sources do.
[[nodiscard]] std::vector<std::string> model_folders_beside(std::string_view header);

}  // namespace vaerans::models
