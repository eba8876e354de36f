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

/// The first whose hash begins so; nullptr where there is none.
[[nodiscard]] std::shared_ptr<const Model> find_registered_by_hash(std::string_view hash);

[[nodiscard]] std::vector<std::string> registered_names();

}  // namespace vaerans::models
