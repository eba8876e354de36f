// Where an installed tree has its models, wherever it was moved to.
#pragma once

#include <string>
#include <vector>

namespace vaerans::models {

/// The folders of models that lie as an installed tree has them, seen from the program and from libvaerans.so. Empty
/// where the library is a part of another one, as of a Python module.
[[nodiscard]] std::vector<std::string> installed_model_folders();

}  // namespace vaerans::models
