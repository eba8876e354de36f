// Models that live in this process; the public face is vaerans/model_backend.hpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.hpp"

namespace vaerans::models {

/// nullptr where no such model is registered.
[[nodiscard]] std::shared_ptr<const Model> find_registered(std::string_view name);

[[nodiscard]] std::vector<std::string> registered_names();

}  // namespace vaerans::models
